//! Rules of the forms of answers.

use prose::{Bounds, Dialect, Fields, Node, Value, did_you_mean, number};
use rust_decimal::Decimal;

use super::{Check, Known};
use crate::{
    definition::{Answer, Correct, Likert, Settings},
    diagnostic::Code,
};

/// The most characters of an answer in words, where nothing is said.
pub(crate) const MAX_LENGTH: u16 = 2_000;
/// The most characters of a label or a unit.
const LABEL: usize = 80;
/// The greatest number that is asked for.
const LARGEST: i64 = 1_000_000_000;

const FORMS: [&str; 5] = ["agree-5", "single-choice", "multiple-choice", "number", "text"];

/// The steps of `agree-n`.
pub(super) fn steps(form: &str) -> Option<u8> {
    let digits = form.strip_prefix("agree-")?;
    let steps = digits.parse().ok().filter(|steps| (2..=11).contains(steps))?;
    (digits.len() < 3 && !digits.starts_with(['0', '+'])).then_some(steps)
}

impl Check<'_> {
    pub(super) fn answer(
        &mut self,
        fields: &Fields<'_>,
        node: &Node<'_>,
        settings: &Settings,
        known: &Known,
        required: bool,
    ) -> Option<Answer> {
        let options = fields.get("options");
        let form = match fields.get("answer") {
            Some(form) => self.text(form)?.trim().to_owned(),
            None if options.is_some() => "single-choice".to_owned(),
            None => match &settings.default_answer {
                Some(likert) => return Some(self.default_form(fields, likert)),
                None if self.unread.default_answer => return None,
                None => {
                    let at = node.at.member("answer");
                    let hint = "add `answer: agree-5`, options `[ ]`, `answer: number` or `answer: text`";
                    self.log.error(Code::MissingKey, &at, "nothing says how this item is answered", hint);
                    return None;
                }
            },
        };
        let own: &[&str] = match form.as_str() {
            "single-choice" => &["options"],
            "multiple-choice" => &["options", "choose"],
            "number" => &["range", "decimals", "unit", "correct", "tolerance"],
            "text" => &["max_length"],
            _ => &["labels"],
        };
        self.only_of_form(fields, &form, own);
        match form.as_str() {
            "single-choice" | "multiple-choice" => {
                let multiple = form == "multiple-choice";
                let Some(options) = options else {
                    let at = node.at.member("options");
                    let hint = "add options, `- [ ] ` and a text each";
                    self.log.error(Code::AnswerForm, &at, format!("`{form}` has no options"), hint);
                    return None;
                };
                let scored = fields.get("measures").is_some();
                let options = self.options(options, multiple, scored, known)?;
                if !multiple {
                    return Some(Answer::SingleChoice { options });
                }
                let count = u8::try_from(options.len()).ok()?;
                let (least, most) = self.choose(fields, count, required)?;
                Some(Answer::MultipleChoice { options, least, most })
            }
            "number" => self.number_answer(fields, node),
            "text" => {
                let max_length = fields.get("max_length").map(|node| self.whole(node, 1, 10_000));
                Some(Answer::Text { max_length: max_length.unwrap_or(Some(MAX_LENGTH))? })
            }
            _ => self.agree(fields, &form),
        }
    }

    /// The form the front matter names; labels of its own are allowed.
    fn default_form(&mut self, fields: &Fields<'_>, default: &Likert) -> Answer {
        self.only_of_form(fields, &default.form(), &["labels"]);
        let labels = fields.get("labels").map(|labels| self.labels(labels, default.steps));
        let labels = labels.unwrap_or_else(|| default.labels.clone());
        Answer::Agree(Likert { steps: default.steps, labels })
    }

    fn agree(&mut self, fields: &Fields<'_>, form: &str) -> Option<Answer> {
        let Some(steps) = steps(form) else {
            let at = fields.get("answer").map(|node| &node.at)?;
            let hint = match did_you_mean(form, FORMS) {
                Some("agree-5") => "write `agree-` and a number from 2 to 11".to_owned(),
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "it is one of `agree-n`, `single-choice`, `multiple-choice`, `number` and `text`"
                    .to_owned(),
            };
            self.log.error(Code::UnknownValue, at, format!("`{form}` is not a form of answer"), hint);
            return None;
        };
        let labels = fields.get("labels").map(|labels| self.labels(labels, steps)).unwrap_or_default();
        Some(Answer::Agree(Likert { steps, labels }))
    }

    fn only_of_form(&mut self, fields: &Fields<'_>, form: &str, own: &[&str]) {
        const ALL: [&str; 8] =
            ["options", "choose", "range", "decimals", "unit", "correct", "tolerance", "max_length"];
        for key in ALL.into_iter().chain(["labels"]).filter(|key| !own.contains(key)) {
            if let Some(node) = fields.get(key) {
                let key = self.dialect.key(key);
                let what = format!("an answer `{form}` has no `{key}`");
                self.log.error(Code::AnswerForm, &node.at, what, "remove it, or change the answer");
            }
        }
    }

    /// What the steps are called: `a | b | c` in a list, else a list.
    pub(super) fn labels(&mut self, node: &Node<'_>, steps: u8) -> Vec<String> {
        let mut labels = Vec::new();
        match &node.value {
            Value::Scalar(text) if self.dialect == Dialect::Markdown => {
                let parts =
                    text.split('|').map(|part| Node::new(node.at.clone(), Value::Scalar(part.into())));
                labels.extend(parts.filter_map(|part| self.label(&part)));
            }
            _ => {
                let Some(nodes) = self.list(node, 11) else { return labels };
                labels.extend(nodes.iter().filter_map(|node| self.label(node)));
                self.blocks(&node.at, &format!("labels: {}", labels.join(" | ")));
            }
        }
        let none = matches!(&node.value, Value::List(nodes) if nodes.is_empty()) || node.is_unknown();
        if !none && labels.len() != 2 && labels.len() != usize::from(steps) {
            let what = format!("there are {} labels for {steps} steps", labels.len());
            let hint = format!("give {steps} labels, or two for the ends");
            self.log.error(Code::LabelCount, &node.at, what, hint);
        }
        labels
    }

    fn label(&mut self, node: &Node<'_>) -> Option<String> {
        let label = self.plain(node, LABEL)?;
        if label.contains('|') {
            self.log.error(Code::ForbiddenCharacter, &node.at, "a label cannot hold `|`", "write `/`");
        }
        Some(label)
    }

    /// How few and how many are chosen: `2` or `1..3`.
    fn choose(&mut self, fields: &Fields<'_>, count: u8, required: bool) -> Option<(u8, u8)> {
        let Some(node) = fields.get("choose") else { return Some((required.into(), count)) };
        let bounds = Bounds::new(0, count.into(), 0);
        let (least, most) = self.range(node, bounds)?;
        if most.is_zero() || least > most {
            let what = format!("from {least} to {most} cannot be chosen");
            self.log.error(Code::OutOfRange, &node.at, what, format!("write a range such as `1..{count}`"));
            return None;
        }
        Some((least.try_into().ok()?, most.try_into().ok()?))
    }

    /// `a..b`, or one number for both, or an object with `min` and `max`.
    fn range(&mut self, node: &Node<'_>, bounds: Bounds) -> Option<(Decimal, Decimal)> {
        if let Value::Scalar(text) = &node.value {
            let (min, max) = text.split_once("..").unwrap_or((text, text));
            let (Some(min), Some(max)) = (number(min.trim()), number(max.trim())) else {
                let what = format!("`{text}` is not a range");
                self.log.error(Code::WrongType, &node.at, what, "write two numbers, such as `0..40`");
                return None;
            };
            return Some((self.bounded(&node.at, min, bounds)?, self.bounded(&node.at, max, bounds)?));
        }
        if let Value::Number(_) = &node.value {
            let both = self.number(node, bounds)?;
            return Some((both, both));
        }
        let fields = self.map(node, super::keys::SCALE)?;
        let [min, max] = ["min", "max"]
            .map(|key| self.required(&fields, key, node).and_then(|node| self.number(node, bounds)));
        Some((min?, max?))
    }

    fn number_answer(&mut self, fields: &Fields<'_>, node: &Node<'_>) -> Option<Answer> {
        let decimals = match fields.get("decimals") {
            Some(node) => u8::try_from(self.whole(node, 0, 4)?).ok()?,
            None => 0,
        };
        let bounds = Bounds::new(-LARGEST, LARGEST, decimals.into());
        let range = self.required(fields, "range", node)?;
        let (min, max) = self.range(range, bounds)?;
        if min >= max {
            let what = format!("the range goes from {min} to {max}");
            self.log.error(
                Code::OutOfRange,
                &range.at,
                what,
                "its first number must be less than its second",
            );
            return None;
        }
        let unit = fields.get("unit").and_then(|node| self.unit(node));
        let correct = self.correct(fields, Bounds { min, max, places: decimals.into() });
        Some(Answer::Number { min, max, decimals, unit, correct })
    }

    fn unit(&mut self, node: &Node<'_>) -> Option<String> {
        let unit = self.plain(node, LABEL)?;
        if self.dialect == Dialect::Json {
            self.blocks(&node.at, &format!("unit: {unit}"));
        }
        Some(unit)
    }

    fn correct(&mut self, fields: &Fields<'_>, bounds: Bounds) -> Option<Correct> {
        let (value, tolerance) = (fields.get("correct"), fields.get("tolerance"));
        if let (None, Some(tolerance)) = (value, tolerance) {
            let what = "`tolerance` needs a number that is `correct`";
            self.log.error(Code::AnswerForm, &tolerance.at, what, "add `correct`, or remove it");
        }
        let value = self.number(value?, bounds)?;
        let width = Bounds { min: Decimal::ZERO, max: bounds.max - bounds.min, places: 4 };
        let tolerance = tolerance.and_then(|node| self.number(node, width)).unwrap_or_default();
        Some(Correct { value, tolerance })
    }
}
