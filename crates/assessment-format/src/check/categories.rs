//! Rules of the result categories.

use prose::{At, Dialect, Fields, Node, did_you_mean};
use rust_decimal::Decimal;

use super::{Check, Known, keys, slots::Slot};
use crate::{
    condition::{Comparison, Condition, Operator, Subject},
    definition::{Category, CategoryRule, Kind, Settings, TieBreak},
    diagnostic::Code,
    slug::Slug,
};

/// A category, and where its reason stands.
pub(super) struct Placed {
    pub(super) category: Category,
    pub(super) rule_at: At,
}

/// What could be read of all categories.
struct Readable {
    /// Whether it is known of each if it is the default.
    defaults: bool,
    /// Whether it is known of each when it is given.
    rules: bool,
    /// Those that say they are the default, by their places in the list.
    default: Vec<(usize, At)>,
}

impl Check<'_> {
    pub(super) fn categories<'n>(
        &mut self,
        (nodes, at): (&'n [Node<'n>], &At),
        settings: &Settings,
        known: &Known,
    ) -> Vec<Category> {
        let mut found: Vec<Placed> = Vec::with_capacity(nodes.len());
        let some = !nodes.is_empty();
        let mut readable = Readable { defaults: some, rules: some, default: Vec::new() };
        for (n, node) in nodes.iter().enumerate() {
            let placed = self.category((n, node), settings, known, &found, &mut readable);
            readable.rules &= placed.is_some();
            found.extend(placed);
        }
        if readable.defaults && !self.unread.kind {
            self.defaults(&readable.default, nodes.len(), at, settings);
        }
        if readable.rules && !self.unread.kind {
            match settings.kind {
                Kind::Comparative => self.one_for_each(&found, at, known),
                _ if self.stored => (),
                _ => self.coverage(&found, settings, known),
            }
        }
        found.into_iter().map(|placed| placed.category).collect()
    }

    fn category<'n>(
        &mut self,
        (n, node): (usize, &'n Node<'n>),
        settings: &Settings,
        known: &Known,
        others: &[Placed],
        readable: &mut Readable,
    ) -> Option<Placed> {
        let Some(fields) = self.map(node, keys::OF_CATEGORY) else {
            readable.defaults = false;
            return None;
        };
        let ids: Vec<Slug> = others.iter().map(|other| other.category.id.clone()).collect();
        let names: Vec<String> = others.iter().map(|other| other.category.name.clone()).collect();
        let name = self.required(&fields, "name", node).and_then(|name| self.name(name));
        let id = self.id_of(&fields, name.as_deref(), &node.at, &ids);
        if let (Some(name), Some(node)) = (&name, fields.get("name")) {
            self.unique_name(name, &node.at, &names);
        }
        let description =
            fields.get("description").and_then(|node| self.slot(node, Slot::Plain)).unwrap_or_default();
        let (rule, rule_at) = self.rule(&fields, node, id.as_ref(), settings, known, readable)?;
        if rule == CategoryRule::Default {
            readable.default.push((n, rule_at.clone()));
        }
        Some(Placed { category: Category { id: id?, name: name?, rule, description }, rule_at })
    }

    fn rule(
        &mut self,
        fields: &Fields<'_>,
        node: &Node<'_>,
        id: Option<&Slug>,
        settings: &Settings,
        known: &Known,
        readable: &mut Readable,
    ) -> Option<(CategoryRule, At)> {
        let is_default = match fields.get("default").map(|node| (node, self.truth(node))) {
            Some((_, None)) => {
                readable.defaults = false;
                return None;
            }
            Some((node, Some(true))) => Some(node),
            _ => None,
        };
        let given = [fields.get("when"), fields.get("dimension"), is_default];
        let comparative = settings.kind == Kind::Comparative;
        match given {
            [Some(_), None, None] | [None, Some(_), None] if self.unread.kind => None,
            [Some(when), None, None] if comparative => {
                let hint =
                    "write `dimension: ` and its id, or nothing where the category has the dimension's name";
                let what = "a comparative assessment has no conditions";
                self.log.error(Code::CategoryRule, &when.at, what, hint);
                None
            }
            [Some(when), None, None] => {
                let condition = self.condition(when, settings, known)?;
                Some((CategoryRule::When(condition), when.at.clone()))
            }
            [None, Some(dimension), None] if comparative => {
                let id = self.dimension_of(dimension, known)?;
                Some((CategoryRule::Highest(id), dimension.at.clone()))
            }
            [None, Some(dimension), None] => {
                let hint = "write a condition, or change the type";
                let what = "`dimension` has a meaning in a comparative assessment only";
                self.log.error(Code::CategoryRule, &dimension.at, what, hint);
                None
            }
            [None, None, Some(default)] => Some((CategoryRule::Default, default.at.clone())),
            [None, None, None] if comparative && id.is_some_and(|id| known.has(id)) => {
                Some((CategoryRule::Highest(id.cloned()?), node.at.clone()))
            }
            [None, None, None] => {
                readable.defaults = false;
                let hint = if comparative {
                    "add `dimension: ` and the id of one"
                } else {
                    "add `when: ` and a condition such as `overall >= 4`, or `default: true`"
                };
                self.log.error(
                    Code::CategoryRule,
                    &node.at,
                    "nothing says when this category is given",
                    hint,
                );
                None
            }
            [first, second, third] => {
                readable.defaults = false;
                let at =
                    [third, second, first].into_iter().flatten().next().map_or(&node.at, |node| &node.at);
                let what = "this category has more than one reason to be given";
                self.log.error(Code::CategoryRule, at, what, "keep one of `when`, `dimension` and `default`");
                None
            }
        }
    }

    /// A dimension by its id; in a file by its name as well.
    pub(super) fn dimension_of(&mut self, node: &Node<'_>, known: &Known) -> Option<Slug> {
        let text = self.text(node)?.trim();
        let by_name =
            |name: &str| self.dialect == Dialect::Markdown && name.to_lowercase() == text.to_lowercase();
        let found = known.dimensions.iter().find(|dimension| dimension.id.as_str() == text);
        let found = found.or_else(|| known.dimensions.iter().find(|dimension| by_name(&dimension.name)));
        if found.is_none() && known.complete {
            self.unknown_dimension(text, &node.at, known, self.dialect == Dialect::Markdown);
        }
        found.map(|dimension| dimension.id.clone())
    }

    pub(super) fn unknown_dimension(&mut self, text: &str, at: &At, known: &Known, names: bool) {
        let all_names = known.dimensions.iter().filter(|_| names).map(|dimension| dimension.name.as_str());
        let hint = match did_you_mean(text, known.ids().chain(all_names)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.dimensions.len() > 8 => String::new(),
            None => {
                let ids: Vec<&str> = known.ids().collect();
                format!("the dimensions are {}", prose::listed(&ids))
            }
        };
        self.log.error(Code::UnknownDimension, at, format!("there is no dimension `{text}`"), hint);
    }

    fn condition(&mut self, node: &Node<'_>, settings: &Settings, known: &Known) -> Option<Condition> {
        let text = self.text(node)?;
        let (condition, places) = match Condition::parse_with_places(text) {
            Ok(found) => found,
            Err(error) => {
                let end = error.place.end.min(text.len()).max(error.place.start);
                let at = node.at.within(error.place.start..end);
                self.log.error(Code::Condition, &at, error.what, error.hint);
                return None;
            }
        };
        let mut sound = known.complete;
        for (comparison, place) in condition.comparisons().into_iter().zip(places) {
            for (id, id_at) in comparison.subject.dimensions().iter().zip(place.dimensions) {
                sound &= known.has(id);
                if known.complete && !known.has(id) {
                    self.unknown_dimension(id.as_str(), &node.at.within(id_at), known, false);
                }
            }
            if let (Subject::Count(ids, operator, value), Some(counted)) =
                (&comparison.subject, place.counted)
                && let Some(first) = ids.first()
            {
                let of = Subject::Dimension(first.clone());
                let counted_by = Comparison { subject: of, operator: *operator, value: *value };
                self.on_scale(&counted_by, &node.at.within(counted), settings);
            }
            self.on_scale(comparison, &node.at.within(place.value), settings);
        }
        sound.then_some(condition)
    }

    /// Notes a comparison that comes out the same for every score.
    fn on_scale(&mut self, comparison: &Comparison, at: &At, settings: &Settings) {
        let Comparison { subject, operator, value } = comparison;
        let (scale, count) = (settings.scale, Decimal::from(subject.dimensions().len()));
        let (min, max) = match subject {
            Subject::Count(..) => (Decimal::ZERO, count),
            Subject::Sum(_) => (scale.min * count, scale.max * count),
            _ => (scale.min, scale.max),
        };
        let what = if *value < min || *value > max {
            let (min, max) = (min.normalize(), max.normalize());
            match subject {
                Subject::Count(..) | Subject::Sum(_) => {
                    format!("`{subject}` goes from {min} to {max}: {value} is beyond")
                }
                _ => format!("{value} is not on the scale from {min} to {max}"),
            }
        } else if value.scale() > 2 && matches!(operator, Operator::Equal | Operator::NotEqual) {
            format!("no score has as many places as {value}")
        } else {
            return;
        };
        let always = operator.holds(min, *value);
        let outcome = if always { "always" } else { "never" };
        let hint = format!("`{subject} {operator} {value}` is {outcome} true");
        self.log.warn(Code::ConditionScale, at, what, hint);
    }

    fn defaults(&mut self, default: &[(usize, At)], count: usize, at: &At, settings: &Settings) {
        let comparative = settings.kind == Kind::Comparative;
        let needed = match settings.tie {
            Some(tie) if comparative => tie.winner == TieBreak::Default,
            // What is wrong with the rule of ties was told.
            None if comparative => return,
            _ => true,
        };
        match default {
            [] if needed => {
                let hint = match self.dialect {
                    Dialect::Markdown => "write `- default: true` under the last",
                    Dialect::Json => "write `\"default\": true` in the last",
                };
                self.log.error(Code::DefaultCategory, at, "no category is the default", hint);
            }
            [_, second, ..] => {
                let hint = "give it a condition, or remove it";
                self.log.error(Code::DefaultCategory, &second.1, "there is a default category already", hint);
            }
            [(n, at)] if n + 1 != count => {
                let what = "the default category is not the last";
                self.log.error(Code::DefaultCategory, at, what, "move it to the end");
            }
            [(_, at)] if !needed => {
                let what = "the default category is never given: ties have another winner";
                self.log.error(Code::DefaultCategory, at, what, "remove it, or write `tie_break: default`");
            }
            _ => (),
        }
    }

    /// In a comparative assessment every dimension has exactly one category.
    fn one_for_each(&mut self, found: &[Placed], at: &At, known: &Known) {
        let mut seen: Vec<&Slug> = Vec::new();
        for placed in found {
            let CategoryRule::Highest(id) = &placed.category.rule else { continue };
            if seen.contains(&id) {
                let what = format!("the dimension `{id}` has a category already");
                self.log.error(
                    Code::Comparative,
                    &placed.rule_at,
                    what,
                    "keep one category for each dimension",
                );
            }
            seen.push(id);
        }
        let missing = known.dimensions.iter().filter(|dimension| !seen.contains(&&dimension.id));
        for dimension in missing.filter(|_| known.complete) {
            let what = format!("the dimension `{}` has no category", dimension.id);
            let hint =
                format!("add a category named `{}`, or with `dimension: {}`", dimension.name, dimension.id);
            self.log.error(Code::Comparative, at, what, hint);
        }
    }
}
