//! How the interview goes.

use serde::Serialize;

use crate::slug::Slug;

/// How the interview goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Guidelines {
    /// How it begins: markdown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub opening: String,
    /// What is asked about each dimension, in the order in which it is asked; at most one for each dimension.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Topic>,
    /// Follow-ups that suit any question; at most 100, one line of markdown each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub follow_ups: Vec<String>,
    /// What must not be asked; at most 100, one line of markdown each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never_ask: Vec<String>,
    /// How it ends: markdown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub closing: String,
    /// Other advice under a heading; at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// What is asked about a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// The dimension's id.
    pub dimension: Slug,
    /// What the interviewer should know: markdown without bullet lists.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub guidance: String,
    /// The questions, in order; at most 100.
    pub questions: Vec<Question>,
}

/// A question of the interview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// One line of markdown.
    pub text: String,
    /// What may be asked after the answer; at most 20, one line of markdown each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub follow_ups: Vec<String>,
}

/// Prose under a heading of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Plain text, 1 to 120 characters.
    pub heading: String,
    /// Markdown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
}
