//! Comparative assessments: the category is that of the highest dimension.

use super::{answers, definition, scored};

const TYPES: &str = r#"---
schema: assessment/1
name: Working Type
version: "1.0"
type: comparative
tie_margin: 0.2
tie_break: WINNER
scale: { min: 0, max: 10 }
coverage: 0.5
---
# Working Type
Which of three.

## Dimensions
### Maker
- weight: 0.2

Makes.

### Keeper
- weight: 0.5

Keeps.

### Seeker
- weight: 0.3

Seeks.

## Result categories
### The Maker
- dimension: maker

M.

### The Keeper
- dimension: keeper

K.

### The Seeker
- dimension: seeker

S.
DEFAULT
## Items
1. Made?
   - id: m
   - measures: maker
   - answer: agree-11
2. Kept?
   - id: k
   - measures: keeper
   - answer: agree-11
3. Sought?
   - id: s
   - measures: seeker
   - answer: number
   - range: 0..10
   - decimals: 2
"#;

fn type_of(winner: &str, replies: &str) -> String {
    let default = if winner == "default" { "\n### Mixed\n- default: true\n\nBoth.\n" } else { "" };
    let text = TYPES.replace("WINNER", winner).replace("DEFAULT", default);
    scored(&definition(&text), &answers(replies)).2
}

#[test]
fn the_highest_dimension_wins_and_a_tie_goes_where_the_author_says() {
    let clear = r#"{"m": {"step": 3}, "k": {"step": 4}, "s": {"number": 3.3}}"#;
    assert_eq!(type_of("order", clear), "the-seeker");
    // Within 0.2: keeper 3, seeker 3.2, maker 2.
    let close = r#"{"m": {"step": 3}, "k": {"step": 4}, "s": {"number": 3.2}}"#;
    assert_eq!(type_of("order", close), "the-seeker", "the higher of the tied");
    assert_eq!(type_of("weight", close), "the-keeper", "the heavier of the tied");
    assert_eq!(type_of("default", close), "mixed");
    let equal = r#"{"m": {"step": 4}, "k": {"step": 4}, "s": {"number": 3}}"#;
    assert_eq!(type_of("order", equal), "the-maker", "of equals the first");
    assert_eq!(type_of("weight", equal), "the-keeper");
}

#[test]
fn a_type_is_not_told_from_too_little() {
    // seeker has 0.3 of the weight, maker and seeker have 0.5.
    assert_eq!(type_of("order", r#"{"s": {"number": 9}}"#), "-");
    assert_eq!(type_of("order", r#"{"m": {"step": 2}, "s": {"number": 9}}"#), "the-seeker");
}
