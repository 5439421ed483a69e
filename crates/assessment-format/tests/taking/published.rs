//! Instruments and rules of scoring that others published: ours comes to the same.

use super::{definition, scored, steps};

/// A questionnaire of one scale: `items` statements, those at `reversed` places (from 1) turned round.
fn single(scale: &str, steps: u8, items: usize, reversed: &[usize]) -> String {
    use std::fmt::Write as _;
    let mut text = format!(
        "---\nschema: assessment/1\nname: Oracle\nversion: \"1.0\"\ntype: single-outcome\nscale: {scale}\n---\n# Oracle\n\n\
         ## Dimensions\n### Total\n- id: total\n- weight: 100%\nThe score.\n\n\
         ## Result categories\n### Any\n- default: true\nAny.\n\n## Items\n"
    );
    for n in 1..=items {
        let turned = if reversed.contains(&n) { " (reversed)" } else { "" };
        writeln!(
            text,
            "{n}. Statement {n}.\n    - id: q{n}\n    - measures: total{turned}\n    - answer: agree-{steps}"
        )
        .unwrap();
    }
    text
}

/// Brooke, J. (1996): SUS: a "quick and dirty" usability scale. In: Usability Evaluation in Industry, the
/// example that is scored there. Reprinted in Tullis and Albert (2008): Measuring the User Experience, figure
/// 6.8: the contributions are 4, 1, 1, 4, 1, 2, 1, 1, 4, 3, their sum is 22, the score is 22 * 2.5 = 55.
#[test]
fn the_system_usability_scale_scores_brookes_example_as_55() {
    let sus = definition(&single("{ min: 0, max: 100 }", 5, 10, &[2, 4, 6, 8, 10]));
    assert_eq!(scored(&sus, &steps("q", &[5, 4, 2, 1, 2, 3, 2, 4, 5, 2])).0, "55.00");
    // The ends and the middle, by the rule of the same page.
    assert_eq!(scored(&sus, &steps("q", &[5, 1, 5, 1, 5, 1, 5, 1, 5, 1])).0, "100.00");
    assert_eq!(scored(&sus, &steps("q", &[1, 5, 1, 5, 1, 5, 1, 5, 1, 5])).0, "0.00");
    assert_eq!(scored(&sus, &steps("q", &[3; 10])).0, "50.00");
}

/// Gosling, S. D. (2003): Ten-Item Personality Inventory, "TIPI scale scoring": a participant answers 5 to
/// item 1 and 2 to item 6, which is reversed and becomes 6; the extraversion score is (5 + 6) / 2 = 5.5
/// (gosling.psy.utexas.edu).
#[test]
fn the_ten_item_personality_inventory_scores_goslings_example_as_5_5() {
    let extraversion = definition(&single("{ min: 1, max: 7 }", 7, 2, &[2]));
    assert_eq!(scored(&extraversion, &steps("q", &[5, 2])).0, "5.50");
}

/// WHO-5 (Topp et al. 2015, Psychotherapy and Psychosomatics 84, 167-176): five statements from 0, at no
/// time, to 5, all of the time; the raw sum of 0 to 25 times 4 is the score of 0 to 100.
#[test]
fn the_who_5_index_is_the_raw_sum_times_four() {
    let who5 = definition(&single("{ min: 0, max: 100 }", 6, 5, &[]));
    assert_eq!(scored(&who5, &steps("q", &[6; 5])).0, "100.00");
    // Raw answers 3, 3, 2, 2, 3: 13 * 4.
    assert_eq!(scored(&who5, &steps("q", &[4, 4, 3, 3, 4])).0, "52.00");
}

/// The rule of the International Personality Item Pool (ipip.ori.org/newScoringInstructions.htm): a
/// positively keyed item counts as answered, a negatively keyed one turned round; a scale is their sum, or,
/// here, their mean.
///
/// Items and keys: `bfi` of the R package psych (Revelle), 25 items of the pool, six steps; keyed negatively
/// are A1, C4, C5, E1, E2, O2 and O5 (`?bfi`). Answers: its first six rows, 61617 to 61623, as `head(bfi)`
/// prints them. The means follow from the rule: the agreeableness of 61617 is (7 - 2 + 4 + 3 + 4 + 4) / 5 =
/// 4.
#[test]
fn twenty_five_items_of_the_international_personality_item_pool() {
    const ROWS: [([u8; 25], [&str; 5]); 6] = [
        (
            [2, 4, 3, 4, 4, 2, 3, 3, 4, 4, 3, 3, 3, 4, 4, 3, 4, 2, 2, 3, 3, 6, 3, 4, 3],
            ["4.00", "2.80", "3.80", "2.80", "3.00"],
        ),
        (
            [2, 4, 5, 2, 5, 5, 4, 4, 3, 4, 1, 1, 6, 4, 3, 3, 3, 3, 5, 5, 4, 2, 4, 3, 3],
            ["4.20", "4.00", "5.00", "3.80", "4.00"],
        ),
        (
            [5, 4, 5, 4, 4, 4, 5, 4, 2, 5, 2, 4, 4, 4, 5, 4, 5, 4, 2, 3, 4, 2, 5, 5, 2],
            ["3.80", "4.00", "4.20", "3.60", "4.80"],
        ),
        (
            [4, 4, 6, 5, 5, 4, 4, 3, 5, 5, 5, 3, 4, 4, 4, 2, 5, 2, 4, 1, 3, 3, 4, 3, 5],
            ["4.60", "3.00", "3.60", "2.80", "3.20"],
        ),
        (
            [2, 3, 3, 4, 5, 4, 4, 5, 3, 2, 2, 2, 5, 4, 5, 2, 3, 4, 4, 3, 3, 3, 4, 3, 3],
            ["4.00", "4.40", "4.80", "3.20", "3.60"],
        ),
        (
            [6, 6, 5, 6, 5, 6, 6, 6, 1, 3, 2, 1, 6, 5, 6, 3, 5, 2, 2, 3, 4, 3, 5, 6, 1],
            ["4.60", "5.60", "5.60", "3.00", "5.00"],
        ),
    ];
    let ipip = definition(&pool());
    for (row, means) in ROWS {
        let (_, scores, _) = scored(&ipip, &steps("q", &row));
        assert_eq!(scores, means);
    }
}

fn pool() -> String {
    use std::fmt::Write as _;
    const SCALES: [&str; 5] =
        ["agreeableness", "conscientiousness", "extraversion", "neuroticism", "openness"];
    const NEGATIVE: [usize; 7] = [1, 9, 10, 11, 12, 22, 25];
    let mut text = "---\nschema: assessment/1\nname: Pool\nversion: \"1.0\"\ntype: multi-dimensional\n\
                    scale: { min: 1, max: 6 }\n---\n# Pool\n\n## Dimensions\n"
        .to_owned();
    for scale in SCALES {
        writeln!(text, "### {scale}\n- weight: 20%\nA trait.\n").unwrap();
    }
    text.push_str("## Result categories\n### Any\n- default: true\nAny.\n\n## Items\n");
    for n in 1..=25 {
        let (scale, turned) = (SCALES[(n - 1) / 5], if NEGATIVE.contains(&n) { " (reversed)" } else { "" });
        writeln!(
            text,
            "{n}. Statement {n}.\n    - id: q{n}\n    - measures: {scale}{turned}\n    - answer: agree-6"
        )
        .unwrap();
    }
    text
}
