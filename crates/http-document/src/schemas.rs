//! What the domain knows of values, as the description tells it: see [`http_shell::schema`].

use http_shell::{NamedSchema, TextSchema};
use kernel::{Form, Formed, document as words};

pub(crate) type ActiveContent = NamedSchema<document::ActiveContent>;
pub(crate) type Category = NamedSchema<words::DocumentCategory>;
pub(crate) type ExtractionStatus = NamedSchema<words::ExtractionStatus>;
pub(crate) type FileKind = NamedSchema<document::FileKind>;
pub(crate) type Status = NamedSchema<words::DocumentStatus>;

pub(crate) type RelatedType = TextSchema<RelatedKind>;

/// The kind of thing a document belongs to, by the name that its domain has for it.
pub(crate) enum RelatedKind {}

impl Formed for RelatedKind {
    const NAME: &'static str = "RelatedType";
    const FORM: Form = Form::of(1, 64, "^[a-z][a-z_]*$");
}

impl RelatedKind {
    pub(crate) fn read(name: &str) -> Result<String, &'static str> {
        let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let is_one = is_word && name.len() <= 64;
        is_one.then(|| name.to_owned()).ok_or("must be 1 to 64 of a-z and _, such as candidate")
    }
}
