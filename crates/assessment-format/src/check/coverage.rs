//! What is told of conditions that overlap, never win, or leave a narrow hole.

use super::{Check, Known, categories::Placed};
use crate::{
    condition::{Condition, Coverage, Dead, Sample, Subject, Subjects},
    definition::{CategoryRule, Settings},
    diagnostic::Code,
};

impl Check<'_> {
    pub(super) fn coverage(&mut self, found: &[Placed], settings: &Settings, known: &Known) {
        let conditional: Vec<(&Placed, &Condition)> = found
            .iter()
            .filter_map(|placed| match &placed.category.rule {
                CategoryRule::When(condition) => Some((placed, condition)),
                _ => None,
            })
            .collect();
        let conditions: Vec<&Condition> = conditional.iter().map(|(_, condition)| *condition).collect();
        let weights = known.weights();
        let (Some((first, _)), true) = (conditional.first(), known.complete && known.weighted) else {
            return;
        };
        let coverage = Coverage::of(&conditions, Subjects { scale: settings.scale, dimensions: &weights });
        self.dead(&coverage, &conditional);
        self.overlaps(&coverage, &conditional);
        for gap in &coverage.gaps {
            let (from, to) = (gap.from, gap.to);
            let range = if from == to { from.to_string() } else { format!("from {from} to {to}") };
            let what =
                format!("only the default is left for `{}` {range}, between other categories", gap.subject);
            let hint = format!("for example {}", shown(&gap.sample, &conditions));
            self.log.warn(Code::CategoryGap, &first.rule_at, what, hint);
        }
        if let Some(unchecked) = coverage.unchecked {
            let (placed, _) = conditional[unchecked.min(conditional.len() - 1)];
            let what = if unchecked < conditional.len() {
                format!("`{}` and what follows were not compared: that takes too long", placed.category.name)
            } else {
                "holes between the categories were not looked for: that takes too long".to_owned()
            };
            let hint = "join fewer scores in one condition, above all in sums, to have them checked";
            return self.log.note(Code::CategoriesUnchecked, &placed.rule_at, what, hint);
        }
        let default = found.iter().find(|placed| placed.category.rule == CategoryRule::Default);
        if let (None, Some(default)) = (&coverage.uncovered, default) {
            let what = format!("`{}` is never given: the others fit all scores", default.category.name);
            let hint = "remove the condition of the last of them and make it the default";
            self.log.warn(Code::CategoryDead, &default.rule_at, what, hint);
        }
    }

    fn dead(&mut self, coverage: &Coverage, conditional: &[(&Placed, &Condition)]) {
        for dead in &coverage.dead {
            let (index, why, hint) = match *dead {
                Dead::Never(index) => (
                    index,
                    "no scores fit its condition",
                    "compare the numbers with each other and with the weights",
                ),
                Dead::Taken(index) => (
                    index,
                    "whenever it fits, one before it does",
                    "move it up, or change the conditions before it",
                ),
            };
            let (placed, _) = conditional[index];
            let what = format!("`{}` is never given: {why}", placed.category.name);
            self.log.warn(Code::CategoryDead, &placed.rule_at, what, hint);
        }
    }

    /// One message for each category that comes second: a warning where neither is a special case of the other.
    fn overlaps(&mut self, coverage: &Coverage, conditional: &[(&Placed, &Condition)]) {
        for (second, (placed, condition)) in conditional.iter().enumerate() {
            for nested in [false, true] {
                let own = coverage
                    .overlaps
                    .iter()
                    .filter(|overlap| overlap.second == second && overlap.nested == nested);
                let own: Vec<_> = own.collect();
                let Some(first) = own.first() else { continue };
                let names: Vec<&str> =
                    own.iter().map(|overlap| conditional[overlap.first].0.category.name.as_str()).collect();
                let example = shown(&first.sample, &[conditional[first.first].1, *condition]);
                let name = &placed.category.name;
                let names = prose::listed(&names);
                let at = &placed.rule_at;
                if nested {
                    let what = format!("`{name}` fits wherever {names} does, which stands before it");
                    self.log.note(Code::CategoryOverlap, at, what, format!("for example {example}"));
                } else {
                    let what = format!("`{name}` and {names} fit the same scores, for example {example}");
                    self.log.warn(
                        Code::CategoryOverlap,
                        at,
                        what,
                        "change the conditions, so that only one fits",
                    );
                }
            }
        }
    }
}

/// `overall 4.20, strategic 4.00`: the scores that the conditions speak of. What is made of more than three dimensions
/// stands there itself.
fn shown(sample: &Sample, conditions: &[&Condition]) -> String {
    let comparisons = conditions.iter().flat_map(|condition| condition.comparisons());
    let mut subjects: Vec<Subject> = comparisons
        .flat_map(|comparison| match comparison.subject.dimensions() {
            ids @ ([_] | [_, _] | [_, _, _]) => ids.iter().cloned().map(Subject::Dimension).collect(),
            _ => vec![comparison.subject.clone()],
        })
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    let scores = subjects.iter().take(4).filter_map(|subject| {
        let value = sample.value(subject)?;
        let places = if matches!(subject, Subject::Count(..)) { 0 } else { 2 };
        Some(format!("{subject} {value:.places$}"))
    });
    scores.collect::<Vec<_>>().join(", ")
}
