//! The rules of the format, on what was written, whichever way.
//!
//! Everything is looked at in one pass. A value that is wrong is noted once and then taken for one that is right, so
//! that one mistake gives one message.

mod answers;
mod categories;
mod coverage;
mod dimensions;
mod guidelines;
mod items;
pub(crate) mod keys;
mod options;
mod prose;
mod settings;
mod values;

use rust_decimal::Decimal;

use self::prose::Slot;
pub(crate) use self::{answers::MAX_LENGTH, dimensions::percent};
use crate::{
    definition::{Content, Dimension, Introductions, Note},
    diagnostic::Code,
    headings::Section,
    slug::Slug,
    tree::{At, Dialect, Log, Node, Value},
};

/// The most dimensions, categories, parts, notes, and lines of a list.
pub(crate) const MOST: usize = 100;
/// The most items.
pub(crate) const MOST_ITEMS: usize = 500;

/// Checks what was written. What comes back is sound when nothing was noted as an error.
pub(crate) fn check(root: &Node<'_>, dialect: Dialect, log: &mut Log) -> Option<Content> {
    let mut check = Check { dialect, log, unread: UnreadFields::default() };
    let fields = check.map(root, keys::ROOT)?;
    let title = fields.get("title").and_then(|title| check.name(title).map(|name| (name, title.at.clone())));
    let settings = check.settings(fields.get("metadata"), &root.at, title);

    let dimensions = check.section(&fields, Section::Dimensions, &root.at);
    let known = check.dimensions(dimensions, settings.scale);
    check.kind(&settings, &known, &fields);

    let categories = check.section(&fields, Section::Categories, &root.at);
    let categories = categories.map(|nodes| check.categories(nodes, &settings, &known)).unwrap_or_default();

    let guidelines =
        fields.get("interview_guidelines").map(|node| check.guidelines(node, &known)).unwrap_or_default();
    let parts = fields.get("parts").map(|node| check.parts(node)).unwrap_or_default();
    let items =
        fields.get("items").map(|node| check.items(node, &settings, &known, &parts)).unwrap_or_default();
    check.asked(&known, &guidelines, &items);

    let introductions = fields.get("introductions").map(|node| check.introductions(node)).unwrap_or_default();
    let is_known = |heading: &str| Section::of(heading) != Err(None);
    let notes = fields.get("notes").map(|node| check.notes(node, is_known, 3)).unwrap_or_default();
    let dimensions = known.dimensions;
    Some(Content { settings, dimensions, categories, guidelines, parts, items, introductions, notes })
}

/// Checks, and notes what is wrong.
pub(crate) struct Check<'l> {
    dialect: Dialect,
    log: &'l mut Log,
    unread: UnreadFields,
}

/// What could not be read, so that rules that build on it are left out.
#[derive(Debug, Default)]
struct UnreadFields {
    kind: bool,
    default_answer: bool,
    asked: bool,
}

/// The dimensions, for what refers to them.
struct Known {
    dimensions: Vec<Dimension>,
    /// Where the name of each stands.
    at: Vec<At>,
    /// Whether all of them have an id, so that one that is not among them is wrong.
    complete: bool,
    /// Whether all of them have a weight.
    weighted: bool,
}

impl Known {
    fn ids(&self) -> impl Iterator<Item = &str> {
        self.dimensions.iter().map(|dimension| dimension.id.as_str())
    }

    fn has(&self, id: &Slug) -> bool {
        self.dimensions.iter().any(|dimension| dimension.id == *id)
    }

    fn weights(&self) -> Vec<(Slug, Decimal)> {
        self.dimensions.iter().map(|dimension| (dimension.id.clone(), dimension.weight)).collect()
    }
}

impl Check<'_> {
    /// The entries of a section that must be there.
    fn section<'n>(
        &mut self,
        fields: &values::Fields<'n>,
        section: Section,
        at: &At,
    ) -> Option<(&'n [Node<'n>], &'n At)> {
        let (key, entry) = match section {
            Section::Dimensions => ("dimensions", "dimension"),
            _ => ("result_categories", "category"),
        };
        let key = self.dialect.key(key);
        let Some(node) = fields.get(keys::snake(section)) else {
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
            self.log.error(Code::MissingSection, &at.member(&key), what, hint);
            return None;
        };
        let nodes = self.list(node, MOST)?;
        if nodes.is_empty() {
            let hint = match self.dialect {
                Dialect::Markdown => "add a heading `### ` with its name".to_owned(),
                Dialect::Json => format!("add a {entry}"),
            };
            self.log.error(Code::MissingSection, &node.at, format!("there is no {entry}"), hint);
        }
        Some((nodes, &node.at))
    }

    fn introductions(&mut self, node: &Node<'_>) -> Introductions {
        let Some(fields) = self.map(node, keys::INTRODUCTIONS) else { return Introductions::default() };
        let mut prose =
            |key, slot| fields.get(key).and_then(|node| self.prose(node, slot)).unwrap_or_default();
        Introductions {
            dimensions: prose("dimensions", Slot::Plain),
            categories: prose("categories", Slot::Plain),
            guidelines: prose("guidelines", Slot::Plain),
            items: prose("items", Slot::BeforeItems),
        }
    }

    /// Prose under headings that mean nothing to the format. Headings in it are at least of `level`.
    fn notes(&mut self, node: &Node<'_>, is_known: impl Fn(&str) -> bool, level: u8) -> Vec<Note> {
        let nodes = self.list(node, MOST).unwrap_or_default();
        let mut notes = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Some(fields) = self.map(node, keys::NOTE) else { continue };
            let heading = self.required(&fields, "heading", node).and_then(|node| {
                let heading = self.name(node)?;
                if is_known(&heading) {
                    let what = format!("`{heading}` is, or is nearly, a heading the format knows");
                    self.log.error(Code::UnknownSection, &node.at, what, "give it another heading");
                }
                Some(heading)
            });
            let text =
                fields.get("text").and_then(|node| self.prose(node, Slot::Note(level))).unwrap_or_default();
            notes.extend(heading.map(|heading| Note { heading, text }));
        }
        notes
    }
}

/// A value that may be missing without a word.
fn is_absent(node: &Node<'_>) -> bool {
    matches!(node.value, Value::Null)
}
