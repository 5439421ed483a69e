//! Rules of options, and of what choosing one is worth.

use prose::{At, Bounds, Dialect, Node, Value, number};
use rust_decimal::Decimal;

use super::{Check, Known, keys};
use crate::{
    definition::{Choice, OptionScore},
    diagnostic::Code,
    slug::Slug,
};

/// The most options.
const MOST: usize = 50;

/// What stands in the brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
enum OptionMark {
    Blank,
    Right,
    Wrong,
    Points(Decimal),
    Toward(Vec<(Slug, Decimal)>),
}

impl Check<'_> {
    /// The options of an item; `None` where a mark could not be read.
    pub(super) fn options(
        &mut self,
        node: &Node<'_>,
        multiple: bool,
        scored: bool,
        known: &Known,
    ) -> Option<Vec<Choice>> {
        let nodes = self.list(node, MOST)?;
        if nodes.len() < 2 {
            self.log.error(Code::AnswerForm, &node.at, "a choice has at least two options", "add one");
        }
        let mut found: Vec<(String, OptionMark, At)> = Vec::with_capacity(nodes.len());
        let mut sound = true;
        for node in nodes {
            let option = self.option(node, known);
            sound &= option.is_some();
            let Some((text, mark)) = option else { continue };
            if found.iter().any(|(other, ..)| *other == text) {
                self.log.error(
                    Code::DuplicateName,
                    &node.at,
                    "there is an option with this text already",
                    "change one",
                );
            }
            found.push((text, mark, node.at.clone()));
        }
        sound.then(|| self.worth(found, node, multiple, scored))
    }

    fn option(&mut self, node: &Node<'_>, known: &Known) -> Option<(String, OptionMark)> {
        let fields = self.map(node, keys::OPTION)?;
        let text = self.required(&fields, "text", node).and_then(|node| self.inline(node));
        let mark = match self.dialect {
            Dialect::Markdown => self.mark(fields.field("mark").map(|field| &field.node)?, known),
            Dialect::Json => {
                let (correct, points) = (fields.get("correct"), fields.get("points"));
                match (correct, points) {
                    (Some(_), Some(points)) => {
                        let what = "an option is either right or wrong, or has points";
                        self.log.error(Code::MixedOptions, &points.at, what, "keep one of them");
                        None
                    }
                    (Some(correct), None) => self
                        .truth(correct)
                        .map(|right| if right { OptionMark::Right } else { OptionMark::Wrong }),
                    (None, Some(points)) => self.points(points, known),
                    (None, None) => Some(OptionMark::Blank),
                }
            }
        };
        Some((text?, mark?))
    }

    /// ` `, `x`, `2`, `plant`, or `plant 2, shaper 1`
    fn mark(&mut self, node: &Node<'_>, known: &Known) -> Option<OptionMark> {
        let text = self.text(node)?;
        match text.trim() {
            "" => return Some(OptionMark::Blank),
            "x" | "X" => return Some(OptionMark::Right),
            _ => (),
        }
        if let Some(points) = number(text.trim()) {
            return self.bounded(&node.at, points, points_bounds()).map(OptionMark::Points);
        }
        let mut toward = Vec::new();
        // The bracket stands before the text.
        let mut start = 1;
        for part in text.split(',') {
            let lead = part.len() - part.trim_start().len();
            let at = node.at.within(start + lead..start + part.trim_end().len().max(lead));
            start += part.len() + 1;
            let part = part.trim();
            let counted = part.rsplit_once(' ').and_then(|(id, points)| Some((id.trim(), number(points)?)));
            let (id, points) = counted.unwrap_or((part, Decimal::ONE));
            let id = self.dimension_of(&Node::new(at.clone(), Value::Scalar(id.into())), known)?;
            toward.push((id, points, at));
        }
        self.toward(toward, known)
    }

    fn points(&mut self, node: &Node<'_>, known: &Known) -> Option<OptionMark> {
        let Value::Map(members) = &node.value else {
            return self.number(node, points_bounds()).map(OptionMark::Points);
        };
        let mut toward = Vec::new();
        for member in members {
            let id = Node::new(member.key_at.clone(), Value::Text(member.key.clone()));
            let id = self.dimension_of(&id, known)?;
            toward.push((id, self.number(&member.node, points_bounds())?, member.key_at.clone()));
        }
        self.toward(toward, known)
    }

    /// Points toward dimensions, in the order of the dimensions.
    fn toward(&mut self, found: Vec<(Slug, Decimal, At)>, known: &Known) -> Option<OptionMark> {
        let mut toward: Vec<(Slug, Decimal)> = Vec::with_capacity(found.len());
        for (id, points, at) in found {
            let points = self.bounded(&at, points, points_bounds())?;
            if points.is_zero() || toward.iter().any(|(other, _)| *other == id) {
                let what = if points.is_zero() { "has no points" } else { "is named a second time" };
                self.log.error(Code::MixedOptions, &at, format!("`{id}` {what} in this option"), "remove it");
                return None;
            }
            toward.push((id, points));
        }
        toward.sort_by_key(|(id, _)| known.ids().position(|other| other == id.as_str()));
        Some(OptionMark::Toward(toward))
    }

    /// Decides what kind of thing the options are worth, and that it is the same for all.
    fn worth(
        &mut self,
        found: Vec<(String, OptionMark, At)>,
        node: &Node<'_>,
        multiple: bool,
        scored: bool,
    ) -> Vec<Choice> {
        let has = |wanted: fn(&OptionMark) -> bool| found.iter().any(|(_, mark, _)| wanted(mark));
        let correctness = has(|mark| matches!(mark, OptionMark::Right | OptionMark::Wrong));
        let points = has(|mark| matches!(mark, OptionMark::Points(_)));
        let toward = has(|mark| matches!(mark, OptionMark::Toward(_)));
        let blank = has(|mark| *mark == OptionMark::Blank);
        let mixed =
            usize::from(correctness) + usize::from(points) + usize::from(toward) > 1 || (points && blank);
        if mixed {
            let what = "the options are worth different kinds of things";
            let hint = "mark all with `[x]` and `[ ]`, or all with points, or all with dimensions";
            self.log.error(Code::MixedOptions, &node.at, what, hint);
        } else if correctness || (scored && !points && !toward) {
            let right = found.iter().filter(|(_, mark, _)| *mark == OptionMark::Right).count();
            let sound = if multiple { right > 0 } else { right == 1 };
            if !sound {
                let what = format!("{right} of the options are right");
                let hint = if multiple {
                    "mark those that are right with `[x]`"
                } else {
                    "mark one with `[x]`, give the options points, or write `answer: multiple-choice`"
                };
                self.log.error(Code::CorrectOptions, &node.at, what, hint);
            }
        } else if points || toward {
            self.differ(&found, node, multiple);
        }
        let is_correctness = correctness || (scored && !points && !toward);
        let choice = |(text, mark, _): (String, OptionMark, At)| {
            let worth = match mark {
                OptionMark::Right => OptionScore::Correct(true),
                OptionMark::Wrong => OptionScore::Correct(false),
                OptionMark::Points(points) => OptionScore::Points(points),
                OptionMark::Toward(points) => OptionScore::Toward(points),
                OptionMark::Blank if is_correctness => OptionScore::Correct(false),
                OptionMark::Blank if toward => OptionScore::Toward(Vec::new()),
                OptionMark::Blank => OptionScore::Nothing,
            };
            Choice { text, worth }
        };
        found.into_iter().map(choice).collect()
    }

    /// Options that are all worth the same, or nothing, tell people apart in no way.
    fn differ(&mut self, found: &[(String, OptionMark, At)], node: &Node<'_>, multiple: bool) {
        let mut ids: Vec<Option<&Slug>> = Vec::new();
        for (_, mark, _) in found {
            match mark {
                OptionMark::Toward(points) => ids.extend(points.iter().map(|(id, _)| Some(id))),
                OptionMark::Points(_) => ids.push(None),
                _ => (),
            }
        }
        let points_of = |mark: &OptionMark, id: Option<&Slug>| match mark {
            OptionMark::Points(points) => *points,
            OptionMark::Toward(points) => {
                points.iter().find(|(own, _)| Some(own) == id).map_or(Decimal::ZERO, |(_, points)| *points)
            }
            _ => Decimal::ZERO,
        };
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let points: Vec<Decimal> = found.iter().map(|(_, mark, _)| points_of(mark, id)).collect();
            let highest = points.iter().max().copied().unwrap_or_default();
            let lowest = points.iter().min().copied().unwrap_or_default();
            let for_whom = id.map(|id| format!(" for `{id}`")).unwrap_or_default();
            // In a choice of several, options that are worth the same count how many were chosen.
            if multiple && highest <= Decimal::ZERO {
                let what = format!("no option is worth more than 0{for_whom}");
                self.log.error(
                    Code::CorrectOptions,
                    &node.at,
                    what,
                    "give those that should be chosen points above 0",
                );
            } else if !multiple && highest == lowest {
                let what = format!("all options are worth {highest}{for_whom}");
                self.log.error(Code::CorrectOptions, &node.at, what, "give them different points");
            }
        }
    }
}

fn points_bounds() -> Bounds {
    Bounds::new(-1_000, 1_000, 2)
}
