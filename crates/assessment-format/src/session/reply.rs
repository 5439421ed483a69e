//! What a person answers to an item, and whether it is an answer to it.

mod answers;
mod file;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use self::{
    answers::{Answers, SaveOutcome, StoredAnswer},
    file::AnswersRefused,
};
use crate::{
    definition::{Answer, Choice, Item},
    scoring::number,
};

/// What a person answers to an item: `{"step": 4}`, `{"option": 2}`, `{"options": [1, 3]}`, `{"number": 7.5}`
/// or `{"text": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reply {
    /// A step of agreement, from 1.
    Step(u8),
    /// The option that was chosen, by its place from 1.
    Option(u8),
    /// The options that were chosen, by their places from 1, ascending.
    Options(Vec<u8>),
    /// A number.
    Number(#[serde(with = "number")] Decimal),
    /// A text, kept byte for byte.
    Text(String),
}

/// Why a reply is no answer to its item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It has another form.
    #[error("this item is answered with {0}")]
    Form(&'static str),
    /// There is no such step.
    #[error("the steps are 1 to {steps}")]
    Step {
        /// How many there are.
        steps: u8,
    },
    /// There is no such option.
    #[error("there is no option {option}: they are numbered from 1 to {options}")]
    Option {
        /// The number that was given.
        option: u8,
        /// How many there are.
        options: usize,
    },
    /// Options are out of order or named twice.
    #[error("list each chosen option once, in ascending order")]
    Order,
    /// Too few or too many were chosen.
    #[error("choose {least} to {most} options; {chosen} were chosen")]
    Count {
        /// How many were.
        chosen: usize,
        /// At least so many.
        least: u8,
        /// At most so many.
        most: u8,
    },
    /// The number is out of range.
    #[error("the number must be from {min} to {max}")]
    Range {
        /// The least that is accepted.
        min: Decimal,
        /// The most that is accepted.
        max: Decimal,
    },
    /// The number is finer than accepted.
    #[error("at most {0} decimal places are accepted")]
    Places(u8),
    /// The text is blank.
    #[error("the text is blank; to take an answer back, send no reply")]
    Blank,
    /// The text is too long.
    #[error("the text has {found} characters; at most {most} are accepted")]
    Length {
        /// How many it has.
        found: usize,
        /// At most so many.
        most: u16,
    },
    /// The text holds a character no keyboard types.
    #[error("the text holds a control character; only line breaks and tabs are accepted")]
    Control,
}

impl Reply {
    /// What the person chose or wrote, as people read it: the texts of options, a step with its label where it has one,
    /// a number, or the text. `item` is of the version that was answered.
    pub fn readable(&self, item: &Item) -> String {
        let options: &[Choice] = match &item.answer {
            Answer::SingleChoice { options } | Answer::MultipleChoice { options, .. } => options,
            Answer::Agree(_) | Answer::Number { .. } | Answer::Text { .. } => &[],
        };
        let text = |place: &u8| match options.get(usize::from(*place).wrapping_sub(1)) {
            Some(choice) => choice.text.clone(),
            None => place.to_string(),
        };
        match (self, &item.answer) {
            (Self::Step(step), Answer::Agree(likert)) => match likert.label(*step) {
                Some(label) => format!("{step} ({label})"),
                None => step.to_string(),
            },
            (Self::Step(step), _) => step.to_string(),
            (Self::Option(option), _) => text(option),
            (Self::Options(chosen), _) => chosen.iter().map(text).collect::<Vec<_>>().join("; "),
            (Self::Number(number), _) => number.normalize().to_string(),
            (Self::Text(text), _) => text.clone(),
        }
    }

    /// Takes JSON for a reply to the item, as [`Reply::taken`] does.
    pub fn read(json: &serde_json::Value, item: &Item) -> Result<Option<Self>, NoAnswer> {
        let reply = Self::deserialize(json).map_err(|_| NoAnswer::Form(wanted(&item.answer)))?;
        reply.taken(item)
    }

    /// The reply where it answers the item; `None` where no option of one is chosen that may be left out: then it is
    /// not answered, or not any more. Where one must be answered and may have no option chosen, that is the answer.
    pub fn taken(self, item: &Item) -> Result<Option<Self>, NoAnswer> {
        let is_choice = matches!(item.answer, Answer::MultipleChoice { .. });
        match &self {
            Self::Options(chosen) if chosen.is_empty() && is_choice && !item.required => Ok(None),
            _ => self.check(item).map(|()| Some(self)),
        }
    }

    /// Whether it answers the item: its form, its options, its range, its length.
    pub fn check(&self, item: &Item) -> Result<(), NoAnswer> {
        match (&item.answer, self) {
            (Answer::Agree(likert), Self::Step(step)) => {
                let steps = likert.steps;
                if (1..=steps).contains(step) { Ok(()) } else { Err(NoAnswer::Step { steps }) }
            }
            (Answer::SingleChoice { options }, Self::Option(option)) => exists(*option, options.len()),
            (Answer::MultipleChoice { options, least, most }, Self::Options(chosen)) => {
                chosen.iter().try_for_each(|option| exists(*option, options.len()))?;
                let (chosen_once, count) = (chosen.is_sorted_by(|a, b| a < b), chosen.len());
                match (usize::from(*least)..=usize::from(*most)).contains(&count) {
                    _ if !chosen_once => Err(NoAnswer::Order),
                    true => Ok(()),
                    false => Err(NoAnswer::Count { chosen: count, least: *least, most: *most }),
                }
            }
            (Answer::Number { min, max, decimals, .. }, Self::Number(number)) => {
                if !(*min..=*max).contains(number) {
                    Err(NoAnswer::Range { min: min.normalize(), max: max.normalize() })
                } else if number.normalize().scale() > u32::from(*decimals) {
                    Err(NoAnswer::Places(*decimals))
                } else {
                    Ok(())
                }
            }
            (Answer::Text { max_length }, Self::Text(text)) => check_text(text, *max_length),
            (form, _) => Err(NoAnswer::Form(wanted(form))),
        }
    }
}

fn exists(option: u8, options: usize) -> Result<(), NoAnswer> {
    if (1..=options).contains(&usize::from(option)) {
        Ok(())
    } else {
        Err(NoAnswer::Option { option, options })
    }
}

/// Whether a text a person typed can be kept: not blank, at most `most` characters, no control characters
/// (PostgreSQL keeps no NUL) but line breaks and tabs. Marks of direction are part of some scripts and stay.
pub(crate) fn check_text(text: &str, most: u16) -> Result<(), NoAnswer> {
    let found = text.chars().count();
    if found > usize::from(most) {
        Err(NoAnswer::Length { found, most })
    } else if text.trim().is_empty() {
        Err(NoAnswer::Blank)
    } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Err(NoAnswer::Control)
    } else {
        Ok(())
    }
}

const fn wanted(form: &Answer) -> &'static str {
    match form {
        Answer::Agree(_) => "a step, such as {\"step\": 4}",
        Answer::SingleChoice { .. } => "one option by its number, such as {\"option\": 2}",
        Answer::MultipleChoice { .. } => "options by their numbers, such as {\"options\": [1, 3]}",
        Answer::Number { .. } => "a number, such as {\"number\": 7.5}",
        Answer::Text { .. } => "a text, such as {\"text\": \"…\"}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        definition::{Choice, Likert, OptionScore},
        slug::Slug,
    };

    fn refusal(answer: Answer, reply: &str) -> String {
        let id = Slug::new("x").unwrap();
        let item = Item { id, part: None, text: "?".into(), measures: vec![], required: true, answer };
        let reply: Reply = serde_json::from_str(reply).unwrap();
        reply.check(&item).map_or_else(|refused| refused.to_string(), |()| "ok".into())
    }

    fn options(n: usize) -> Vec<Choice> {
        vec![Choice { text: "o".into(), worth: OptionScore::Nothing }; n]
    }

    fn readable(answer: Answer, reply: &str) -> String {
        let id = Slug::new("x").unwrap();
        let item = Item { id, part: None, text: "?".into(), measures: vec![], required: true, answer };
        serde_json::from_str::<Reply>(reply).unwrap().readable(&item)
    }

    #[test]
    fn a_reply_is_read_by_people() {
        let agree = |labels: &[&str]| {
            let labels = labels.iter().map(|label| (*label).to_owned()).collect();
            Answer::Agree(Likert { steps: 3, labels })
        };
        assert_eq!(readable(agree(&[]), r#"{"step": 3}"#), "3");
        assert_eq!(readable(agree(&["Never", "Always"]), r#"{"step": 1}"#), "1 (Never)");
        assert_eq!(readable(agree(&["Never", "Always"]), r#"{"step": 2}"#), "2");
        assert_eq!(readable(agree(&["Never", "Always"]), r#"{"step": 3}"#), "3 (Always)");
        assert_eq!(readable(agree(&["No", "So", "Yes"]), r#"{"step": 2}"#), "2 (So)");
        let choice = |text: &str| Choice { text: text.into(), worth: OptionScore::Nothing };
        let options = || vec![choice("Red"), choice("Green"), choice("Blue")];
        assert_eq!(readable(Answer::SingleChoice { options: options() }, r#"{"option": 2}"#), "Green");
        let many = || Answer::MultipleChoice { options: options(), least: 0, most: 3 };
        assert_eq!(readable(many(), r#"{"options": [1, 3]}"#), "Red; Blue");
        assert_eq!(readable(many(), r#"{"options": []}"#), "");
        assert_eq!(readable(many(), r#"{"options": [4]}"#), "4", "of a form the item no longer has");
        let number = Answer::Number { min: 0.into(), max: 9.into(), decimals: 2, unit: None, correct: None };
        assert_eq!(readable(number, r#"{"number": 7.50}"#), "7.5");
        assert_eq!(readable(Answer::Text { max_length: 9 }, r#"{"text": " a "}"#), " a ");
    }

    #[test]
    fn a_step_is_from_one_to_the_last() {
        let agree = || Answer::Agree(Likert { steps: 5, labels: vec![] });
        assert_eq!(refusal(agree(), r#"{"step": 5}"#), "ok");
        assert_eq!(refusal(agree(), r#"{"step": 0}"#), "the steps are 1 to 5");
        assert_eq!(refusal(agree(), r#"{"step": 6}"#), "the steps are 1 to 5");
        assert_eq!(
            refusal(agree(), r#"{"option": 2}"#),
            "this item is answered with a step, such as {\"step\": 4}"
        );
    }

    #[test]
    fn options_exist_are_chosen_once_and_are_as_many_as_wanted() {
        let one = || Answer::SingleChoice { options: options(3) };
        assert_eq!(refusal(one(), r#"{"option": 3}"#), "ok");
        assert_eq!(refusal(one(), r#"{"option": 4}"#), "there is no option 4: they are numbered from 1 to 3");
        let some = || Answer::MultipleChoice { options: options(4), least: 1, most: 2 };
        assert_eq!(refusal(some(), r#"{"options": [1, 4]}"#), "ok");
        assert_eq!(refusal(some(), r#"{"options": []}"#), "choose 1 to 2 options; 0 were chosen");
        assert_eq!(refusal(some(), r#"{"options": [1, 2, 3]}"#), "choose 1 to 2 options; 3 were chosen");
        assert_eq!(
            refusal(some(), r#"{"options": [2, 2]}"#),
            "list each chosen option once, in ascending order"
        );
        assert_eq!(
            refusal(some(), r#"{"options": [0]}"#),
            "there is no option 0: they are numbered from 1 to 4"
        );
        let any = Answer::MultipleChoice { options: options(4), least: 0, most: 4 };
        assert_eq!(refusal(any, r#"{"options": []}"#), "ok");
    }

    #[test]
    fn no_option_is_no_answer_where_none_is_needed() {
        let taken = |required, least, chosen: &[u8]| {
            let answer = Answer::MultipleChoice { options: options(4), least, most: 4 };
            let id = Slug::new("x").unwrap();
            let item = Item { id, part: None, text: "?".into(), measures: vec![], required, answer };
            Reply::Options(chosen.into()).taken(&item).map_err(|refused| refused.to_string())
        };
        for least in [0, 1, 2] {
            assert_eq!(taken(false, least, &[]), Ok(None));
        }
        assert_eq!(taken(true, 0, &[]), Ok(Some(Reply::Options(vec![]))), "none of them is an answer");
        assert_eq!(taken(true, 1, &[]), Err("choose 1 to 4 options; 0 were chosen".into()));
        assert_eq!(taken(false, 2, &[3]), Err("choose 2 to 4 options; 1 were chosen".into()));
        let answer = Answer::SingleChoice { options: options(4) };
        let id = Slug::new("x").unwrap();
        let one = Item { id, part: None, text: "?".into(), measures: vec![], required: false, answer };
        assert!(Reply::Options(vec![]).taken(&one).is_err(), "another form");
    }

    #[test]
    fn a_number_is_in_range_and_not_too_fine() {
        let number = || Answer::Number {
            min: Decimal::new(-5, 1),
            max: Decimal::from(10),
            decimals: 1,
            unit: None,
            correct: None,
        };
        assert_eq!(refusal(number(), r#"{"number": -0.5}"#), "ok");
        assert_eq!(refusal(number(), r#"{"number": 10.00}"#), "ok");
        assert_eq!(refusal(number(), r#"{"number": 10.1}"#), "the number must be from -0.5 to 10");
        assert_eq!(refusal(number(), r#"{"number": 1.25}"#), "at most 1 decimal places are accepted");
    }

    #[test]
    fn a_text_is_counted_in_characters_and_kept_as_typed() {
        let text = || Answer::Text { max_length: 4 };
        assert_eq!(refusal(text(), r#"{"text": "größ"}"#), "ok");
        assert_eq!(
            refusal(text(), r#"{"text": "größe"}"#),
            "the text has 5 characters; at most 4 are accepted"
        );
        assert_eq!(
            refusal(text(), r#"{"text": " \n "}"#),
            "the text is blank; to take an answer back, send no reply"
        );
        assert!(refusal(text(), r#"{"text": "a\u0000"}"#).starts_with("the text holds a control character"));
        assert_eq!(refusal(text(), r#"{"text": "a\r\nb"}"#), "ok");
    }
}
