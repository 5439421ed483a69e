//! The assessments in `docs/assessments` are sound and in order, and one of them scores as it does by hand.

use std::fs;

use super::{Folder, documents};

#[test]
fn the_gallery_is_sound_and_in_order() {
    let files = fs::read_dir(documents().join("assessments")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<String> = files
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    assert_eq!(files.len(), 6);
    let folder = Folder::new();
    for command in [&["check", "--deny-warnings"][..], &["fmt", "--check"]] {
        let arguments: Vec<&str> = command.iter().copied().chain(files.iter().map(String::as_str)).collect();
        let said = folder.run(&arguments);
        said.ended(0);
        assert!(said.out.is_empty() || said.out.matches(": no mistakes; ").count() == 6, "{said:?}");
    }
}

/// What somebody answers to Leadership Readiness.
const ANSWERS: &str = r#"{
  "d1": {"step": 4}, "d2": {"step": 5}, "d3": {"step": 2},
  "p1": {"step": 3}, "p2": {"step": 4}, "p3": {"step": 3}, "p4": {"option": 2},
  "j1": {"step": 5}, "j2": {"step": 2}, "j3": {"step": 1}, "j4": {"option": 2},
  "s1": {"step": 4}, "s2": {"step": 5}, "s3": {"step": 4},
  "l1": {"step": 2}, "l2": {"step": 4}, "l3": {"step": 3}, "l4": {"step": 2}, "l5": {"text": "I asked again."},
  "background": {"number": 3}
}"#;

/// By hand. Items that are reversed count 6 - step: d3, p3, j3, s1, l4. Of p4 the second option has 1 point of 0 to
/// 3, so it is 1 + 1/3 * 4; of j4 the second is right, so it is 5. The text waits for a person.
///
/// | dimension | mean | of weight |
/// |---|---|---|
/// | direction | (4 + 5 + 4) / 3 = 13/3 = 4.333333 | 25%: 1.083333 |
/// | people | (3 + 4 + 3 + 7/3) / 4 = 37/12 = 3.083333 | 25%: 0.770833 |
/// | judgement | (5 + 2 + 5 + 5) / 4 = 4.25 | 20%: 0.85 |
/// | self | (2 + 5 + 4) / 3 = 11/3 = 3.666667 | 15%: 0.55 |
/// | learning | (2 + 4 + 3 + 4) / 4 = 3.25 | 15%: 0.4875 |
///
/// The sum is 3.741667. Ready now asks for 4; ready with support for 3.25.
const EXPLAINED: &str = "\
Leadership Readiness 1.0, scores from 1 to 5

  Direction             25%     4.33
  People                25%     3.08
  Judgement             20%     4.25
  Self-management       15%     3.67
  Learning              15%     3.25
  Overall                       3.74
  Category         Ready with support

Direction: 4.33, the mean of 3 values
  d1           4  step 4
  d2           5  step 5
  d3           4  step 2, reversed

People: 3.08, the mean of 4 values
  p1           3  step 3
  p2           4  step 4
  p3           3  step 3, reversed
  p4    2.333333  option 2

Judgement: 4.25, the mean of 4 values
  j1           5  step 5
  j2           2  step 2
  j3           5  step 1, reversed
  j4           5  option 2

Self-management: 3.67, the mean of 3 values
  s1           2  step 4, reversed
  s2           5  step 5
  s3           4  step 4

Learning: 3.25, the mean of 4 values
  l1           2  step 2
  l2           4  step 4
  l3           3  step 3
  l4           4  step 2, reversed
  l5           -  a text, which a person rates

Overall: 3.74, the sum of
  Direction             25% of 4.333333
  People                25% of 3.083333
  Judgement             20% of 4.25
  Self-management       15% of 3.666667
  Learning              15% of 3.25
  100% of the weight has a score, 80% is needed

Category: Ready with support
  ready-now           overall >= 4 and people >= 3.5 and self >= 3: no
  ready-with-support  overall >= 3.25 and not (overall >= 4 and people >= 3.5 and self >= 3): yes
";

#[test]
fn leadership_readiness_is_scored_as_it_is_by_hand() {
    let folder = Folder::new();
    folder.write("answers.json", ANSWERS);
    let file = documents().join("assessments/leadership-readiness.md");
    let said = folder.run(&["score", file.to_str().unwrap(), "answers.json"]);
    said.ended(0);
    assert_eq!(said.out, EXPLAINED);
    let json = folder.run(&["score", "--json", file.to_str().unwrap(), "answers.json"]);
    json.ended(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let report = &json["report"];
    assert_eq!(report["overallScore"], 3.74);
    assert_eq!(report["matchedCategory"], "Ready with support");
    assert_eq!(report["dimensionScores"]["People"], 3.08);
    let values = json["explanation"]["dimensions"][1]["values"].as_array().unwrap();
    let values: Vec<f64> = values.iter().map(|value| value["value"].as_f64().unwrap()).collect();
    assert_eq!(values, [3.0, 4.0, 3.0, 2.333_333]);
}
