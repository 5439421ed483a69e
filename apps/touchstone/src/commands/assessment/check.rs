//! `touchstone assessment check`: every mistake as a compiler tells it, then one line about the file.

use assessment_format::{Checked, Definition, Diagnostic, Severity};

use super::{Tally, counted, files::Source};
use crate::{cli::CheckAssessments, exit::Failure, output};

pub(super) fn run(what: &CheckAssessments) -> Result<(), Failure> {
    let mut tally = Tally::default();
    for path in &what.files {
        tally.count(Source::read(path).map(|source| check(&source, what.deny_warnings)));
    }
    tally.end(if what.deny_warnings { "with errors or warnings" } else { "with errors" })
}

/// Tells what is wrong with a file; whether it passes.
fn check(source: &Source, deny_warnings: bool) -> bool {
    let Checked { definition, diagnostics } = source.check();
    if !diagnostics.is_empty() {
        output::line(format_args!("{}\n", source.render(&diagnostics)));
    }
    output::line(format_args!("{}: {}", source.name, summary(definition.as_ref(), &diagnostics)));
    let denied = |severity| severity == Severity::Error || (deny_warnings && severity == Severity::Warning);
    !diagnostics.iter().any(|diagnostic| denied(diagnostic.severity))
}

/// `2 errors, 1 warning`, or `no mistakes` and what the file holds.
fn summary(definition: Option<&Definition>, diagnostics: &[Diagnostic]) -> String {
    let kinds = [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Note, "note", "notes"),
    ];
    let counts = kinds.map(|(severity, one, many)| {
        let number = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        (number > 0).then(|| counted(number, one, many))
    });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let summary = if counts.is_empty() { "no mistakes".to_owned() } else { counts.join(", ") };
    match definition {
        Some(definition) => format!("{summary}; {}", contents(definition)),
        None => summary,
    }
}

/// `Leadership Readiness 1.0: 5 dimensions, 4 result categories, 18 items`
fn contents(definition: &Definition) -> String {
    let settings = &definition.settings;
    let dimensions = counted(definition.dimensions.len(), "dimension", "dimensions");
    let categories = counted(definition.categories.len(), "result category", "result categories");
    let items = counted(definition.items.len(), "item", "items");
    format!("{} {}: {dimensions}, {categories}, {items}", settings.name, settings.version)
}
