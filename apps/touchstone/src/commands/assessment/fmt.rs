//! `touchstone assessment fmt`: one way to write everything, so that changes of a file show what changed.

use std::path::Path;

use assessment_format::{Diagnostic, format};

use super::{
    Tally,
    files::{Source, is_standard, replace, unusable},
};
use crate::{cli::FmtAssessments, exit::Failure, output};

pub(super) fn run(what: &FmtAssessments) -> Result<(), Failure> {
    let mut tally = Tally::default();
    for path in &what.files {
        tally.count(put_in_order(path, what.check));
    }
    tally.end(if what.check { "not in order" } else { "with errors, not touched" })
}

/// Puts a file in order, or says whether it is; false where it has errors, or is not.
fn put_in_order(path: &Path, only_look: bool) -> Result<bool, Failure> {
    let source = Source::read(path)?;
    let name = &source.name;
    if source.is_json {
        return Err(unusable(format!("cannot put {name} in order: it is JSON; fmt is for markdown")));
    }
    let ordered = match format(&source.bytes) {
        Ok(ordered) => ordered,
        Err(mut diagnostics) => {
            diagnostics.retain(Diagnostic::is_error);
            output::notice(format_args!("{}\n", source.render(&diagnostics)));
            return Ok(false);
        }
    };
    let change = first_change(&source.bytes, &ordered);
    if only_look {
        if let Some(line) = change {
            output::line(format_args!("{name}: would change from line {line} on"));
        }
        return Ok(change.is_none());
    }
    if is_standard(path) {
        output::line(ordered.trim_end());
    } else if change.is_some() {
        replace(path, &ordered).map_err(|error| unusable(format!("cannot write {name}: {error}")))?;
        output::line(format_args!("{name}: put in order"));
    }
    Ok(true)
}

/// The first line that differs, from 1.
fn first_change(before: &[u8], after: &str) -> Option<usize> {
    if before == after.as_bytes() {
        return None;
    }
    let (old, new) = (before.split(|byte| *byte == b'\n'), after.as_bytes().split(|byte| *byte == b'\n'));
    Some(old.zip(new).take_while(|(old, new)| old == new).count() + 1)
}

#[cfg(test)]
mod tests {
    use super::first_change;

    #[test]
    fn the_first_line_that_differs_is_found() {
        assert_eq!(first_change(b"a\nb\n", "a\nb\n"), None);
        assert_eq!(first_change(b"a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_change(b"a\r\nb\n", "a\nb\n"), Some(1));
        assert_eq!(first_change(b"a\nb", "a\nb\n"), Some(3));
        assert_eq!(first_change(b"", "a\n"), Some(1));
    }
}
