//! What was written, before anybody asked whether it makes sense: the same tree from markdown and from JSON, every part
//! of which knows where it stands. The rules are checked on it.

use std::{borrow::Cow, ops::Range};

/// How it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// In a file.
    Markdown,
    /// By a builder.
    Json,
}

impl Dialect {
    /// A key as it is written: `tie_margin` in markdown, `tieMargin` in JSON.
    pub fn key(self, snake: &str) -> Cow<'_, str> {
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
pub enum At {
    /// These bytes of the file, as it was read.
    Span(Range<usize>),
    /// A JSON Pointer.
    Pointer(String),
}

impl At {
    /// A part of a text that stands here as it is. JSON has no finer places than a value.
    pub fn within(&self, part: Range<usize>) -> Self {
        match self {
            Self::Span(span) => Self::Span(span.start + part.start..span.start + part.end),
            Self::Pointer(_) => self.clone(),
        }
    }

    /// A member of this object.
    pub fn member(&self, key: &str) -> Self {
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
pub struct Node<'s> {
    /// Where it stands.
    pub at: At,
    /// What stands there.
    pub value: Value<'s>,
}

/// What was written.
#[derive(Debug, Clone)]
pub enum Value<'s> {
    /// What is wrong with it was said already.
    Unknown,
    /// Nothing, or the word for it.
    Null,
    /// True or false.
    Bool(bool),
    /// A JSON number, as it is written.
    Number(String),
    /// Text that may stand for a number or a truth value.
    Scalar(Cow<'s, str>),
    /// Text and nothing else.
    Text(Cow<'s, str>),
    /// Entries in their order.
    List(Vec<Node<'s>>),
    /// Keys and values.
    Map(Vec<Field<'s>>),
}

/// A member of a map.
#[derive(Debug, Clone)]
pub struct Field<'s> {
    /// The key as it is written.
    pub key: Cow<'s, str>,
    /// Where the key stands.
    pub key_at: At,
    /// The value.
    pub node: Node<'s>,
}

impl<'s> Node<'s> {
    /// A value that stands there.
    pub const fn new(at: At, value: Value<'s>) -> Self {
        Self { at, value }
    }

    /// Whether what is wrong with it was said already.
    pub const fn is_unknown(&self) -> bool {
        matches!(self.value, Value::Unknown)
    }

    /// Whether it may be missing without a word.
    pub const fn is_absent(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// A member of it, by the key as it is written.
    pub fn field(&self, key: &str) -> Option<&Self> {
        let Value::Map(fields) = &self.value else { return None };
        fields.iter().find(|field| field.key == key).map(|field| &field.node)
    }

    /// Its entries; none where it is no list.
    pub fn entries(&self) -> &[Self] {
        if let Value::List(nodes) = &self.value { nodes } else { &[] }
    }

    /// Its text, where it is some.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Scalar(text) | Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The value as it is written, at most 40 characters of it.
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Scalar(text) | Value::Text(text) => text.trim().chars().take(40).collect(),
            Value::Number(text) => text.clone(),
            other => other.kind().to_owned(),
        }
    }
}

impl<'s> Field<'s> {
    /// A member that the reader of a file adds; its key stands nowhere.
    pub fn added(key: &'static str, node: Node<'s>) -> Self {
        Self { key: Cow::Borrowed(key), key_at: node.at.clone(), node }
    }
}

impl Value<'_> {
    /// What it is, with its article.
    pub const fn kind(&self) -> &'static str {
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
