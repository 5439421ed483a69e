//! How results are written to a file.

use std::collections::HashMap;

use assessment_format::{
    Definition, Reply, Score, Slug,
    interview::{Speaker, Turn},
};
use serde_json::{Value, json};

use crate::results::{
    Content, ExportOptions, Format, GivenAnswer, GivenResponses, Separator, Subject, result::AssessmentResult,
};

/// A result to be written.
pub(super) struct Row {
    pub result: AssessmentResult,
    pub subject: Subject,
    pub scores: Vec<(Slug, Option<Score>)>,
    /// What was answered and said, where that is written and was not erased.
    pub responses: Option<GivenResponses>,
}

/// What has a column each: its id and its newest name or wording.
#[derive(Debug, Default)]
pub(super) struct Columns {
    dimensions: Vec<(Slug, String)>,
    items: Vec<(Slug, String)>,
}

const FIXED: [&str; 13] = [
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
];
const SCORES: [&str; 2] = ["overall_score", "matched_category"];
const ANSWERS: [&str; 2] = ["answered_version", "transcript"];
/// The most characters of a wording in a heading.
const HEADING: usize = 200;
/// By it spreadsheets know UTF-8.
const BOM: &str = "\u{feff}";

impl Columns {
    /// Adds what of a version is not there yet; the newest comes first and names it.
    pub(super) fn add(&mut self, definition: &Definition) {
        let dimensions = definition.dimensions.iter().map(|of| (&of.id, &of.name));
        let items = definition.items.iter().map(|of| (&of.id, &of.text));
        for (id, name) in dimensions {
            add(&mut self.dimensions, id, name);
        }
        for (id, wording) in items {
            add(&mut self.items, id, wording);
        }
    }

    /// What a column of a dimension is headed with: its name, and its id where another has that name.
    fn heading(&self, id: &Slug, name: &str) -> String {
        let fixed = FIXED.iter().chain(&SCORES).chain(&ANSWERS);
        let twice = self.dimensions.iter().filter(|(_, other)| other == name).count() > 1;
        if twice || fixed.into_iter().any(|fixed| *fixed == name) {
            format!("{name} ({id})")
        } else {
            name.to_owned()
        }
    }

    /// The rows as octets of a file, below a line of headings where they come first.
    pub(super) fn written(&self, options: &ExportOptions, rows: &[Row], first: bool) -> Vec<u8> {
        match options.format {
            Format::Ndjson => rows.iter().flat_map(|row| line(&object(options.content, row))).collect(),
            Format::Csv => {
                let separator = options.separator.unwrap_or(Separator::Comma).character();
                let bom = if first && options.bom { BOM } else { "" };
                let head = first.then(|| record(&self.headings(options.content), separator));
                let rows = rows.iter().map(|row| record(&self.cells(options.content, row), separator));
                [bom.to_owned()].into_iter().chain(head).chain(rows).collect::<String>().into_bytes()
            }
        }
    }

    fn headings(&self, content: Content) -> Vec<String> {
        let fixed = |of: &[&str]| of.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>();
        let mut headings = fixed(&FIXED);
        if content.has_scores() {
            headings.extend(fixed(&SCORES));
            headings.extend(self.dimensions.iter().map(|(id, name)| text(&self.heading(id, name))));
        }
        if content.has_answers() {
            headings.extend(fixed(&ANSWERS));
            headings.extend(self.items.iter().map(|(id, wording)| asked(id, wording)));
        }
        headings
    }

    fn cells(&self, content: Content, row: &Row) -> Vec<String> {
        let Row { result, subject, scores, responses } = row;
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
        ];
        if content.has_scores() {
            let of = |id: &Slug| {
                scores.iter().find(|(dimension, _)| dimension == id).and_then(|(_, score)| *score)
            };
            cells.extend([
                score(run.outcome.overall),
                text(run.matched_category.as_deref().unwrap_or_default()),
            ]);
            cells.extend(self.dimensions.iter().map(|(id, _)| score(of(id))));
        }
        if content.has_answers() {
            let answers: HashMap<&Slug, &GivenAnswer> =
                responses.iter().flat_map(|of| &of.answers).map(|answer| (&answer.item, answer)).collect();
            cells.extend([
                plain(responses.as_ref().map(|of| of.version.to_string())),
                text(&plain(responses.as_ref().map(|of| transcript(&of.turns)))),
            ]);
            cells.extend(
                self.items.iter().map(|(id, _)| answers.get(id).map_or(String::new(), |of| cell(of))),
            );
        }
        cells
    }
}

fn add(columns: &mut Vec<(Slug, String)>, id: &Slug, name: &str) {
    if !columns.iter().any(|(known, _)| known == id) {
        columns.push((id.clone(), name.to_owned()));
    }
}

/// What a column of an item is headed with: its id, by which programs find it, a colon, and what was asked.
fn asked(id: &Slug, wording: &str) -> String {
    let words = wording.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = words.chars().take(HEADING).collect();
    let more = if cut.len() < words.len() { "…" } else { "" };
    format!("{id}: {cut}{more}")
}

/// An answer as people read it; a number stays one, also below zero.
fn cell(answer: &GivenAnswer) -> String {
    match answer.reply {
        Reply::Number(_) => answer.readable.clone(),
        _ => text(&answer.readable),
    }
}

/// A conversation, a line for each turn.
fn transcript(turns: &[Turn]) -> String {
    let line = |turn: &Turn| {
        let by = if turn.by == Speaker::Person { "Person" } else { "Interviewer" };
        format!("{by}: {}", turn.text)
    };
    turns.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A result as a JSON object.
fn object(content: Content, Row { result, subject, scores, responses }: &Row) -> Value {
    let run = &result.run;
    let mut object = json!({
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
    });
    if content.has_scores() {
        let scores = scores.iter().map(|(id, score)| (id.to_string(), json!(score)));
        object["overall_score"] = json!(run.outcome.overall);
        object["matched_category"] = json!(run.matched_category);
        object["dimension_scores"] = Value::Object(scores.collect());
    }
    if content.has_answers() {
        object["answered_version"] = json!(responses.as_ref().map(|of| of.version));
        object["answers"] = responses.as_ref().map_or_else(|| json!([]), GivenResponses::answers_to_json);
        object["turns"] = responses.as_ref().map_or_else(|| json!([]), GivenResponses::turns_to_json);
    }
    object
}

/// A line of a file of JSON objects.
fn line(object: &Value) -> Vec<u8> {
    format!("{object}\n").into_bytes()
}

/// A line of a file of separated values (RFC 4180).
fn record(cells: &[String], separator: char) -> String {
    let quoted = |cell: &String| {
        let must = cell.contains([separator, '"', '\r', '\n']);
        if must { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    let cells: Vec<String> = cells.iter().map(quoted).collect();
    format!("{}\r\n", cells.join(separator.encode_utf8(&mut [0; 4])))
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
        assert_eq!(record(&cells, ','), "plain,\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",\r\n");
        assert_eq!(record(&cells, ';'), "plain;a,b;\"say \"\"so\"\"\";\"two\nlines\";\r\n");
        assert_eq!(record(&["a;b".to_owned(), "c\td".to_owned()], ';'), "\"a;b\";c\td\r\n");
        assert_eq!(record(&["a;b".to_owned(), "c\td".to_owned()], '\t'), "a;b\t\"c\td\"\r\n");
        for words in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"] {
            assert_eq!(text(words), format!("'{words}"));
        }
        assert_eq!(text("Ann = Bob"), "Ann = Bob");
    }

    #[test]
    fn a_name_that_two_columns_have_is_told_apart_by_its_id() {
        let slug = |text: &str| text.parse::<Slug>().unwrap();
        let dimensions = vec![
            (slug("a"), "Reach".into()),
            (slug("b"), "Reach".into()),
            (slug("c"), "email".into()),
            (slug("d"), "Depth".into()),
        ];
        let columns = Columns { dimensions, ..Columns::default() };
        let headings: Vec<_> =
            columns.dimensions.iter().map(|(id, name)| columns.heading(id, name)).collect();
        assert_eq!(headings, ["Reach (a)", "Reach (b)", "email (c)", "Depth"]);
        assert_eq!(asked(&slug("i1"), "Do you\n*plan*?"), "i1: Do you *plan*?");
        let long = asked(&slug("i1"), &"ä".repeat(201));
        assert_eq!(long.chars().count(), 205, "{long}");
    }
}
