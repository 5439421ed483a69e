//! The format `assessment/1`: what is read, refused, printed and concluded.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::format_collect, clippy::format_push_string, reason = "texts of tests are short")]
#![expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "counts of tests are small")]

mod conditions;
mod gallery;
mod generate;
mod hostile;
mod json;
mod messages;
mod round_trip;
mod structure;

use assessment_format::{Checked, Definition, parse, render};

/// The definition of a file that has no error.
#[track_caller]
fn definition_of(file: &str) -> Definition {
    let Checked { definition, diagnostics } = parse(file);
    definition.unwrap_or_else(|| panic!("{file}\n{}", render(&diagnostics, "file", file)))
}
