//! Whether a question that is not from the plan may be asked.
//!
//! The guidelines list what must not be asked. Every interviewer is given the list; what they words themselves is
//! then compared with it by words. That is simple, and meant to be: it catches "How is your health?" where
//! health is listed, not "Do you see a doctor often?". Whoever connects a language model relies on the list
//! in its instructions first and on this second, and reads transcripts.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Why a wording is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordingRefused {
    /// It is blank.
    #[error("it is blank")]
    Blank,
    /// It is too long.
    #[error("it has more than {MAX_LENGTH} characters")]
    TooLong,
    /// It holds control characters.
    #[error("it holds control characters")]
    Control,
    /// It touches what must not be asked.
    #[error("it touches `{0}`, which must not be asked")]
    Forbidden(String),
    /// The style asks for the planned words.
    #[error("the style asks verbatim, and it is not what was planned")]
    NotVerbatim,
}

const MAX_LENGTH: usize = 2_000;

/// Words that name no subject.
const EMPTY_WORDS: [&str; 30] = [
    "a",
    "an",
    "the",
    "of",
    "on",
    "in",
    "to",
    "for",
    "with",
    "about",
    "any",
    "all",
    "such",
    "as",
    "other",
    "do",
    "not",
    "never",
    "ask",
    "asking",
    "question",
    "questions",
    "his",
    "her",
    "their",
    "your",
    "or",
    "and",
    "no",
    "whether",
];

/// Whether a question worded by an interviewer may be asked: not blank, at most 2,000 characters, and on no
/// subject of the list.
///
/// A line of the list names subjects, separated by commas, semicolons, "and" or "or". A question touches one
/// when it has all of its words, whatever their case, accents and a plural s. `What` such as `the`, `about`
/// or `never` are no words of a subject.
pub fn check_wording(question: &str, never_ask: &[String]) -> Result<(), WordingRefused> {
    if question.trim().is_empty() {
        return Err(WordingRefused::Blank);
    }
    if question.chars().count() > MAX_LENGTH {
        return Err(WordingRefused::TooLong);
    }
    if question.chars().any(|c| c.is_control() && c != '\n') {
        return Err(WordingRefused::Control);
    }
    let asked: Vec<String> = words(question).collect();
    let touches = |subject: &Vec<String>| subject.iter().all(|word| asked.contains(word));
    match never_ask.iter().flat_map(|line| subjects(line)).find(touches) {
        Some(subject) => Err(WordingRefused::Forbidden(subject.join(" "))),
        None => Ok(()),
    }
}

/// The subjects a line names, each as its words; none is empty.
fn subjects(line: &str) -> Vec<Vec<String>> {
    let mut subjects = vec![Vec::new()];
    for part in line.split([',', ';', '.', '(', ')', '/', ':']) {
        for word in words(part) {
            match word.as_str() {
                "and" | "or" => subjects.push(Vec::new()),
                empty if EMPTY_WORDS.contains(&empty) => (),
                _ => subjects.last_mut().into_iter().for_each(|subject| subject.push(word.clone())),
            }
        }
        subjects.push(Vec::new());
    }
    subjects.retain(|subject| !subject.is_empty());
    subjects
}

/// Letters and digits in lower case without accents and without the s of a plural.
fn words(text: &str) -> impl Iterator<Item = String> {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let split: Vec<String> = plain.split(|c: char| !c.is_alphanumeric()).map(singular).collect();
    split.into_iter().filter(|word| !word.is_empty())
}

fn singular(word: &str) -> String {
    let stem = match word.strip_suffix("ies") {
        Some(stem) if stem.len() > 2 => return format!("{stem}y"),
        _ => word.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with('s')),
    };
    stem.unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(question: &str, never_ask: &str) -> Option<String> {
        match check_wording(question, &[never_ask.to_owned()]) {
            Err(WordingRefused::Forbidden(subject)) => Some(subject),
            _ => None,
        }
    }

    #[test]
    fn a_question_on_a_listed_subject_is_caught_by_its_words() {
        let list = "Age, family, health.";
        assert_eq!(touched("May I ask your AGE?", list).as_deref(), Some("age"));
        assert_eq!(touched("Do families matter to you?", list).as_deref(), Some("family"));
        assert_eq!(touched("How do you manage a team?", list), None);
        assert_eq!(touched("How was the healthcare project?", list), None);
    }

    #[test]
    fn a_subject_of_several_words_needs_all_of_them() {
        let list = "Never ask about trade union membership or political opinions";
        assert_eq!(touched("Is there a union at your place?", list), None);
        assert_eq!(
            touched("Do you hold membership of a trade union?", list).as_deref(),
            Some("trade union membership")
        );
        assert_eq!(
            touched("Which political opinion do you hold?", list).as_deref(),
            Some("political opinion")
        );
    }

    #[test]
    fn accents_do_not_hide_a_subject() {
        assert_eq!(touched("Parlez-moi de votre sante.", "santé").as_deref(), Some("sante"));
    }

    #[test]
    fn a_wording_is_neither_blank_nor_a_speech() {
        assert_eq!(check_wording(" ", &[]), Err(WordingRefused::Blank));
        assert_eq!(check_wording(&"a".repeat(2_001), &[]), Err(WordingRefused::TooLong));
        assert_eq!(check_wording("a\u{7}", &[]), Err(WordingRefused::Control));
        assert_eq!(check_wording("Why?", &["Do not ask".to_owned()]), Ok(()));
    }
}
