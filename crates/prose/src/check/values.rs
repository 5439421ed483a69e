//! Single values: their kinds, ranges and forms.

use rust_decimal::Decimal;

use super::{Check, Fields};
use crate::{
    code::{Code, Rule},
    slug::Slug,
    text::{did_you_mean, is_forbidden, listed, on_one_line},
    tree::{At, Dialect, Node, Value},
};

/// The most characters of a name.
const NAME: usize = 120;

/// What a number may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The least.
    pub min: Decimal,
    /// The greatest.
    pub max: Decimal,
    /// The most decimal places.
    pub places: u32,
}

impl Bounds {
    /// From one whole number to another.
    pub fn new(min: i64, max: i64, places: u32) -> Self {
        Self { min: min.into(), max: max.into(), places }
    }

    /// `a number from 1 to 5 with at most 2 decimal places`
    pub(super) fn expected(self) -> String {
        let Self { min, max, places } = self;
        let (min, max) = (min.normalize(), max.normalize());
        match places {
            0 => format!("a whole number from {min} to {max}"),
            places => format!("a number from {min} to {max} with at most {places} decimal places"),
        }
    }
}

impl<C: Code> Check<'_, C> {
    /// Text as it is written.
    pub fn text<'a>(&mut self, node: &'a Node<'_>) -> Option<&'a str> {
        match &node.value {
            Value::Text(text) | Value::Scalar(text) => Some(text),
            _ => {
                self.wrong_type(node, "text");
                None
            }
        }
    }

    /// One line of text without markup: 1 to `most` characters.
    pub fn plain(&mut self, node: &Node<'_>, most: usize) -> Option<String> {
        let text = self.text(node)?.trim();
        let text = if self.dialect == Dialect::Markdown { on_one_line(text) } else { text.to_owned() };
        let sound = self.characters(&node.at, &text, false) && self.length(&node.at, &text, most);
        sound.then_some(text)
    }

    /// A name.
    pub fn name(&mut self, node: &Node<'_>) -> Option<String> {
        self.plain(node, NAME)
    }

    /// Refuses characters that may not be; files are read without them, but YAML and JSON have ways to name them.
    pub fn characters(&mut self, at: &At, text: &str, may_have_lines: bool) -> bool {
        let refused = |c: &char| is_forbidden(*c) || (*c == '\n' && !may_have_lines);
        let found = text.chars().find(refused);
        if let Some(c) = found {
            let what = format!("the character U+{:04X} is not allowed here", u32::from(c));
            self.log.error(Rule::ForbiddenCharacter, at, what, "remove it");
        }
        found.is_none()
    }

    /// Refuses text that is empty or longer than `most` characters.
    pub fn length(&mut self, at: &At, text: &str, most: usize) -> bool {
        if text.is_empty() {
            self.log.error(Rule::EmptyText, at, "there is no text here", "write some");
            return false;
        }
        // Characters are at most as many as bytes.
        let found = if text.len() > most { text.chars().count() } else { 0 };
        if found > most {
            let what = format!("the text has {found} characters; at most {most} are allowed");
            self.log.error(Rule::TooLong, at, what, "shorten it");
            return false;
        }
        true
    }

    /// A number within bounds.
    pub fn number(&mut self, node: &Node<'_>, bounds: Bounds) -> Option<Decimal> {
        let found = self.any_number(node, &bounds.expected())?;
        self.bounded(&node.at, found, bounds)
    }

    /// A share of a whole, as a fraction or in percent.
    pub fn share(&mut self, node: &Node<'_>, places: u32) -> Option<Decimal> {
        const EXPECTED: &str = "a share such as 40% or 0.4";
        let percent = match &node.value {
            Value::Scalar(text) | Value::Text(text) => text.trim().strip_suffix('%').map(str::trim_end),
            _ => None,
        };
        let found = match percent {
            Some(percent) => match number(percent) {
                Some(percent) => percent / Decimal::ONE_HUNDRED,
                None => return self.not_a_number(node, EXPECTED),
            },
            None => self.any_number(node, EXPECTED)?,
        };
        let shown = node.shown();
        if found <= Decimal::ZERO || found > Decimal::ONE {
            let hint = match percent {
                None if found > Decimal::ONE && found <= Decimal::ONE_HUNDRED => {
                    format!("write {shown}% for percent")
                }
                _ => "write a share above 0 and at most 1, or 100%".to_owned(),
            };
            self.log.error(Rule::OutOfRange, &node.at, format!("{shown} is not a share of a whole"), hint);
            return None;
        }
        if found.normalize().scale() > places {
            let what = format!("{shown} is more exact than {places} decimal places of the fraction");
            self.log.error(Rule::OutOfRange, &node.at, what, "round it");
            return None;
        }
        Some(found.normalize())
    }

    fn any_number(&mut self, node: &Node<'_>, expected: &str) -> Option<Decimal> {
        let found = match &node.value {
            Value::Scalar(text) => number(text.trim()),
            Value::Text(text) if self.dialect == Dialect::Json => number(text.trim()),
            Value::Number(text) => number(text).or_else(|| Decimal::from_scientific(text).ok()),
            _ => None,
        };
        match found {
            Some(number) => Some(number),
            None => self.not_a_number(node, expected),
        }
    }

    fn not_a_number<T>(&mut self, node: &Node<'_>, expected: &str) -> Option<T> {
        match &node.value {
            Value::Scalar(_) | Value::Text(_) | Value::Number(_) => {
                let what = format!("`{}` is not a number", node.shown());
                self.log.error(Rule::WrongType, &node.at, what, format!("write {expected}"));
            }
            _ => self.wrong_type(node, expected),
        }
        None
    }

    /// A number that was read, if it is within bounds.
    pub fn bounded(&mut self, at: &At, found: Decimal, bounds: Bounds) -> Option<Decimal> {
        let found = found.normalize();
        if (bounds.min..=bounds.max).contains(&found) && found.scale() <= bounds.places {
            return Some(found);
        }
        let what = if found < bounds.min {
            format!("{found} is too small")
        } else if found > bounds.max {
            format!("{found} is too large")
        } else {
            format!("{found} has too many decimal places")
        };
        self.log.error(Rule::OutOfRange, at, what, format!("write {}", bounds.expected()));
        None
    }

    /// A whole number.
    pub fn whole(&mut self, node: &Node<'_>, min: u16, max: u16) -> Option<u16> {
        self.number(node, Bounds::new(min.into(), max.into(), 0))?.try_into().ok()
    }

    /// True or false.
    pub fn truth(&mut self, node: &Node<'_>) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Scalar(text) if text == "true" => Some(true),
            Value::Scalar(text) if text == "false" => Some(false),
            Value::Scalar(text) => {
                let what = format!("`{text}` is neither `true` nor `false`");
                self.log.error(Rule::WrongType, &node.at, what, "write `true` or `false`");
                None
            }
            _ => {
                self.wrong_type(node, "true or false");
                None
            }
        }
    }

    /// One of the values that have names.
    pub fn named<T: Copy>(&mut self, node: &Node<'_>, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let text = self.text(node)?.trim();
        if let Some(value) = all.iter().find(|value| name(**value) == text) {
            return Some(*value);
        }
        let names: Vec<&str> = all.iter().map(|value| name(*value)).collect();
        let hint = match did_you_mean(text, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it is one of {}", listed(&names)),
        };
        let what = format!("`{text}` is not a value that is known here");
        self.log.error(Rule::UnknownValue, &node.at, what, hint);
        None
    }

    /// An id.
    pub fn slug(&mut self, node: &Node<'_>) -> Option<Slug> {
        let text = self.text(node)?.trim();
        match Slug::new(text) {
            Ok(slug) => Some(slug),
            Err(error) => {
                let hint = Slug::of(text).map(|slug| format!("write `{slug}`")).unwrap_or_default();
                self.log.error(Rule::BadId, &node.at, format!("`{text}` is not an id: it {error}"), hint);
                None
            }
        }
    }

    /// The id that is given, or the slug of the name; unique in its list.
    pub fn id_of(
        &mut self,
        fields: &Fields<'_>,
        name: Option<&str>,
        at: &At,
        taken: &[Slug],
    ) -> Option<Slug> {
        let given = fields.get("id");
        let (id, at) = match (given, name) {
            (Some(node), _) => (self.slug(node)?, &node.at),
            (None, Some(name)) => {
                let Some(id) = Slug::of(name) else {
                    let what = format!("no id can be made of `{name}`");
                    self.log.error(Rule::BadId, at, what, "give it an `id`");
                    return None;
                };
                (id, at)
            }
            (None, None) => return None,
        };
        if taken.contains(&id) {
            let hint = if given.is_some() { "give it another" } else { "give it an `id` of its own" };
            self.log.error(Rule::DuplicateId, at, format!("the id `{id}` is taken"), hint);
        }
        Some(id)
    }

    /// Notes a name that was used before, whatever its case.
    pub fn unique_name(&mut self, name: &str, at: &At, taken: &[String]) {
        let lower = name.to_lowercase();
        if taken.iter().any(|other| other.to_lowercase() == lower) {
            self.log.error(Rule::DuplicateName, at, format!("the name `{name}` is taken"), "give it another");
        }
    }
}

/// A number as people write it: digits, at most one point with digits on both sides, perhaps a minus.
pub fn number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let sound =
        |digits: &str| (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if sound(whole) && sound(fraction) { text.parse().ok() } else { None }
}

/// A fraction as people say it.
pub fn percent(fraction: Decimal) -> String {
    format!("{}%", (fraction * Decimal::ONE_HUNDRED).normalize())
}
