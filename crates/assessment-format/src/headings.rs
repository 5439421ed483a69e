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
            Self::Dimensions => &["Competencies", "Scales", "Subscales", "Traits", "Factors"],
            Self::Categories => &["Categories", "Category", "Results", "Result", "Outcomes", "Outcome"],
            Self::Guidelines => {
                &["Interview", "Guidelines", "Interview guide", "Interview plan", "Interview questions"]
            }
            Self::Items => &["Questions", "Question", "Questionnaire", "Statements", "Survey"],
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
        // Two words and the rest, whatever blanks stand between them.
        let word = |text: &'h str| {
            text.trim_start().split_once(char::is_whitespace).unwrap_or((text.trim_start(), ""))
        };
        let (first, after) = word(heading);
        let (second, rest) = word(after);
        let words = format!("{first} {second}");
        if is_same(ASK_ABOUT, &words) {
            return Ok(Self::Topic(rest.trim()));
        }
        let meant = did_you_mean(heading, known.map(|(name, _)| name));
        Err(meant.or_else(|| did_you_mean(&words, [ASK_ABOUT])))
    }
}

/// How a section with this heading is mended, where it has the heading of a guideline.
pub(crate) fn guideline_meant(heading: &str) -> Option<String> {
    let guidelines = prose::Section::heading(Section::Guidelines);
    Guideline::of(heading)
        .ok()
        .map(|_| format!("put it under `## {guidelines}`, as `### {}`", heading.trim()))
}

/// How a heading of level 3 is mended that is that of a section.
pub(crate) fn section_meant(heading: &str) -> Option<String> {
    <Section as prose::Section>::of(heading).ok().map(|section| {
        let heading = prose::Section::heading(section);
        format!("write `## {heading}` for the section, or give it another heading")
    })
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
        assert_eq!(
            Guideline::of("ask\u{a0}about  Grit and\u{a0}wit "),
            Ok(Guideline::Topic("Grit and\u{a0}wit"))
        );
        assert_eq!(Guideline::of("Ask about"), Ok(Guideline::Topic("")));
        assert_eq!(Guideline::of("Never\u{a0}ask"), Ok(Guideline::NeverAsk));
        assert_eq!(Guideline::of("Tone"), Err(None));
        for (heading, meant) in
            [("Item", Section::Items), ("Dimension", Section::Dimensions), ("Category", Section::Categories)]
        {
            assert_eq!(Section::of(heading), Err(Some(meant)));
        }
    }
}
