//! A rating stands on what was said, word for word.

use std::collections::BTreeSet;

use assessment_format::{
    Answers, Definition, Rater, Rating, Ratings, Reply, Score, Transcript,
    interview::{Purpose, QuestionId, Speaker, Turn},
    rating::{Material, Quote, RatingRefused, Required, Source, Target},
};
use kernel::{Kind, Refusal as _, Timestamp};

use super::{answers, definition, slug};

const RATED: &str = r#"---
schema: assessment/1
name: Rated
version: "1.0"
type: multi-dimensional
scale: { min: 1, max: 5 }
---
# Rated
Interview and text.

## Dimensions
### A
- weight: 50%

A.

### B
- weight: 50%

B.

## Result categories
### Any
- default: true

## Interview guidelines
### Ask about A
- How?

## Items
1. Tell.
   - id: t1
   - measures: a, b
   - answer: text
   - required: false
2. Agree?
   - id: l1
   - measures: b
   - answer: agree-5
"#;

struct Case {
    definition: Definition,
    answers: Answers,
    transcript: Transcript,
    ratings: Ratings,
}

impl Case {
    fn new() -> Self {
        let asked = Purpose::Question(QuestionId { dimension: slug("a"), number: 1 });
        let turn = |number, by, text: &str| Turn { number, by, text: text.into(), at: Timestamp::EPOCH };
        let turns = vec![
            turn(1, Speaker::Interviewer(asked), "How did you decide?"),
            turn(2, Speaker::Person, "I asked three people, and slept on it.  Cafe\u{301}s help."),
        ];
        Self {
            definition: definition(RATED),
            answers: answers(r#"{"t1": {"text": "We shipped late."}, "l1": {"step": 3}}"#),
            transcript: Transcript::restore(turns),
            ratings: Ratings::default(),
        }
    }

    fn material(&self) -> Material<'_> {
        Material { definition: &self.definition, answers: &self.answers, transcript: &self.transcript }
    }

    fn rate(
        &mut self,
        target: Target,
        by: Rater,
        score: Option<&str>,
        quotes: &[Quote],
    ) -> Result<(), RatingRefused> {
        let score = score.map(|score| Score::new(score.parse().unwrap()).unwrap());
        let material =
            Material { definition: &self.definition, answers: &self.answers, transcript: &self.transcript };
        self.ratings.rate(target, by, Rating { score, evidence: quotes.to_vec() }, material).map(drop)
    }

    fn refusal(&mut self, target: Target, score: Option<&str>, quotes: &[Quote]) -> String {
        self.rate(target, anna(), score, quotes).unwrap_err().to_string()
    }
}

fn anna() -> Rater {
    Rater::Person("01890000-0000-7000-8000-000000000001".parse().unwrap())
}

fn target(dimension: &str, item: Option<&str>) -> Target {
    Target { dimension: slug(dimension), item: item.map(slug) }
}

fn turn(number: u32, text: &str) -> Quote {
    Quote { source: Source::Turn(number), text: text.into() }
}

fn item(text: &str) -> Quote {
    Quote { source: Source::Item(slug("t1")), text: text.into() }
}

#[test]
fn a_score_with_a_verbatim_quote_is_taken_and_one_by_one_completes_the_session() {
    let mut case = Case::new();
    let needed: BTreeSet<Target> = Target::needed(case.material());
    assert_eq!(needed, [target("a", None), target("a", Some("t1")), target("b", Some("t1"))].into());
    case.rate(target("a", None), anna(), Some("4.5"), &[turn(2, "slept on it")]).unwrap();
    case.rate(target("a", Some("t1")), anna(), Some("2"), &[item("shipped late")]).unwrap();
    assert_eq!(case.ratings.missing(&needed, Required::Person), [&target("b", Some("t1"))]);
    let model = Rater::Model("model-1".into());
    case.rate(target("b", Some("t1")), model, Some("2"), &[item("We shipped late.")]).unwrap();
    assert_eq!(case.ratings.missing(&needed, Required::Person).len(), 1, "a model is no person");
    assert!(case.ratings.missing(&needed, Required::Anyone).is_empty());
    case.rate(target("b", Some("t1")), anna(), None, &[]).unwrap();
    assert!(case.ratings.missing(&needed, Required::Person).is_empty(), "too little evidence is a rating");
}

#[test]
fn a_quote_that_was_not_said_in_these_bytes_is_refused() {
    let mut case = Case::new();
    let told = "quote 1 is not, word for word, in what was said there";
    for paraphrase in [
        "Slept on it",
        "asked 3 people",
        "I asked three people and slept on it",
        "on it.Cafe",
        "Caf\u{e9}s",
        "sle pt",
    ] {
        assert_eq!(case.refusal(target("a", None), Some("4"), &[turn(2, paraphrase)]), told, "{paraphrase}");
    }
    case.rate(target("a", None), anna(), Some("4"), &[turn(2, "it.  Cafe\u{301}s")]).unwrap();
    let refused =
        case.rate(target("a", None), anna(), Some("4"), &[turn(2, "three"), turn(2, "four")]).unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Invalid, "assessment.rating_invalid"));
    assert_eq!(refused.errors()[0].0, "/evidence/1");
}

#[test]
fn a_quote_that_differs_in_blanks_alone_is_kept_as_it_was_said() {
    let mut case = Case::new();
    let said = "it.  Cafe\u{301}s help.";
    for copied in [
        "it. Cafe\u{301}s help.",
        "it.\u{a0}Cafe\u{301}s\nhelp.",
        "\u{2003}it.\r\n\tCafe\u{301}s   help. ",
        "it.  Cafe\u{301}s help.",
    ] {
        case.rate(target("a", None), anna(), Some("4"), &[turn(2, "three people"), turn(2, copied)]).unwrap();
        let kept: Vec<&Quote> = case.ratings.iter().flat_map(|(_, _, rating)| &rating.evidence).collect();
        assert_eq!(kept, [&turn(2, "three people"), &turn(2, said)], "{copied:?}");
    }
    // The first word occurs before, and within itself.
    let stutter = "aaa b  a\u{a0}\n b c";
    case.answers = [(slug("t1"), Reply::Text(stutter.into()))].into_iter().collect();
    for (copied, said) in [("aa b", "aa b"), ("a b c", "a\u{a0}\n b c"), ("b a b", "b  a\u{a0}\n b")] {
        case.rate(target("a", Some("t1")), anna(), Some("2"), &[item(copied)]).unwrap();
        let (_, _, kept) = case.ratings.iter().last().unwrap();
        assert_eq!(kept.evidence, [item(said)], "{copied}");
    }
    assert!(case.rate(target("a", Some("t1")), anna(), Some("2"), &[item("ab c")]).is_err());
    let wide = format!("a{}b", " ".repeat(2_000));
    case.answers = [(slug("t1"), Reply::Text(wide))].into_iter().collect();
    assert!(case.refusal(target("a", Some("t1")), Some("2"), &[item("a b")]).ends_with("not all blank"));
}

#[test]
fn evidence_is_what_the_person_said_where_it_is_rated() {
    let mut case = Case::new();
    let interview = || target("a", None);
    assert_eq!(
        case.refusal(interview(), Some("4"), &[turn(1, "How did you decide?")]),
        "quote 1 is of the interviewer: evidence is what the person said"
    );
    assert_eq!(
        case.refusal(interview(), Some("4"), &[turn(3, "x")]),
        "quote 1 names a turn that does not exist"
    );
    assert_eq!(
        case.refusal(interview(), Some("4"), &[turn(0, "x")]),
        "quote 1 names a turn that does not exist"
    );
    assert_eq!(
        case.refusal(interview(), Some("4"), &[item("shipped")]),
        "quote 1 is from elsewhere: quote what is rated"
    );
    assert_eq!(
        case.refusal(interview(), Some("4"), &[turn(2, " ")]),
        "quote 1 must have 1 to 2000 characters, not all blank"
    );
}

#[test]
fn a_score_is_on_the_scale_and_never_without_evidence() {
    let mut case = Case::new();
    let quote = [turn(2, "three people")];
    assert_eq!(
        case.refusal(target("a", None), Some("5.01"), &quote),
        "the score 5.01 is not on the scale from 1 to 5"
    );
    assert_eq!(
        case.refusal(target("a", None), Some("4"), &[]),
        "a score stands on 1 to 20 quotes; where too little was said, give none"
    );
    case.rate(target("a", None), anna(), None, &quote).unwrap();
}

#[test]
fn there_must_be_something_to_rate() {
    let mut case = Case::new();
    let nothing = |case: &mut Case, target| case.refusal(target, None, &[]);
    assert!(nothing(&mut case, target("c", None)).ends_with("the assessment has no such dimension"));
    assert!(
        nothing(&mut case, target("b", Some("l1"))).ends_with("no such item that is answered with a text")
    );
    case.answers = Answers::default();
    assert!(nothing(&mut case, target("a", Some("t1"))).ends_with("the item was not answered"));
    case.transcript = Transcript::default();
    let refused = case.rate(target("a", None), anna(), None, &[]).unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "assessment.nothing_to_rate"));
    assert!(Target::needed(case.material()).is_empty());
}

#[test]
fn a_rater_who_thinks_again_has_one_rating() {
    let mut case = Case::new();
    for score in ["2", "3"] {
        case.rate(target("a", None), anna(), Some(score), &[turn(2, "three")]).unwrap();
    }
    let scores: Vec<_> =
        case.ratings.iter().map(|(_, _, rating)| rating.score.unwrap().to_string()).collect();
    assert_eq!(scores, ["3.00"]);
}

#[test]
fn a_rating_is_written_as_raters_send_it() {
    let json = r#"{"score":4.5,"evidence":[{"turn":2,"text":"slept on it"},{"item":"t1","text":"late"}]}"#;
    let rating: Rating = serde_json::from_str(json).unwrap();
    assert_eq!(rating.evidence, [turn(2, "slept on it"), item("late")]);
    assert_eq!(serde_json::to_string(&rating).unwrap(), json);
}
