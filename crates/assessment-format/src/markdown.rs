//! Assessments as markdown files: read, printed, and put in order.

mod guidelines;
mod items;
mod print;
mod sections;

use prose::{At, Dialect, Section as _, with_comments};

pub(crate) use self::items::key_line;
pub use self::print::print;
use crate::{
    Checked,
    check::{ADDED_KEYS, EXAMPLES, check},
    definition::Definition,
    diagnostic::{Code, Diagnostic, Log},
    headings::Section,
};

/// The format this program knows.
pub const SCHEMA: &str = "assessment/1";

/// The largest file, in bytes.
pub const MAX_SIZE: usize = 256 * 1024;

/// What reading a file has to know of the format.
pub(crate) const FORMAT: prose::Format = prose::Format {
    max_size: MAX_SIZE,
    has_keys: is_section_with_keys,
    added_keys: ADDED_KEYS,
    examples: EXAMPLES,
    ..prose::Format::new(SCHEMA, "assessment")
};

fn is_section_with_keys(heading: &str) -> bool {
    let section = Section::of(heading).map_or_else(|meant| meant, Some);
    matches!(section, Some(Section::Dimensions | Section::Categories))
}

/// Reads a file and checks it against every rule.
///
/// Everything that is wrong is told at once, in the order of the file. At most [`MAX_SIZE`] bytes are looked at.
pub fn parse(file: impl AsRef<[u8]>) -> Checked {
    let (definition, diagnostics) = prose::parse(file.as_ref(), &FORMAT, |text, log| {
        let root = sections::read(text, log)?;
        let content = check(&root, Dialect::Markdown, log, false)?;
        let definition = (!log.has_errors()).then(|| Definition::of_checked(content))?;
        printable(definition, text.len(), log)
    });
    Checked { definition, diagnostics }
}

/// A small file stays one when it is printed; of others it is made sure.
fn printable(definition: Definition, size: usize, log: &mut Log) -> Option<Definition> {
    /// Keys, escapes and conditions are printed in at most this many times the bytes they may be written in.
    const GROWTH: usize = 4;
    if size * GROWTH <= MAX_SIZE || print(&definition).len() <= MAX_SIZE {
        return Some(definition);
    }
    let what = format!("put in order, the file has more than {MAX_SIZE} bytes");
    log.error(Code::TooLarge, &At::Span(0..0), what, "split it into several assessments");
    None
}

/// Puts a file in order: the order, the form and the spacing of [`print()`], with the comments of the front matter
/// kept. What is in order stays byte for byte as it is.
pub fn format(file: impl AsRef<[u8]>) -> Result<String, Vec<Diagnostic>> {
    let checked = parse(file.as_ref());
    let Some(definition) = checked.definition else { return Err(checked.diagnostics) };
    // What was read as a definition is text.
    Ok(with_comments(&String::from_utf8_lossy(file.as_ref()), print(&definition)))
}

/// Prints a definition in place of the file it was before: with the comments of that one's front matter, unless
/// they make it too large.
pub fn reprint(before: &str, definition: &Definition) -> String {
    let printed = print(definition);
    let commented = with_comments(before, printed.clone());
    if commented.len() <= MAX_SIZE { commented } else { printed }
}
