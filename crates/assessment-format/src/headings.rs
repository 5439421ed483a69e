//! The headings the format knows.

use prose::{did_you_mean, is_same};

/// The sections the format knows, by their headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Dimensions,
    Categories,
    Guidelines,
    Items,
}

impl prose::Section for Section {
    const ALL: &'static [Self] = &[Self::Dimensions, Self::Categories, Self::Guidelines, Self::Items];

    fn heading(self) -> &'static str {
        match self {
            Self::Dimensions => "Dimensions",
            Self::Categories => "Result categories",
            Self::Guidelines => "Interview guidelines",
            Self::Items => "Items",
        }
    }

    fn other_words(self) -> &'static [&'static str] {
        match self {
            Self::Dimensions => &["Competencies", "Scales"],
            Self::Categories => &["Categories", "Results", "Outcomes", "Result category"],
            Self::Guidelines => &["Interview", "Guidelines", "Interview guide"],
            Self::Items => &["Questions", "Questionnaire", "Statements"],
        }
    }
}

/// What may stand in the interview guidelines, by its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guideline<'h> {
    Opening,
    /// By the name or the id of its dimension.
    Topic(&'h str),
    FollowUps,
    NeverAsk,
    Closing,
}

/// What the heading of a topic begins with.
pub(crate) const ASK_ABOUT: &str = "Ask about";

impl<'h> Guideline<'h> {
    /// The guideline of a heading of level 3, or the one that was probably meant.
    pub(crate) fn of(heading: &'h str) -> Result<Self, Option<&'static str>> {
        let known = [
            ("Opening", Self::Opening),
            ("Follow-ups", Self::FollowUps),
            ("Never ask", Self::NeverAsk),
            ("Closing", Self::Closing),
        ];
        if let Some((_, guideline)) = known.iter().find(|(name, _)| is_same(name, heading)) {
            return Ok(*guideline);
        }
        let (start, rest) = heading.split_at_checked(ASK_ABOUT.len()).unwrap_or((heading, ""));
        if is_same(start, ASK_ABOUT) && (rest.is_empty() || rest.starts_with(' ')) {
            return Ok(Self::Topic(rest.trim()));
        }
        let words = heading.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ");
        let meant = did_you_mean(heading, known.map(|(name, _)| name));
        Err(meant.or_else(|| did_you_mean(&words, [ASK_ABOUT])))
    }
}

#[cfg(test)]
mod tests {
    use prose::Section as _;

    use super::*;

    #[test]
    fn a_misspelt_heading_finds_its_section_and_a_foreign_one_is_left_alone() {
        assert_eq!(Section::of("dimensions"), Ok(Section::Dimensions));
        assert_eq!(Section::of("Dimenions"), Err(Some(Section::Dimensions)));
        assert_eq!(Section::of("Questions"), Err(Some(Section::Items)));
        assert_eq!(Section::of("Sources"), Err(None));
        assert_eq!(Guideline::of("Ask about Grit"), Ok(Guideline::Topic("Grit")));
        assert_eq!(Guideline::of("Ask abuot Grit"), Err(Some("Ask about")));
        assert_eq!(Guideline::of("Never asked"), Err(Some("Never ask")));
        assert_eq!(Guideline::of("Tone"), Err(None));
    }
}
