//! Which events an endpoint asks for.

use std::collections::BTreeSet;

/// The events an endpoint is told of: 1 to 50 public names, or `prefix.*` for all whose names begin so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilters(BTreeSet<String>);

/// A name that no event has, or a prefix that none begins with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no event{}", advice(.near))]
pub struct UnknownEvent {
    /// Names that look alike, the nearest first, at most three.
    pub near: Vec<String>,
}

fn advice(near: &[String]) -> String {
    match near {
        [] => "; take names from the list of events, or a prefix such as membership.*".to_owned(),
        near => format!("; do you mean {}?", near.join(" or ")),
    }
}

impl EventFilters {
    /// The most of them.
    pub const MOST: usize = 50;

    /// For the catalogue, which has checked each, and for storage, which gives back what was checked.
    pub fn assume(filters: impl IntoIterator<Item = String>) -> Self {
        Self(filters.into_iter().collect())
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether the endpoint is told of the event with this name.
    pub fn ask_for(&self, name: &str) -> bool {
        self.0.iter().any(|filter| matches(filter, name))
    }
}

/// Whether the filter is the name, or its prefix up to a dot.
pub(crate) fn matches(filter: &str, name: &str) -> bool {
    match filter.strip_suffix('*') {
        Some(prefix) => prefix.ends_with('.') && name.starts_with(prefix),
        None => filter == name,
    }
}

/// The filters that look most like what was given, of which a third at most is another.
pub(crate) fn near<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut near: Vec<(usize, &str)> = known.map(|name| (distance(given, name), name)).collect();
    near.retain(|(distance, name)| distance * 3 <= name.len());
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// How many letters must be put in, taken out or changed (Levenshtein 1966). Both texts are short.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (at, compared) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *compared);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_dot() {
        let filters = EventFilters::assume(["membership.*", "api_key.created"].map(str::to_owned));
        for asked in ["membership.joined", "api_key.created"] {
            assert!(filters.ask_for(asked), "{asked}");
        }
        for other in ["membership", "memberships.joined", "api_key.revoked", "ping"] {
            assert!(!filters.ask_for(other), "{other}");
        }
        assert!(!matches("*", "membership.joined") && !matches("member*", "membership.joined"));
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        for (one, other, expected) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("flaw", "lawn", 2)]
        {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{one} {other}");
        }
    }
}
