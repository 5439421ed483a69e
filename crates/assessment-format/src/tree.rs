//! What was written, before anybody asked whether it makes sense: the same tree from markdown and from JSON, every part
//! of which knows where it stands. The rules are checked on it.

use std::{borrow::Cow, ops::Range};

use crate::diagnostic::{Code, Severity};

/// How it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Markdown,
    Json,
}

impl Dialect {
    /// A key as it is written: `tie_margin` in markdown, `tieMargin` in JSON.
    pub(crate) fn key(self, snake: &str) -> Cow<'_, str> {
        if self == Self::Markdown || !snake.contains('_') {
            return Cow::Borrowed(snake);
        }
        let mut key = String::with_capacity(snake.len());
        let mut upper = false;
        for c in snake.chars() {
            match c {
                '_' => upper = true,
                c if upper => {
                    key.push(c.to_ascii_uppercase());
                    upper = false;
                }
                c => key.push(c),
            }
        }
        Cow::Owned(key)
    }
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// These bytes of the file, as it was read.
    Span(Range<usize>),
    /// A JSON Pointer.
    Pointer(String),
}

impl At {
    /// A part of a text that stands here as it is. JSON has no finer places than a value.
    pub(crate) fn within(&self, part: Range<usize>) -> Self {
        match self {
            Self::Span(span) => Self::Span(span.start + part.start..span.start + part.end),
            Self::Pointer(_) => self.clone(),
        }
    }

    /// A member of this object.
    pub(crate) fn member(&self, key: &str) -> Self {
        match self {
            Self::Span(_) => self.clone(),
            Self::Pointer(pointer) => {
                Self::Pointer(format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")))
            }
        }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node<'s> {
    pub(crate) at: At,
    pub(crate) value: Value<'s>,
}

#[derive(Debug, Clone)]
pub(crate) enum Value<'s> {
    /// What is wrong with it was said already.
    Unknown,
    Null,
    Bool(bool),
    /// A JSON number, as it is written.
    Number(String),
    /// Text that may stand for a number or a truth value.
    Scalar(Cow<'s, str>),
    Text(Cow<'s, str>),
    List(Vec<Node<'s>>),
    Map(Vec<Field<'s>>),
}

/// A member of a map.
#[derive(Debug, Clone)]
pub(crate) struct Field<'s> {
    pub(crate) key: Cow<'s, str>,
    pub(crate) key_at: At,
    pub(crate) node: Node<'s>,
}

impl<'s> Node<'s> {
    pub(crate) const fn new(at: At, value: Value<'s>) -> Self {
        Self { at, value }
    }

    pub(crate) const fn is_unknown(&self) -> bool {
        matches!(self.value, Value::Unknown)
    }
}

impl<'s> Field<'s> {
    /// A member that the reader of a file adds; its key stands nowhere.
    pub(crate) fn added(key: &'static str, node: Node<'s>) -> Self {
        Self { key: Cow::Borrowed(key), key_at: node.at.clone(), node }
    }
}

impl Value<'_> {
    /// What it is, with its article.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Unknown | Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Scalar(_) | Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "keys and values",
        }
    }
}

/// Something that is wrong, before its place is turned into lines or pointers.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) severity: Severity,
    pub(crate) code: Code,
    pub(crate) at: At,
    pub(crate) what: String,
    pub(crate) hint: Option<String>,
}

/// Everything that was found to be wrong, up to a limit.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) faults: Vec<Fault>,
    /// How many more there were.
    pub(crate) dropped: usize,
}

impl Log {
    /// The most faults that are told.
    pub(crate) const MAX: usize = 1_000;

    /// Notes an error; an empty hint is none.
    pub(crate) fn error(&mut self, code: Code, at: &At, what: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Error, code, at, what.into(), hint.into());
    }

    /// Notes a warning; an empty hint is none.
    pub(crate) fn warn(&mut self, code: Code, at: &At, what: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Warning, code, at, what.into(), hint.into());
    }

    /// Notes something good to know; an empty hint is none.
    pub(crate) fn note(&mut self, code: Code, at: &At, what: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Note, code, at, what.into(), hint.into());
    }

    fn add(&mut self, severity: Severity, code: Code, at: &At, what: String, hint: String) {
        if self.faults.len() == Self::MAX {
            self.dropped += 1;
            return;
        }
        let hint = Some(hint).filter(|hint| !hint.is_empty());
        self.faults.push(Fault { severity, code, at: at.clone(), what, hint });
    }

    /// Takes faults that were noted elsewhere.
    pub(crate) fn append(&mut self, faults: Vec<Fault>, dropped: usize) {
        let room = Self::MAX - self.faults.len();
        self.dropped += dropped + faults.len().saturating_sub(room);
        self.faults.extend(faults.into_iter().take(room));
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.dropped > 0 || self.faults.iter().any(|fault| fault.severity == Severity::Error)
    }
}
