//! The rules of the format, on what was written, whichever way.
//!
//! Everything is looked at in one pass. A value that is wrong is noted once and then taken for one that is right, so
//! that one mistake gives one message.

mod answers;
mod asked;
mod categories;
mod coverage;
mod dimensions;
mod guidelines;
mod items;
pub(crate) mod keys;
mod options;
mod settings;
mod slots;
mod way_out;

use std::ops::{Deref, DerefMut};

use prose::{At, Dialect, Node, Section as _};
use rust_decimal::Decimal;

use self::slots::Slot;
pub(crate) use self::{
    answers::MAX_LENGTH,
    keys::{ADDED as ADDED_KEYS, EXAMPLES},
};
use crate::{
    definition::{Content, Dimension, Introductions, Note},
    diagnostic::{Code, Log},
    headings::{Section, guideline_meant},
    markdown::FORMAT,
    slug::Slug,
};

/// The most items.
pub(crate) const MOST_ITEMS: usize = 500;

/// Checks what was written. What comes back is sound when nothing was noted as an error. Of what was stored nobody has
/// to be told what they may not have meant.
pub(crate) fn check(root: &Node<'_>, dialect: Dialect, log: &mut Log, stored: bool) -> Option<Content> {
    let values = prose::Check { dialect, log, format: &FORMAT };
    let mut check = Check { values, stored, unread: UnreadFields::default() };
    let fields = check.map(root, keys::ROOT)?;
    let title = fields.get("title").and_then(|title| check.name(title).map(|name| (name, title.at.clone())));
    let settings = check.settings(fields.get("metadata"), &root.at, title);

    let dimensions = check.section(&fields, Section::Dimensions, "dimensions", "dimension", &root.at);
    let known = check.dimensions(dimensions, settings.scale);
    check.kind(&settings, &known, &fields);

    let categories = check.section(&fields, Section::Categories, "result_categories", "category", &root.at);
    let categories = categories.map(|nodes| check.categories(nodes, &settings, &known)).unwrap_or_default();

    let guidelines =
        fields.get("interview_guidelines").map(|node| check.guidelines(node, &known)).unwrap_or_default();
    let parts = fields.get("parts").map(|node| check.parts(node)).unwrap_or_default();
    let items =
        fields.get("items").map(|node| check.items(node, &settings, &known, &parts)).unwrap_or_default();

    let introductions = fields.get("introductions").map(|node| check.introductions(node)).unwrap_or_default();
    let meant = |heading: &str| match Section::of(heading) {
        Err(None) => guideline_meant(heading),
        _ => Some("give it another heading".to_owned()),
    };
    let notes = fields.get("notes").map(|node| check.notes_at(node, meant, 3)).unwrap_or_default();
    if !stored {
        check.asked((&fields, &root.at), &known, &guidelines, &parts, &items);
    }
    let dimensions = known.dimensions;
    Some(Content { settings, dimensions, categories, guidelines, parts, items, introductions, notes })
}

/// Checks what is said of an assessment, where [`prose::Check`] looks at keys and values alone.
struct Check<'l> {
    values: prose::Check<'l, Code>,
    stored: bool,
    unread: UnreadFields,
}

impl<'l> Deref for Check<'l> {
    type Target = prose::Check<'l, Code>;

    fn deref(&self) -> &Self::Target {
        &self.values
    }
}

impl DerefMut for Check<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.values
    }
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
    fn introductions(&mut self, node: &Node<'_>) -> Introductions {
        let Some(fields) = self.map(node, keys::INTRODUCTIONS) else { return Introductions::default() };
        let mut prose =
            |key, slot| fields.get(key).and_then(|node| self.slot(node, slot)).unwrap_or_default();
        Introductions {
            dimensions: prose("dimensions", Slot::Plain),
            categories: prose("categories", Slot::Plain),
            guidelines: prose("guidelines", Slot::Plain),
            items: prose("items", Slot::BeforeItems),
        }
    }

    /// What stands under headings that mean nothing to the format. Headings in it are at least of `level`.
    fn notes_at(&mut self, node: &Node<'_>, meant: impl Fn(&str) -> Option<String>, level: u8) -> Vec<Note> {
        let notes = self.values.notes(node, meant, level).into_iter();
        notes.map(|(heading, text)| Note { heading, text }).collect()
    }
}
