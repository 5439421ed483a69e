//! Reads an assessment, shows its faults, answers it, scores the answers and says how the score came about.

use std::io::{Write as _, stderr, stdout};

use assessment_format::{Answers, Ratings, Scorer, parse};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = assessment_format::template("Team spirit");
    let checked = parse(&file);
    write!(stderr(), "{}", checked.render("team-spirit.md", &file))?;
    let definition = checked.definition.ok_or("the file has errors")?;

    let replies = r#"{ "d1": {"step": 5}, "d2": {"step": 2}, "d3": {"option": 2}, "v1": {"step": 4}, "v2": {"number": 9} }"#;
    let answers = Answers::read(replies, &definition)?;
    let scorer = Scorer::new(&definition);
    let (outcome, explanation) = scorer.explain(&answers, &Ratings::default());
    writeln!(stdout(), "{}", serde_json::to_string_pretty(&scorer.report(outcome))?)?;
    writeln!(stdout(), "{}", serde_json::to_string_pretty(&explanation)?)?;
    Ok(())
}
