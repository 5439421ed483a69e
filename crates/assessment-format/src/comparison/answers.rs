//! Forms of answers, old and new.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Level::{self, Scoring, Wording},
    VersionDiff,
};
use crate::{
    definition::{Answer, Choice, Likert},
    slug::Slug,
};

impl VersionDiff {
    /// Compares the form of an answer: what it says, and what decides its worth. Where the item does not
    /// count, all of it is wording.
    pub(super) fn answer(&mut self, at: &str, item: &Slug, forms: (&Answer, &Answer), counts: bool) {
        let (old, new) = (Form::of(forms.0), Form::of(forms.1));
        let scoring = if counts { Scoring } else { Wording };
        let mut both = |level: Level, key: &str, what: &str, old: &Value, new: &Value| {
            self.changed(level, &format!("{at}/{key}"), &format!("{what} of item `{item}`"), old, new);
        };
        both(scoring, "form", "the form of the answer", &json!(old.kind), &json!(new.kind));
        if old.kind == new.kind {
            both(scoring, "worth", "what answers are worth", &old.worth, &new.worth);
        }
        both(Wording, "words", "the words of the answer", &old.words, &new.words);
    }
}

/// An answer's form, apart: what decides its worth and what it says.
struct Form {
    kind: &'static str,
    worth: Value,
    words: Value,
}

impl Form {
    fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Agree(Likert { steps, labels }) => {
                Self { kind: "agree", worth: json!({ "steps": steps }), words: json!(labels) }
            }
            Answer::SingleChoice { options } => Self {
                kind: "single-choice",
                worth: json!({ "options": worths(options) }),
                words: texts(options),
            },
            Answer::MultipleChoice { options, least, most } => {
                let worth = json!({ "options": worths(options), "least": least, "most": most });
                Self { kind: "multiple-choice", worth, words: texts(options) }
            }
            Answer::Number { min, max, decimals, unit, correct } => {
                let [min, max] = [min, max].map(|bound| bound.normalize().to_string());
                let correct = correct.map(|correct| {
                    let [value, tolerance] =
                        [correct.value, correct.tolerance].map(|n| n.normalize().to_string());
                    json!({ "value": value, "tolerance": tolerance })
                });
                let worth = json!({ "min": min, "max": max, "decimals": decimals, "correct": correct });
                Self { kind: "number", worth, words: json!(unit) }
            }
            Answer::Text { max_length } => {
                Self { kind: "text", worth: Value::Null, words: json!({ "maxLength": max_length }) }
            }
        }
    }
}

/// The options as they serialise, without their texts.
fn worths(options: &[Choice]) -> Vec<Value> {
    let worth = |option: &Choice| {
        let Choice { text: _, worth } = option;
        value(&Choice { text: String::new(), worth: worth.clone() })
    };
    let without_text = |mut option: Value| {
        option.as_object_mut().map(|fields| fields.remove("text"));
        option
    };
    options.iter().map(worth).map(without_text).collect()
}

fn texts(options: &[Choice]) -> Value {
    options.iter().map(|option| option.text.as_str()).collect()
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or(Value::Null)
}
