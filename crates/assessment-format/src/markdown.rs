//! Assessments as markdown files: read, printed, and put in order.

mod blank_lines;
mod comments;
mod front;
mod guidelines;
mod items;
mod lists;
pub(crate) mod outline;
mod print;
mod sections;
mod source;

pub(crate) use self::lists::listed;
pub(crate) use self::print::{heading, yaml};
use self::source::Source;
pub use self::{print::print, source::MAX_SIZE};
use crate::{
    Checked,
    check::check,
    definition::Definition,
    diagnostic::{Code, Diagnostic, Place, Severity},
    tree::{At, Dialect, Log},
};

/// The format this program knows.
pub const SCHEMA: &str = "assessment/1";

/// Reads a file and checks it against every rule.
///
/// Everything that is wrong is told at once, in the order of the file. At most [`MAX_SIZE`] bytes are looked at.
pub fn parse(file: impl AsRef<[u8]>) -> Checked {
    let mut log = Log::default();
    let Some(source) = Source::read(file.as_ref(), &mut log) else {
        let nowhere = |_: &At| Place::Source { line: 1, column: 1, length: 1 };
        return Checked { definition: None, diagnostics: diagnostics(log, nowhere) };
    };
    let root = sections::read(source.text(), &mut log);
    let content = root.and_then(|root| check(&root, Dialect::Markdown, &mut log));
    let definition = content.filter(|_| !log.has_errors()).map(Definition::of_checked);
    let definition = definition.and_then(|definition| printable(definition, source.text().len(), &mut log));
    let place = |at: &At| match at {
        At::Span(span) => source.place(span),
        At::Pointer(_) => Place::Source { line: 1, column: 1, length: 1 },
    };
    Checked { definition, diagnostics: diagnostics(log, place) }
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
    let printed = print(&definition);
    // What was read as a definition is text.
    let text = String::from_utf8_lossy(file.as_ref());
    Ok(comments::kept(&crate::text::normalised(&text, |_, _, _| ()), printed))
}

/// Prints a definition in place of the file it was before: with the comments of that one's front matter, unless
/// they make it too large.
pub fn reprint(before: &str, definition: &Definition) -> String {
    let printed = print(definition);
    let commented = comments::kept(&crate::text::normalised(before, |_, _, _| ()), printed.clone());
    if commented.len() <= MAX_SIZE { commented } else { printed }
}

/// What is told of the faults, in the order of their places.
pub(crate) fn diagnostics(mut log: Log, place: impl Fn(&At) -> Place) -> Vec<Diagnostic> {
    log.faults.sort_by_key(|fault| match &fault.at {
        At::Span(span) => span.start,
        At::Pointer(_) => 0,
    });
    let end = log.faults.last().map(|fault| place(&fault.at));
    let told = log.faults.into_iter().map(|fault| Diagnostic {
        severity: fault.severity,
        code: fault.code,
        place: place(&fault.at),
        what: fault.what,
        hint: fault.hint,
    });
    let mut told: Vec<Diagnostic> = told.collect();
    told.dedup();
    if let (1.., Some(place)) = (log.dropped, end) {
        let what = format!("{} more faults were found and are not shown", log.dropped);
        let hint = Some("mend those above first".to_owned());
        told.push(Diagnostic { severity: Severity::Error, code: Code::TooManyFaults, place, what, hint });
    }
    told
}
