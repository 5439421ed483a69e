//! Diagnostics as a compiler prints them: with the line of the file and a caret under the place.

use std::{borrow::Cow, fmt::Write as _};

use super::{Diagnostic, Place};
use crate::code::Code;

/// Tab stops are this many columns apart.
const TAB: usize = 4;
/// Of a line that is longer, this many characters around the place are shown.
const WIDTH: usize = 120;

/// Writes diagnostics with excerpts of the file they are about; `path` is what the file is called. Plain text: colour
/// is the caller's.
///
/// ```text
/// error[weight-sum]: the weights sum to 0.9, not to 1
///   --> leadership.md:18:1
///    |
/// 18 | ## Dimensions
///    | ^^^^^^^^^^^^^
///    = why: The overall score is the weighted mean of the dimensions: …
///    = help: add 10%
/// ```
pub fn render<C: Code>(diagnostics: &[Diagnostic<C>], path: &str, source: &str) -> String {
    let lines: Vec<&str> = lines(source.strip_prefix('\u{feff}').unwrap_or(source));
    let mut out = String::new();
    for (n, diagnostic) in diagnostics.iter().enumerate() {
        out.push_str(if n == 0 { "" } else { "\n" });
        // Writing to a String cannot fail.
        let _ = one(&mut out, diagnostic, path, &lines);
    }
    out
}

/// Lines end at LF, CR or CRLF, as in markdown.
fn lines(source: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in source.split('\n') {
        lines.extend(line.strip_suffix('\r').unwrap_or(line).split('\r'));
    }
    lines
}

fn one<C: Code>(
    out: &mut String,
    diagnostic: &Diagnostic<C>,
    path: &str,
    lines: &[&str],
) -> std::fmt::Result {
    writeln!(out, "{}[{}]: {}", diagnostic.severity, diagnostic.code, safe(&diagnostic.what))?;
    let path = safe(path);
    let mut gutter = 1;
    match &diagnostic.place {
        Place::Json { pointer } => writeln!(out, "  --> {path}#{}", safe(pointer))?,
        Place::Source { line, column, length } => {
            gutter = line.to_string().len();
            writeln!(out, "{:gutter$}--> {path}:{line}:{column}", "")?;
            let text = usize::try_from(*line).ok().and_then(|line| lines.get(line.checked_sub(1)?));
            let (excerpt, before, carets) =
                excerpt(text.unwrap_or(&""), *column as usize - 1, *length as usize);
            writeln!(out, "{:gutter$} |", "")?;
            writeln!(out, "{line} |{}{excerpt}", if excerpt.is_empty() { "" } else { " " })?;
            writeln!(out, "{:gutter$} | {:before$}{}", "", "", "^".repeat(carets))?;
        }
    }
    writeln!(out, "{:gutter$} = why: {}", "", diagnostic.why())?;
    match &diagnostic.hint {
        Some(hint) => writeln!(out, "{:gutter$} = help: {}", "", safe(hint)),
        None => Ok(()),
    }
}

/// What is shown of a line, how many columns stand before the caret, and how many carets there are.
fn excerpt(line: &str, column: usize, length: usize) -> (String, usize, usize) {
    let from = if column + length.min(WIDTH) > WIDTH { column.saturating_sub(WIDTH / 3) } else { 0 };
    let mut shown = String::from(if from > 0 { "…" } else { "" });
    let mut columns = shown.chars().count();
    let (mut before, mut carets) = (columns, 0);
    let mut rest = line.chars().enumerate().skip(from);
    for (at, character) in rest.by_ref().take(WIDTH) {
        let width = match character {
            '\t' => TAB - columns % TAB,
            _ => 1,
        };
        match character {
            '\t' => shown.extend(std::iter::repeat_n(' ', width)),
            _ if is_unsafe_to_show(character) => shown.push('\u{fffd}'),
            _ => shown.push(character),
        }
        if at < column {
            before += width;
        } else if at < column + length {
            carets += width;
        }
        columns += width;
    }
    if rest.next().is_some() {
        shown.push('…');
    }
    (shown.trim_end().to_owned(), before, carets.max(1))
}

/// Keys of JSON and names of files hold any character, and a terminal obeys some of them.
fn safe(text: &str) -> Cow<'_, str> {
    if text.contains(is_unsafe_to_show) {
        Cow::Owned(text.replace(is_unsafe_to_show, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_unsafe_to_show(character: char) -> bool {
    character.is_control() || crate::text::is_direction_mark(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Severity, agenda::Code};

    #[test]
    fn what_a_terminal_would_obey_is_not_printed() {
        let of_key = |key: &str| Diagnostic {
            severity: Severity::Error,
            code: Code::UnknownKey,
            place: Place::Json { pointer: format!("/metadata/{key}") },
            what: format!("`{key}` is not a key the format knows here"),
            hint: Some(key.to_owned()),
        };
        let told = render(&["\u{1b}[2J", "a\nb", "\u{202e}c"].map(of_key), "evil\u{7}\n.json", "");
        assert!(told.contains("  --> evil\u{fffd}\u{fffd}.json#/metadata/\u{fffd}[2J\n"), "{told}");
        assert!(!told.contains(|c: char| c != '\n' && is_unsafe_to_show(c)));
    }
}
