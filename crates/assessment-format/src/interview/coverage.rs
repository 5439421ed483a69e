//! How far a dimension was covered: decided by counting, never by a model.

use std::collections::BTreeMap;

use serde::Serialize;

use super::transcript::{Purpose, QuestionId, Speaker, Transcript};
use crate::slug::Slug;

/// How many words answer a question. Fewer call for a follow-up, where the style has one left.
///
/// 20 words are about two spoken sentences: what is shorter holds seldom both what was done and what came of
/// it. It is a convention of this program, not a finding.
pub const WORDS_OF_AN_ANSWER: usize = 20;

/// How far a question was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Answered {
    /// Whether it was asked.
    pub(super) asked: bool,
    /// How many follow-ups were asked.
    pub(super) follow_ups: usize,
    /// How many words were said in answer, to it and its follow-ups.
    pub(super) words: usize,
}

impl Answered {
    /// How far each question was answered that was asked.
    pub(super) fn each(transcript: &Transcript) -> BTreeMap<&QuestionId, Self> {
        let mut each: BTreeMap<&QuestionId, Self> = BTreeMap::new();
        let mut asked: Option<&QuestionId> = None;
        for turn in transcript.turns() {
            match &turn.by {
                Speaker::Interviewer(purpose) => {
                    asked = purpose.question();
                    let answered = asked.map(|question| each.entry(question).or_default());
                    match (purpose, answered) {
                        (Purpose::Question(_), Some(answered)) => answered.asked = true,
                        (Purpose::FollowUp(_), Some(answered)) => answered.follow_ups += 1,
                        _ => (),
                    }
                }
                Speaker::Person => {
                    if let Some(question) = asked {
                        each.entry(question).or_default().words += words(&turn.text);
                    }
                }
            }
        }
        each
    }

    pub(super) const fn is_enough(&self) -> bool {
        self.words >= WORDS_OF_AN_ANSWER
    }
}

/// How far a dimension was covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// None of its questions was asked.
    NotAsked,
    /// Questions were asked, none answered.
    Unanswered,
    /// At least one was answered, and some asked were not, or with few words.
    Thin,
    /// Every question was asked and answered with enough words.
    Covered,
}

/// How far a dimension was covered, with the numbers it was decided by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DimensionCoverage {
    /// The dimension.
    pub dimension: Slug,
    /// How far.
    pub extent: Extent,
    /// How many questions there are.
    pub questions: usize,
    /// How many were asked.
    pub asked: usize,
    /// How many of these were answered with enough words.
    pub answered: usize,
    /// How many words were said in answer.
    pub words: usize,
}

impl DimensionCoverage {
    pub(super) fn of(dimension: &Slug, questions: usize, answered: &BTreeMap<&QuestionId, Answered>) -> Self {
        let asked = || answered.iter().filter(|(id, each)| id.dimension == *dimension && each.asked);
        let enough = asked().filter(|(_, each)| each.is_enough()).count();
        let words = asked().map(|(_, each)| each.words).sum();
        let extent = match (asked().count(), words) {
            (0, _) => Extent::NotAsked,
            (_, 0) => Extent::Unanswered,
            _ if enough == questions => Extent::Covered,
            _ => Extent::Thin,
        };
        Self {
            dimension: dimension.clone(),
            extent,
            questions,
            asked: asked().count(),
            answered: enough,
            words,
        }
    }
}

/// How many words a text has: what stands between white space and holds a letter or digit. Scripts that write
/// no spaces count a word for every two characters: Han, Kana, Thai, Lao, Burmese, Khmer.
pub fn words(text: &str) -> usize {
    let unspaced = |c: &char| {
        matches!(c,
            '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
            | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
    };
    let in_word = |word: &str| match word.chars().filter(unspaced).count() {
        0 => usize::from(word.chars().any(char::is_alphanumeric)),
        characters => characters.div_ceil(2),
    };
    text.split_whitespace().map(in_word).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_scripts_with_and_without_spaces() {
        assert_eq!(words("We moved  the date — twice.\nThen it held."), 8);
        assert_eq!(words("— … !"), 0);
        assert_eq!(words("我们推迟了日期"), 4);
        assert_eq!(words("정말 좋아요"), 2);
    }
}
