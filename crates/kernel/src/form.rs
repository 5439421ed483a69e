//! The form of texts that values are read from, for descriptions that others check by.

/// What every text is like that a value is read from; lengths are in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The fewest characters.
    pub least: usize,
    /// The most characters. Space around a text may go beyond it where the value is trimmed.
    pub most: usize,
    /// A regular expression that texts of these lengths match (ECMA-262); without one `format` says more.
    pub pattern: Option<&'static str>,
    /// A format of JSON Schema, such as `idn-email`.
    pub format: Option<&'static str>,
}

impl Form {
    /// Texts of these lengths that match the pattern.
    pub const fn of(least: usize, most: usize, pattern: &'static str) -> Self {
        Self { least, most, pattern: Some(pattern), format: None }
    }
}

/// A value that is read from a text. What its constructor takes is what the form says; a test holds one against the
/// other.
pub trait Formed {
    /// What the form is called in descriptions.
    const NAME: &'static str;
    /// The form.
    const FORM: Form;
}

/// One line with something to see in it and nothing that controls: the pattern of [`SingleLine`](crate::SingleLine).
/// What is seen stands between anything allowed, and that between white space of any kind.
pub(crate) const LINE: &str = concat!(
    r"^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*",
    r"[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*",
    r"[^\u0000- \u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f",
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8",
    "\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]",
    r"[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*",
    r"[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$",
);
