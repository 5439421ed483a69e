//! `touchstone assessment score`, where there is something to say against it.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Folder, SOUND, documents, with};

#[test]
fn every_reply_that_does_not_fit_is_told() {
    let folder = Folder::new();
    folder.write("fit.md", SOUND);
    let answers = r#"{"f1": {"step": 6}, "c1": {"stp": 2}, "c1": {"step": 2}, "nobody\u001b": {"step": 1}}"#;
    folder.write("answers.json", answers);
    let said = folder.run(&["score", "fit.md", "answers.json"]);
    said.ended(1);
    let expected = "\
answers.json: f1: the steps are 1 to 5
answers.json: c1: this item is answered with a step, such as {\"step\": 4}
answers.json: c1: it is answered twice
answers.json: nobody\\u{1b}: the assessment has no such item
touchstone: nothing was scored: 4 replies do not fit
";
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", expected));
}

#[test]
fn answers_that_are_no_object_are_refused_where_they_go_wrong() {
    let folder = Folder::new();
    folder.write("fit.md", SOUND);
    for (answers, words) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("[]", "an object with a reply for each item"),
        ("{\"f1\": {\"step\": 1}\n\"c1\": 2}", "at line 2 column 1"),
        ("\u{0}", "at line 1 column 1"),
    ] {
        folder.write("answers.json", answers);
        let said = folder.run(&["score", "fit.md", "answers.json"]);
        said.ended(1).holds(&["answers.json: ", words]);
    }
    folder.write("answers.json", b"{\"f1\": {\"text\": \"\xff\"}}");
    folder.run(&["score", "fit.md", "answers.json"]).ended(1);
}

#[test]
fn an_assessment_with_errors_scores_nobody() {
    let folder = Folder::new();
    folder.write("fit.md", with("weight: 40%", "weight: 30%"));
    folder.write("answers.json", "{}");
    let said = folder.run(&["score", "fit.md", "answers.json"]);
    said.ended(1).holds(&["error[weight-sum]", "--> fit.md:14:1"]);
    assert_eq!(
        (said.out.as_str(), said.last.as_str()),
        ("", "touchstone: nothing was scored: fit.md has 1 error")
    );
    folder.run(&["score", "nowhere.md", "answers.json"]).ended(2).holds(&["cannot read nowhere.md"]);
    folder.run(&["score", "fit.md", "nowhere.json"]).ended(2).holds(&["cannot read nowhere.json"]);
}

#[test]
fn what_is_missing_is_said_and_never_guessed() {
    let folder = Folder::new();
    folder.write("fit.md", SOUND);
    let said = folder.run_with(&["score", "fit.md", "-"], r#"{"f1": {"step": 4}, "c1": null}"#);
    said.ended(0);
    let expected = "\
Team Fit 1.0, scores from 1 to 5

  Focus          60%     4.00
  Care           40%        -
  Overall                   -
  Category  none

Focus: 4.00
  f1           4  step 4

Care: no score, nothing counts for it
  c1           -  not answered

Overall: no score; 60% of the weight has one, 75% is needed

Category: none
  strong  overall >= 4: a missing score decides

Not complete: a session is submitted only with an answer to c1
";
    assert_eq!(said.out, expected);
}

/// Answers to Team Roles: `chosen` of the six where one is chosen, tired by what tires the host, and two of two.
fn roles(chosen: impl Fn(usize) -> u8, said: [u8; 2]) -> String {
    let one = ["start", "meeting", "late", "draft", "glad", "new", "annoys", "last", "thanks"];
    let mut answers: BTreeMap<_, _> =
        one.iter().enumerate().map(|(place, id)| (*id, json!({ "option": chosen(place) }))).collect();
    answers.insert("tires", json!({ "option": 5 }));
    answers.insert("said", json!({ "options": said }));
    answers.insert("more", json!({ "options": [1, 3] }));
    json!(answers).to_string()
}

#[test]
fn the_highest_dimension_of_a_comparison_is_named_and_so_is_a_tie() {
    let file = documents().join("assessments/team-roles.md");
    let folder = Folder::new();
    // Always the planner, who is the third of six.
    folder.write("answers.json", roles(|_| 3, [3, 6]));
    let said = folder.run(&["score", file.to_str().unwrap(), "answers.json"]);
    said.ended(0).holds(&[
        "  Planner     16.67%   100.00\n",
        "  Host        16.66%     0.00\n",
        "  Scout       16.67%    16.67\n",
        "  Category  Planner\n",
        "  planner is highest, by more than 8.34\n",
        "  more            100  options 1, 3\n",
    ]);
    // Planner and scout in turn: they are one answer apart, 8 of 12 and 7 of 12.
    folder.write("answers.json", roles(|place| if place % 2 == 0 { 3 } else { 1 }, [1, 3]));
    let said = folder.run(&["score", file.to_str().unwrap(), "answers.json"]);
    said.ended(0)
        .holds(&["  Category  All-rounder\n", "  scout, planner are within 8.34; the default is given\n"]);
}

#[test]
fn a_definition_of_a_builder_can_be_scored() {
    let folder = Folder::new();
    let json = r#"{"metadata": {"name": "One"}, "dimensions": [{"name": "Care", "weight": 1, "description": "Looks after others."}],
        "resultCategories": [{"name": "Any", "default": true}],
        "items": [{"id": "c1", "text": "I notice.", "answer": "number", "range": {"min": 0, "max": 10}, "measures": [{"dimension": "care"}]}]}"#;
    folder.write("one.json", json);
    let said = folder.run_with(&["score", "one.json", "-"], r#"{"c1": {"number": 7}}"#);
    // 1 + 7/10 * 4
    said.ended(0).holds(&[
        "  Care          100%     3.80\n",
        "  c1         3.8  number 7\n",
        "any  otherwise: yes\n",
    ]);
}
