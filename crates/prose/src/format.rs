//! What reading and messages have to know of a type of document.

/// A type of document: what reading and messages have to know of it.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name of the format, which every file tells: `agenda/1`.
    pub schema: &'static str,
    /// What a file holds, as a noun whose plural takes an `s`: `agenda`.
    pub noun: &'static str,
    /// The largest file, in bytes.
    pub max_size: usize,
    /// Whether in the section of this heading a list of keys stands under headings of level 3.
    pub has_keys: fn(&str) -> bool,
    /// The keys that no person writes: the reader of a file adds them.
    pub added_keys: &'static [&'static str],
    /// What the values of keys that people have to write may look like.
    pub examples: &'static [(&'static str, &'static str)],
}

impl Format {
    /// A type of document whose files have at most 256 KiB and no keys under headings.
    pub const fn new(schema: &'static str, noun: &'static str) -> Self {
        let has_keys = |_: &str| false;
        Self { schema, noun, max_size: 256 * 1024, has_keys, added_keys: &["title"], examples: &[] }
    }

    /// How a file that is too large is mended.
    pub(crate) fn split_hint(&self) -> String {
        format!("split it into several {}s", self.noun)
    }
}
