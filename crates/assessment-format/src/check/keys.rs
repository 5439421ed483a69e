//! The keys of the format, in snake case. In JSON they are written in camel case.

/// Of the whole.
pub(super) const ROOT: &[&str] = &[
    "metadata",
    "dimensions",
    "result_categories",
    "interview_guidelines",
    "parts",
    "items",
    "introductions",
    "notes",
];
/// Of the front matter.
pub(crate) const SETTINGS: &[&str] = &[
    "schema",
    "name",
    "slug",
    "version",
    "type",
    "scale",
    "interview",
    "result_disclosure",
    "language",
    "tie_margin",
    "tie_break",
    "coverage",
    "time_limit_minutes",
    "answer",
    "labels",
];
/// Of the list under a dimension.
pub(crate) const DIMENSION: &[&str] = &["id", "weight"];
pub(super) const OF_DIMENSION: &[&str] =
    &["id", "name", "weight", "description", "anchors", "anchors_heading"];
/// Of the list under a category.
pub(crate) const CATEGORY: &[&str] = &["id", "when", "dimension", "default"];
pub(super) const OF_CATEGORY: &[&str] = &["id", "name", "when", "dimension", "default", "description"];
/// Of the list of an item.
pub(crate) const ITEM: &[&str] = &[
    "id",
    "measures",
    "answer",
    "required",
    "labels",
    "choose",
    "range",
    "decimals",
    "unit",
    "correct",
    "tolerance",
    "max_length",
];
pub(super) const OF_ITEM: &[&str] = &[
    "id",
    "part",
    "text",
    "measures",
    "answer",
    "required",
    "labels",
    "choose",
    "range",
    "decimals",
    "unit",
    "correct",
    "tolerance",
    "max_length",
    "options",
];
pub(super) const SCALE: &[&str] = &["min", "max"];
pub(super) const INTERVIEW: &[&str] = &["style", "allow_override"];
pub(super) const ANCHOR: &[&str] = &["score", "text"];
pub(super) const MEASURE: &[&str] = &["dimension", "reversed"];
pub(super) const OPTION: &[&str] = &["text", "correct", "points"];
pub(super) const PART: &[&str] = &["id", "name", "instructions"];
pub(super) const INTRODUCTIONS: &[&str] = &["dimensions", "categories", "guidelines", "items"];
pub(super) const GUIDELINES: &[&str] = &["opening", "topics", "follow_ups", "never_ask", "closing", "notes"];
pub(super) const TOPIC: &[&str] = &["dimension", "guidance", "questions"];
pub(super) const QUESTION: &[&str] = &["text", "follow_ups"];

/// What only the reader of a file adds.
pub(crate) const ADDED: &[&str] = &["title", "mark"];

/// What the values of keys that people have to write may look like.
pub(crate) const EXAMPLES: &[(&str, &str)] =
    &[("id", "a1"), ("weight", "40%"), ("range", "0..40"), ("min", "1"), ("max", "5")];
