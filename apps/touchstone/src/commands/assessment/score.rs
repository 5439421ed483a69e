//! `touchstone assessment score`: the result of answers in a file, and how each number came about.

use assessment_format::{Answers, Checked, Definition, Diagnostic, Ratings, Scorer, session::AnswersRefused};
use serde_json::json;

use super::{counted, explained, faulty, files::Source};
use crate::{cli::ScoreAssessment, exit::Failure, output};

pub(super) fn run(what: &ScoreAssessment) -> Result<(), Failure> {
    let (assessment, replies) = (Source::read(&what.file)?, Source::read(&what.answers)?);
    let definition = definition(&assessment)?;
    let answers = Answers::read(&replies.bytes, &definition).map_err(|AnswersRefused { faults }| {
        for why in &faults {
            output::notice(format_args!("{}: {why}", replies.name));
        }
        let many = counted(faults.len(), "reply does not fit", "replies do not fit");
        faulty(format!("nothing was scored: {many}"))
    })?;
    let scorer = Scorer::new(&definition);
    let (outcome, explanation) = scorer.explain(&answers, &Ratings::default());
    let report = scorer.report(outcome);
    if what.json {
        let both = json!({ "report": report, "explanation": explanation });
        output::line(serde_json::to_string_pretty(&both).map_err(Failure::fault)?);
    } else {
        output::line(explained::text(&report, &explanation, &answers).trim_end());
    }
    Ok(())
}

fn definition(source: &Source) -> Result<Definition, Failure> {
    let Checked { definition, mut diagnostics } = source.check();
    definition.ok_or_else(|| {
        diagnostics.retain(Diagnostic::is_error);
        output::notice(format_args!("{}\n", source.render(&diagnostics)));
        faulty(format!(
            "nothing was scored: {} has {}",
            source.name,
            counted(diagnostics.len(), "error", "errors")
        ))
    })
}
