//! Single values: their kinds, ranges and forms.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::{Check, is_absent, keys};
use crate::{
    condition::number,
    definition::Named,
    diagnostic::Code,
    markdown::listed,
    slug::Slug,
    text::{did_you_mean, is_forbidden, on_one_line},
    tree::{At, Dialect, Field, Node, Value},
};

/// The most characters of a name.
pub(super) const NAME: usize = 120;
/// The most characters of a line.
pub(super) const LINE: usize = 2_000;
/// The most characters of prose.
pub(super) const PROSE: usize = 20_000;

/// The members of a map, by their keys in snake case.
pub(super) struct Fields<'n> {
    members: &'n [Field<'n>],
    dialect: Dialect,
    /// Keys that were misspelt, and how.
    misspelt: Vec<(String, &'n str)>,
}

impl<'n> Fields<'n> {
    /// A member that is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node<'n>> {
        self.field(key).map(|field| &field.node).filter(|node| !is_absent(node))
    }

    pub(super) fn field(&self, key: &str) -> Option<&'n Field<'n>> {
        let key = self.dialect.key(key);
        let misspelt = self.misspelt.iter().find(|(meant, _)| *meant == key).map(|(_, written)| *written);
        let find = |key: &str| self.members.iter().find(|field| field.key == key);
        find(&key).or_else(|| find(misspelt?))
    }
}

/// What a number may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) min: Decimal,
    pub(super) max: Decimal,
    /// The most decimal places.
    pub(super) places: u32,
}

impl Bounds {
    pub(super) fn new(min: i64, max: i64, places: u32) -> Self {
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

impl<'n> Check<'_> {
    /// The members of an object. Keys the format does not know are told.
    pub(super) fn map(&mut self, node: &'n Node<'n>, known: &[&str]) -> Option<Fields<'n>> {
        let Value::Map(fields) = &node.value else {
            self.wrong_type(node, "keys and values");
            return None;
        };
        let mut misspelt = Vec::new();
        let spelt: Vec<Cow<'_, str>> = known.iter().map(|key| self.dialect.key(key)).collect();
        for field in fields {
            let added = self.dialect == Dialect::Markdown && keys::OF_FILES.contains(&&*field.key);
            if added || spelt.contains(&field.key) {
                continue;
            }
            let what = format!("`{}` is not a key the format knows here", field.key);
            let hint = match did_you_mean(&field.key, spelt.iter().map(|key| &**key)) {
                Some(meant) => {
                    misspelt.push((meant.to_owned(), &*field.key));
                    format!("did you mean `{meant}`?")
                }
                None => format!("the keys here are {}", listed(&spelt)),
            };
            self.log.error(Code::UnknownKey, &field.key_at, what, hint);
        }
        Some(Fields { members: fields, dialect: self.dialect, misspelt })
    }

    /// A member that must be there.
    pub(super) fn required(
        &mut self,
        fields: &Fields<'n>,
        key: &str,
        node: &Node<'_>,
    ) -> Option<&'n Node<'n>> {
        let found = fields.get(key);
        if found.is_none() {
            let key = self.dialect.key(key);
            let at = fields.field(&key).map_or_else(|| node.at.member(&key), |field| field.node.at.clone());
            let hint = match example(&key).filter(|_| self.dialect == Dialect::Markdown) {
                Some(example) => format!("add `{key}: {example}`"),
                None => format!("add `{key}`"),
            };
            self.log.error(Code::MissingKey, &at, format!("there is no `{key}`"), hint);
        }
        found
    }

    /// A list of a bounded length; one that is too long is cut.
    pub(super) fn list(&mut self, node: &'n Node<'n>, most: usize) -> Option<&'n [Node<'n>]> {
        let Value::List(nodes) = &node.value else {
            self.wrong_type(node, "a list");
            return None;
        };
        if let Some(surplus) = nodes.get(most) {
            let what = format!("there are {} entries; at most {most} are allowed", nodes.len());
            self.log.error(Code::OutOfRange, &surplus.at, what, "leave some out");
        }
        Some(&nodes[..nodes.len().min(most)])
    }

    pub(super) fn wrong_type(&mut self, node: &Node<'_>, expected: &str) {
        if !node.is_unknown() {
            let what = format!("{expected} must stand here, not {}", node.value.kind());
            self.log.error(Code::WrongType, &node.at, what, format!("write {expected}"));
        }
    }

    /// Text as it is written.
    pub(super) fn text<'a>(&mut self, node: &'a Node<'_>) -> Option<&'a str> {
        match &node.value {
            Value::Text(text) | Value::Scalar(text) => Some(text),
            _ => {
                self.wrong_type(node, "text");
                None
            }
        }
    }

    /// One line of text without markup: 1 to `most` characters.
    pub(super) fn plain(&mut self, node: &Node<'_>, most: usize) -> Option<String> {
        let text = self.text(node)?.trim();
        let text = if self.dialect == Dialect::Markdown { on_one_line(text) } else { text.to_owned() };
        let sound = self.characters(&node.at, &text, false) && self.length(&node.at, &text, most);
        sound.then_some(text)
    }

    /// A name.
    pub(super) fn name(&mut self, node: &Node<'_>) -> Option<String> {
        self.plain(node, NAME)
    }

    /// Refuses characters that may not be; files are read without them, but YAML and JSON have ways to name them.
    pub(super) fn characters(&mut self, at: &At, text: &str, may_have_lines: bool) -> bool {
        let refused = |c: &char| is_forbidden(*c) || (*c == '\n' && !may_have_lines);
        let found = text.chars().find(refused);
        if let Some(c) = found {
            let what = format!("the character U+{:04X} is not allowed here", u32::from(c));
            self.log.error(Code::ForbiddenCharacter, at, what, "remove it");
        }
        found.is_none()
    }

    pub(super) fn length(&mut self, at: &At, text: &str, most: usize) -> bool {
        if text.is_empty() {
            self.log.error(Code::EmptyText, at, "there is no text here", "write some");
            return false;
        }
        // Characters are at most as many as bytes.
        let found = if text.len() > most { text.chars().count() } else { 0 };
        if found > most {
            let what = format!("the text has {found} characters; at most {most} are allowed");
            self.log.error(Code::TooLong, at, what, "shorten it");
            return false;
        }
        true
    }

    /// A number within bounds.
    pub(super) fn number(&mut self, node: &Node<'_>, bounds: Bounds) -> Option<Decimal> {
        let found = self.any_number(node, &bounds.expected())?;
        self.bounded(&node.at, found, bounds)
    }

    /// A share of a whole, as a fraction or in percent.
    pub(super) fn share(&mut self, node: &Node<'_>, places: u32) -> Option<Decimal> {
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
        let shown = shown(node);
        if found <= Decimal::ZERO || found > Decimal::ONE {
            let hint = match percent {
                None if found > Decimal::ONE && found <= Decimal::ONE_HUNDRED => {
                    format!("write {shown}% for percent")
                }
                _ => "write a share above 0 and at most 1, or 100%".to_owned(),
            };
            self.log.error(Code::OutOfRange, &node.at, format!("{shown} is not a share of a whole"), hint);
            return None;
        }
        if found.normalize().scale() > places {
            let what = format!("{shown} is more exact than {places} decimal places of the fraction");
            self.log.error(Code::OutOfRange, &node.at, what, "round it");
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
                let what = format!("`{}` is not a number", shown(node));
                self.log.error(Code::WrongType, &node.at, what, format!("write {expected}"));
            }
            _ => self.wrong_type(node, expected),
        }
        None
    }

    pub(super) fn bounded(&mut self, at: &At, found: Decimal, bounds: Bounds) -> Option<Decimal> {
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
        self.log.error(Code::OutOfRange, at, what, format!("write {}", bounds.expected()));
        None
    }

    /// A whole number.
    pub(super) fn whole(&mut self, node: &Node<'_>, min: u16, max: u16) -> Option<u16> {
        self.number(node, Bounds::new(min.into(), max.into(), 0))?.try_into().ok()
    }

    pub(super) fn truth(&mut self, node: &Node<'_>) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Scalar(text) if text == "true" => Some(true),
            Value::Scalar(text) if text == "false" => Some(false),
            Value::Scalar(text) => {
                let what = format!("`{text}` is neither `true` nor `false`");
                self.log.error(Code::WrongType, &node.at, what, "write `true` or `false`");
                None
            }
            _ => {
                self.wrong_type(node, "true or false");
                None
            }
        }
    }

    /// One of the named values.
    pub(super) fn named<T: Named>(&mut self, node: &Node<'_>) -> Option<T> {
        let text = self.text(node)?.trim();
        if let Some((_, value)) = T::ALL.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        let names: Vec<&str> = T::ALL.iter().map(|(name, _)| *name).collect();
        let hint = match did_you_mean(text, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it is one of {}", listed(&names)),
        };
        self.log.error(
            Code::UnknownValue,
            &node.at,
            format!("`{text}` is not a value that is known here"),
            hint,
        );
        None
    }

    pub(super) fn slug(&mut self, node: &Node<'_>) -> Option<Slug> {
        let text = self.text(node)?.trim();
        match Slug::new(text) {
            Ok(slug) => Some(slug),
            Err(error) => {
                let hint = Slug::of(text).map(|slug| format!("write `{slug}`")).unwrap_or_default();
                self.log.error(Code::BadId, &node.at, format!("`{text}` is not an id: it {error}"), hint);
                None
            }
        }
    }

    /// The id that is given, or the slug of the name; unique in its list.
    pub(super) fn id_of(
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
                    self.log.error(Code::BadId, at, what, "give it an `id`");
                    return None;
                };
                (id, at)
            }
            (None, None) => return None,
        };
        if taken.contains(&id) {
            let hint = if given.is_some() { "give it another" } else { "give it an `id` of its own" };
            self.log.error(Code::DuplicateId, at, format!("the id `{id}` is taken"), hint);
        }
        Some(id)
    }

    /// Notes a name that was used before, whatever its case.
    pub(super) fn unique_name(&mut self, name: &str, at: &At, taken: &[String]) {
        let lower = name.to_lowercase();
        if taken.iter().any(|other| other.to_lowercase() == lower) {
            self.log.error(Code::DuplicateName, at, format!("the name `{name}` is taken"), "give it another");
        }
    }
}

/// What the value of a key that people have to write may look like.
fn example(key: &str) -> Option<&'static str> {
    match key {
        "id" => Some("a1"),
        "weight" => Some("40%"),
        "range" => Some("0..40"),
        "min" => Some("1"),
        "max" => Some("5"),
        _ => None,
    }
}

/// The value as it is written.
pub(super) fn shown(node: &Node<'_>) -> String {
    match &node.value {
        Value::Scalar(text) | Value::Text(text) => text.trim().chars().take(40).collect(),
        Value::Number(text) => text.clone(),
        other => other.kind().to_owned(),
    }
}
