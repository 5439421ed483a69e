//! What a version changes against the one before: wording or scoring, and which version that asks for.
//!
//! A change is one of **scoring** when the same replies and ratings can give another number or another
//! category, or when something scored can be replied to otherwise. Everything else is **wording**: it may
//! well change how people answer, but not what becomes of an answer.
//!
//! | | wording: the next minor | scoring: the next major |
//! |---|---|---|
//! | settings | name, slug, description, language, interview, disclosure, time limit, default answer | type, scale, ties, coverage |
//! | dimensions | name, description, what raters read at a score | added, removed, weight, which scores raters read about; in a comparative assessment the order |
//! | categories | name, description; in a comparative assessment the order | added, removed, condition; else the order |
//! | items that count | text, part, whether required, labels, option texts, unit, longest text, order | added, removed, what they measure, form, steps, worth of options, how many, range, decimals, what is right |
//! | other items | everything | that they count now |
//! | guidelines, parts, introductions, notes | everything | |
//!
//! Things are the same by their ids: with another id (by default the slug of the name) one is gone and
//! another is new.

mod answers;
mod parts;

use serde::Serialize;
use serde_json::Value;

use crate::{definition::Content, version::Version};

kernel::named! {
    /// How far a change goes.
    pub enum Level {
        /// Words: the next minor version.
        Wording = "wording",
        /// Numbers: the next major version.
        Scoring = "scoring",
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// How far it goes.
    pub level: Level,
    /// Where, by ids: `dimensions/strategic/weight`.
    pub place: String,
    /// What changed, in words: a clause without a full stop.
    pub what: String,
    /// What stood there; `None` where there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What stands there now; `None` where there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// What a version changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VersionDiff {
    /// The changes, in the order of the document.
    pub edits: Vec<Edit>,
}

/// Why a version cannot have the number it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VersionRefused {
    /// Nothing changed since the last one.
    #[error("nothing changed since version {0}; there is nothing to publish")]
    Unchanged(Version),
    /// It is lower than the changes ask for.
    #[error("version {proposed} is too low: after {published} a change of {} asks for {least} or higher", .level.name())]
    TooLow {
        /// The one it names.
        proposed: Version,
        /// The last one.
        published: Version,
        /// The lowest it may have.
        least: Version,
        /// What changed.
        level: Level,
    },
    /// There are no higher ones.
    #[error("there is no version after {0}; begin a new assessment")]
    Exhausted(Version),
}

/// What `new` changes against `old`. Their versions are not compared.
pub fn compare(old: &Content, new: &Content) -> VersionDiff {
    let mut diff = VersionDiff::default();
    diff.content(old, new);
    diff
}

impl VersionDiff {
    /// How far the furthest change goes; `None` where nothing changed.
    pub fn level(&self) -> Option<Level> {
        self.edits.iter().map(|edit| edit.level).max()
    }

    /// The lowest number a version with these changes may have after `published`.
    pub fn least(&self, published: Version) -> Result<Version, VersionRefused> {
        let least = match self.level() {
            None => return Err(VersionRefused::Unchanged(published)),
            Some(Level::Wording) => published.next_minor().or(published.next_major()),
            Some(Level::Scoring) => published.next_major(),
        };
        least.ok_or(VersionRefused::Exhausted(published))
    }

    /// Whether a version with these changes may have the number `proposed` after `published`.
    pub fn check(&self, published: Version, proposed: Version) -> Result<(), VersionRefused> {
        let (least, level) = (self.least(published)?, self.level().unwrap_or(Level::Wording));
        if proposed >= least {
            return Ok(());
        }
        Err(VersionRefused::TooLow { proposed, published, least, level })
    }

    /// Notes a value that changed.
    fn changed(&mut self, level: Level, place: &str, what: &str, old: &impl Serialize, new: &impl Serialize) {
        let value = |of: Result<Value, _>| of.unwrap_or(Value::Null);
        let (old, new) = (value(serde_json::to_value(old)), value(serde_json::to_value(new)));
        if old != new {
            let there = |value: Value| Some(value).filter(|value| !value.is_null());
            let (place, what) = (place.to_owned(), format!("{what} changed"));
            self.edits.push(Edit { level, place, what, old: there(old), new: there(new) });
        }
    }

    fn removed(&mut self, level: Level, place: String, what: &str, old: &impl Serialize) {
        let what = format!("{what} is gone");
        self.edits.push(Edit { level, place, what, old: serde_json::to_value(old).ok(), new: None });
    }

    fn added(&mut self, level: Level, place: String, what: &str, new: &impl Serialize) {
        let what = format!("{what} is new");
        self.edits.push(Edit { level, place, what, old: None, new: serde_json::to_value(new).ok() });
    }
}

/// The ids in order, those alone that stand on both sides.
fn order<'i, T>(list: &'i [T], other: &[T], id: fn(&T) -> &str) -> Vec<&'i str> {
    list.iter().map(id).filter(|of| other.iter().any(|other| id(other) == *of)).collect()
}
