//! The public events there are.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Domain, PublicEvent};

use crate::{
    event::PING,
    event_filter::{EventFilters, UnknownEvent, matches, near},
    refusal::Fault,
};

/// All public events of an installation: those that its domains declare.
#[derive(Debug, Clone)]
pub struct EventCatalogue {
    by_name: BTreeMap<&'static str, PublicEvent>,
    /// The actions behind them, and that of [`PING`].
    topics: &'static [&'static str],
}

impl EventCatalogue {
    /// What these domains declare. Made once in the life of a process, which keeps the list of topics to its end.
    pub fn of(domains: &[&Domain]) -> Self {
        let events = domains.iter().flat_map(|domain| domain.events).copied();
        let by_name: BTreeMap<_, _> = events.map(|event| (event.name, event)).collect();
        let actions = by_name.values().map(|event| event.action).chain([PING.action]);
        let topics: BTreeSet<&'static str> = actions.collect();
        Self { by_name, topics: Vec::from_iter(topics).leak() }
    }

    /// Each of them, by name; [`PING`], for which nobody asks, is none of them.
    pub fn events(&self) -> impl Iterator<Item = &PublicEvent> {
        self.by_name.values()
    }

    /// The prefixes under which some of them are asked for, such as `membership.*`.
    pub fn prefixes(&self) -> BTreeSet<String> {
        self.by_name.keys().flat_map(|name| prefixes(name)).collect()
    }

    /// The topics of the outbox they come from.
    pub(crate) fn topics(&self) -> &'static [&'static str] {
        self.topics
    }

    /// The event that an action is told as.
    pub(crate) fn of_action(&self, action: &str) -> Option<&PublicEvent> {
        self.events().find(|event| event.action == action)
    }

    /// Which events an endpoint asks for, or each fault with its place among them, as a JSON Pointer.
    pub(crate) fn filters(&self, wanted: &[String]) -> Result<EventFilters, Vec<Fault>> {
        let filters = EventFilters::assume(wanted.iter().cloned());
        if filters.iter().next().is_none() || filters.iter().count() > EventFilters::MOST {
            let detail = format!("must name 1 to {} events", EventFilters::MOST);
            return Err(vec![Fault::new("/events", &detail)]);
        }
        let unknown = wanted.iter().enumerate().filter(|(_, filter)| !self.knows(filter));
        let faults = unknown.map(|(at, filter)| Fault::new(format!("/events/{at}"), &self.unknown(filter)));
        let faults: Vec<Fault> = faults.collect();
        if faults.is_empty() { Ok(filters) } else { Err(faults) }
    }

    fn knows(&self, filter: &str) -> bool {
        self.by_name.keys().any(|name| matches(filter, name))
    }

    fn unknown(&self, filter: &str) -> UnknownEvent {
        let is_prefix = filter.ends_with('*');
        let near = if is_prefix {
            near(filter, self.prefixes().iter().map(String::as_str))
        } else {
            near(filter, self.by_name.keys().copied())
        };
        UnknownEvent { near }
    }
}

/// The prefixes under which a name is asked for: `a.*` and `a.b.*` of `a.b.c`.
fn prefixes(name: &str) -> impl Iterator<Item = String> {
    name.match_indices('.').map(|(at, _)| format!("{}.*", &name[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::catalogue;

    fn filters(wanted: &[&str]) -> Result<EventFilters, Vec<(String, String)>> {
        let wanted: Vec<String> = wanted.iter().map(|filter| (*filter).to_owned()).collect();
        let told =
            |faults: Vec<Fault>| faults.into_iter().map(|fault| (fault.pointer, fault.detail)).collect();
        catalogue().filters(&wanted).map_err(told)
    }

    #[test]
    fn an_endpoint_asks_for_events_there_are() {
        let found = filters(&["membership.*", "campaign.closed", "campaign.closed"]).unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), ["campaign.closed", "membership.*"]);
        let many: Vec<String> = (0..51).map(|number| format!("event.of{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for wrong in [&[][..], &many] {
            assert_eq!(
                filters(wrong).unwrap_err(),
                [("/events".to_owned(), "must name 1 to 50 events".to_owned())]
            );
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_those_that_look_alike() {
        let told =
            filters(&["membership.*", "membership.join", "memberships.*", "*", "nothing"]).unwrap_err();
        let expected = [
            ("/events/1", "is no event; do you mean membership.joined?"),
            ("/events/2", "is no event; do you mean membership.*?"),
            (
                "/events/3",
                "is no event; take names from the list of events, or a prefix such as membership.*",
            ),
            (
                "/events/4",
                "is no event; take names from the list of events, or a prefix such as membership.*",
            ),
        ];
        assert_eq!(told, expected.map(|(pointer, detail)| (pointer.to_owned(), detail.to_owned())));
        assert!(filters(&["ping"]).is_err(), "a ping is sent to whom it is for");
    }
}
