//! The rules of keys and values, on what was written, whichever way.
//!
//! A value that is wrong is noted once and then taken for one that is right, so that one mistake gives one message.

mod markdown;
mod settings;
mod values;

use std::borrow::Cow;

pub use self::values::{Bounds, number, percent};
use crate::{
    code::{Code, Rule},
    format::Format,
    headings::Section,
    log::Log,
    text::{did_you_mean, listed},
    tree::{At, Dialect, Field, Node, Value},
};

/// The most entries of a list, where a format says nothing else.
pub const MOST: usize = 100;

/// Checks keys and values, and notes what is wrong. A format's own checks are built on it.
#[derive(Debug)]
pub struct Check<'l, C> {
    /// How it was written.
    pub dialect: Dialect,
    /// Takes what is wrong.
    pub log: &'l mut Log<C>,
    /// The format it is written in.
    pub format: &'l Format,
}

/// The members of a map, by their keys in snake case.
#[derive(Debug)]
pub struct Fields<'n> {
    members: &'n [Field<'n>],
    dialect: Dialect,
    /// Keys that were misspelt, and how.
    misspelt: Vec<(String, &'n str)>,
}

impl<'n> Fields<'n> {
    /// A member that is there and not null.
    pub fn get(&self, key: &str) -> Option<&'n Node<'n>> {
        self.field(key).map(|field| &field.node).filter(|node| !node.is_absent())
    }

    /// A member, null or not.
    pub fn field(&self, key: &str) -> Option<&'n Field<'n>> {
        let key = self.dialect.key(key);
        let misspelt = self.misspelt.iter().find(|(meant, _)| *meant == key).map(|(_, written)| *written);
        let find = |key: &str| self.members.iter().find(|field| field.key == key);
        find(&key).or_else(|| find(misspelt?))
    }
}

impl<'n, C: Code> Check<'_, C> {
    /// The members of an object. Keys the format does not know are told.
    pub fn map(&mut self, node: &'n Node<'n>, known: &[&str]) -> Option<Fields<'n>> {
        let Value::Map(fields) = &node.value else {
            self.wrong_type(node, "keys and values");
            return None;
        };
        let mut misspelt = Vec::new();
        let spelt: Vec<Cow<'_, str>> = known.iter().map(|key| self.dialect.key(key)).collect();
        for field in fields {
            let added = self.dialect == Dialect::Markdown && self.format.added_keys.contains(&&*field.key);
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
            self.log.error(Rule::UnknownKey, &field.key_at, what, hint);
        }
        Some(Fields { members: fields, dialect: self.dialect, misspelt })
    }

    /// A member that must be there.
    pub fn required(&mut self, fields: &Fields<'n>, key: &str, node: &Node<'_>) -> Option<&'n Node<'n>> {
        let found = fields.get(key);
        if found.is_none() {
            let key = self.dialect.key(key);
            let at = fields.field(&key).map_or_else(|| node.at.member(&key), |field| field.node.at.clone());
            let mut examples = self.format.examples.iter().filter(|_| self.dialect == Dialect::Markdown);
            let hint = match examples.find(|(of, _)| *of == key) {
                Some((_, example)) => format!("add `{key}: {example}`"),
                None => format!("add `{key}`"),
            };
            self.log.error(Rule::MissingKey, &at, format!("there is no `{key}`"), hint);
        }
        found
    }

    /// A list of a bounded length; one that is too long is cut.
    pub fn list(&mut self, node: &'n Node<'n>, most: usize) -> Option<&'n [Node<'n>]> {
        let Value::List(nodes) = &node.value else {
            self.wrong_type(node, "a list");
            return None;
        };
        if let Some(surplus) = nodes.get(most) {
            let what = format!("there are {} entries; at most {most} are allowed", nodes.len());
            self.log.error(Rule::OutOfRange, &surplus.at, what, "leave some out");
        }
        Some(&nodes[..nodes.len().min(most)])
    }

    /// Tells that something else must stand here.
    pub fn wrong_type(&mut self, node: &Node<'_>, expected: &str) {
        if !node.is_unknown() {
            let what = format!("{expected} must stand here, not {}", node.value.kind());
            self.log.error(Rule::WrongType, &node.at, what, format!("write {expected}"));
        }
    }

    /// The entries of a section that must be there, under its `key`; `entry` is what one of them is called.
    pub fn section(
        &mut self,
        fields: &Fields<'n>,
        section: impl Section,
        key: &str,
        entry: &str,
        at: &At,
    ) -> Option<(&'n [Node<'n>], &'n At)> {
        let Some(node) = fields.get(key) else {
            let key = self.dialect.key(key);
            let (what, hint) = match self.dialect {
                Dialect::Markdown => {
                    let heading = section.heading();
                    (
                        format!("there is no section `{heading}`"),
                        format!("add `## {heading}` with a heading `### ` for each"),
                    )
                }
                Dialect::Json => (format!("there is no `{key}`"), format!("add `{key}`, an array")),
            };
            self.log.error(Rule::MissingSection, &at.member(&key), what, hint);
            return None;
        };
        let nodes = self.list(node, MOST)?;
        if nodes.is_empty() {
            let hint = match self.dialect {
                Dialect::Markdown => "add a heading `### ` with its name".to_owned(),
                Dialect::Json => format!("add a {entry}"),
            };
            self.log.error(Rule::MissingSection, &node.at, format!("there is no {entry}"), hint);
        }
        Some((nodes, &node.at))
    }

    /// Heading and text of what stands under headings that mean nothing to the format; `meant` says how a heading is
    /// mended that should mean something. Headings in the text are at least of `level`.
    pub fn notes(
        &mut self,
        node: &Node<'_>,
        meant: impl Fn(&str) -> Option<String>,
        level: u8,
    ) -> Vec<(String, String)> {
        let nodes = self.list(node, MOST).unwrap_or_default();
        let mut notes = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Some(fields) = self.map(node, &["heading", "text"]) else { continue };
            let heading = self.required(&fields, "heading", node).and_then(|node| {
                let heading = self.name(node)?;
                if let Some(hint) = meant(&heading) {
                    let what = format!("`{heading}` is, or is nearly, a heading the format knows");
                    self.log.error(Rule::UnknownSection, &node.at, what, hint);
                }
                Some(heading)
            });
            let text = fields.get("text").and_then(|node| self.prose(node, level)).unwrap_or_default();
            notes.extend(heading.map(|heading| (heading, text)));
        }
        notes
    }
}
