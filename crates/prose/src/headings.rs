//! The headings a format knows.

use crate::text::did_you_mean;

/// The sections a format knows, by their headings of level 2.
pub trait Section: Copy + PartialEq + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The heading.
    fn heading(self) -> &'static str;

    /// What people call it, too.
    fn other_words(self) -> &'static [&'static str] {
        &[]
    }

    /// The section of a heading, or the one that was probably meant.
    fn of(heading: &str) -> Result<Self, Option<Self>> {
        let all = || Self::ALL.iter().copied();
        if let Some(known) = all().find(|section| is_same(section.heading(), heading)) {
            return Ok(known);
        }
        let near = did_you_mean(heading, all().map(Self::heading));
        let is_meant = |section: &Self| {
            let also = section.other_words().iter().any(|word| is_same(word, heading));
            also || near == Some(section.heading())
        };
        Err(all().find(is_meant))
    }
}

/// Whether a heading is one the format knows; neither case nor the kind of its blanks matters.
pub fn is_same(known: &str, heading: &str) -> bool {
    let (mut known, mut heading) = (known.split_whitespace(), heading.split_whitespace());
    known.by_ref().zip(heading.by_ref()).all(|(known, word)| known.eq_ignore_ascii_case(word))
        && known.next().is_none()
        && heading.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::Part;

    #[test]
    fn a_misspelt_heading_finds_its_section_and_a_foreign_one_is_left_alone() {
        assert_eq!(Part::of("topics"), Ok(Part::Topics));
        assert_eq!(Part::of("Topcis"), Err(Some(Part::Topics)));
        assert_eq!(Part::of("Points"), Err(Some(Part::Topics)));
        assert_eq!(Part::of("Sources"), Err(None));
    }
}
