//! How results are written to a file.

use assessment_format::{Definition, Score, Slug};
use serde_json::{Map, Value, json};

use crate::results::{Format, Subject, result::AssessmentResult};

/// A result to be written.
pub(super) struct Row {
    pub result: AssessmentResult,
    pub subject: Subject,
    pub scores: Vec<(Slug, Option<Score>)>,
}

/// The dimensions that have a column each: id and newest name.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<(Slug, String)>);

const FIXED: [&str; 15] = [
    "result_id",
    "session_type",
    "session_id",
    "campaign_id",
    "account_id",
    "email",
    "name",
    "assessment_version",
    "run",
    "scorer_version",
    "completed_at",
    "created_at",
    "released_at",
    "overall_score",
    "matched_category",
];

impl Columns {
    /// Adds the dimensions of a version that are not there yet; the newest comes first and names them.
    pub(super) fn add(&mut self, definition: &Definition) {
        for dimension in &definition.dimensions {
            if !self.0.iter().any(|(id, _)| *id == dimension.id) {
                self.0.push((dimension.id.clone(), dimension.name.clone()));
            }
        }
    }

    /// What a column is headed with: the dimension's name, and its id where another has that name.
    fn heading(&self, id: &Slug, name: &str) -> String {
        let twice = self.0.iter().filter(|(_, other)| other == name).count() > 1 || FIXED.contains(&name);
        if twice { format!("{name} ({id})") } else { name.to_owned() }
    }

    /// The rows as octets of a file, below a line of headings where they come first.
    pub(super) fn written(&self, format: Format, rows: &[Row], first: bool) -> Vec<u8> {
        match format {
            Format::Ndjson => rows.iter().flat_map(|row| line(&object(row))).collect(),
            Format::Csv => {
                let headings = self.0.iter().map(|(id, name)| text(&self.heading(id, name)));
                let headings: Vec<String> =
                    FIXED.iter().map(|heading| (*heading).to_owned()).chain(headings).collect();
                let head = first.then(|| record(&headings)).into_iter();
                head.chain(rows.iter().map(|row| record(&self.cells(row)))).collect::<String>().into_bytes()
            }
        }
    }

    fn cells(&self, Row { result, subject, scores }: &Row) -> Vec<String> {
        let plain = |value: Option<String>| value.unwrap_or_default();
        let score = |score: Option<Score>| plain(score.map(|score| score.to_string()));
        let run = &result.run;
        let mut cells = vec![
            result.id.to_string(),
            result.origin.kind().name().to_owned(),
            result.origin.id().to_string(),
            plain(result.origin.campaign().map(|id| id.to_string())),
            plain(subject.account.map(|id| id.to_string())),
            text(&plain(subject.email.as_ref().map(ToString::to_string))),
            text(subject.name.as_ref().map_or("", |name| name.as_str())),
            run.version.to_string(),
            run.number.to_string(),
            run.scorer_version.to_string(),
            result.completed_at.to_string(),
            result.created_at.to_string(),
            plain(result.released_at.map(|at| at.to_string())),
            score(run.outcome.overall),
            text(run.matched_category.as_deref().unwrap_or_default()),
        ];
        let of =
            |id: &Slug| scores.iter().find(|(dimension, _)| dimension == id).and_then(|(_, score)| *score);
        cells.extend(self.0.iter().map(|(id, _)| score(of(id))));
        cells
    }
}

/// A result as a JSON object.
fn object(Row { result, subject, scores }: &Row) -> Value {
    let run = &result.run;
    let scores: Map<String, Value> =
        scores.iter().map(|(id, score)| (id.to_string(), json!(score))).collect();
    json!({
        "result_id": result.id,
        "session_type": result.origin.kind(),
        "session_id": result.origin.id(),
        "campaign_id": result.origin.campaign(),
        "account_id": subject.account,
        "email": subject.email,
        "name": subject.name,
        "assessment_version": run.version,
        "run": run.number,
        "scorer_version": run.scorer_version,
        "completed_at": result.completed_at,
        "created_at": result.created_at,
        "released_at": result.released_at,
        "overall_score": run.outcome.overall,
        "matched_category": run.matched_category,
        "dimension_scores": scores,
    })
}

/// A line of a file of JSON objects.
fn line(object: &Value) -> Vec<u8> {
    format!("{object}\n").into_bytes()
}

/// A line of a file of comma-separated values (RFC 4180).
fn record(cells: &[String]) -> String {
    let quoted = |cell: &String| {
        let must = cell.contains([',', '"', '\r', '\n']);
        if must { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    format!("{}\r\n", cells.iter().map(quoted).collect::<Vec<_>>().join(","))
}

/// A cell with words somebody typed: no spreadsheet takes it for a formula.
fn text(words: &str) -> String {
    let dangerous = |c: char| matches!(c, '=' | '+' | '-' | '@') || c.is_control();
    if words.starts_with(dangerous) { format!("'{words}") } else { words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_and_no_formula_runs() {
        let cells = ["plain", "a,b", "say \"so\"", "two\nlines", ""].map(str::to_owned);
        assert_eq!(record(&cells), "plain,\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",\r\n");
        for words in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"] {
            assert_eq!(text(words), format!("'{words}"));
        }
        assert_eq!(text("Ann = Bob"), "Ann = Bob");
    }

    #[test]
    fn a_name_that_two_columns_have_is_told_apart_by_its_id() {
        let slug = |text: &str| text.parse::<Slug>().unwrap();
        let columns = Columns(vec![
            (slug("a"), "Reach".into()),
            (slug("b"), "Reach".into()),
            (slug("c"), "email".into()),
            (slug("d"), "Depth".into()),
        ]);
        let headings: Vec<_> = columns.0.iter().map(|(id, name)| columns.heading(id, name)).collect();
        assert_eq!(headings, ["Reach (a)", "Reach (b)", "email (c)", "Depth"]);
    }
}
