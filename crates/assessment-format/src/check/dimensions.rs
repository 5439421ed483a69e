//! Rules of the dimensions.

use prose::{At, Bounds, Fields, Node, percent};
use rust_decimal::Decimal;

use super::{Check, Known, keys, slots::Slot};
use crate::{
    definition::{Anchor, Dimension, Scale},
    diagnostic::Code,
    slug::Slug,
};

/// How far from 1 the weights may sum.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// What conditions say and no dimension may be called.
const RESERVED: [&str; 4] = ["overall", "and", "or", "not"];

impl Check<'_> {
    pub(super) fn dimensions<'n>(&mut self, section: Option<(&'n [Node<'n>], &At)>, scale: Scale) -> Known {
        let mut known = Known { dimensions: Vec::new(), at: Vec::new(), complete: false, weighted: false };
        let Some((nodes @ [_, ..], at)) = section else { return known };
        let (mut ids, mut names): (Vec<Slug>, Vec<String>) = (Vec::new(), Vec::new());
        let mut sum = Decimal::ZERO;
        (known.complete, known.weighted) = (true, true);
        for node in nodes {
            let Some(fields) = self.map(node, keys::OF_DIMENSION) else {
                (known.complete, known.weighted) = (false, false);
                continue;
            };
            let name = self.required(&fields, "name", node).and_then(|name| self.name(name));
            let weight = self.required(&fields, "weight", node).and_then(|weight| self.share(weight, 6));
            let id = self.id_of(&fields, name.as_deref(), &node.at, &ids);
            let description = self.description(&fields, node);
            let (anchors, anchors_heading) = self.anchors(&fields, scale);
            sum += weight.unwrap_or_default();
            known.weighted &= weight.is_some();
            let (Some(name), Some(id)) = (name, id) else {
                known.complete = false;
                continue;
            };
            self.unique_name(&name, &node.at, &names);
            self.not_reserved(&id, &fields, node);
            ids.push(id.clone());
            names.push(name.clone());
            known.at.push(fields.get("name").map_or(&node.at, |name| &name.at).clone());
            let weight = weight.unwrap_or(Decimal::ONE);
            known.dimensions.push(Dimension { id, name, weight, description, anchors, anchors_heading });
        }
        if known.weighted && (sum - Decimal::ONE).abs() > TOLERANCE {
            let missing = (Decimal::ONE - sum).normalize();
            let hint = if missing > Decimal::ZERO {
                format!("add {} to one of them", percent(missing))
            } else {
                format!("take {} from one of them", percent(-missing))
            };
            let what = format!("the weights sum to {}, not to 1", sum.normalize());
            self.log.error(Code::WeightSum, at, what, hint);
        }
        known
    }

    fn not_reserved(&mut self, id: &Slug, fields: &Fields<'_>, node: &Node<'_>) {
        if RESERVED.contains(&id.as_str()) {
            let at = fields.get("id").map_or(&node.at, |id| &id.at);
            let what = format!("`{id}` is a word of conditions");
            self.log.error(Code::BadId, at, what, "give it another `id`");
        }
    }

    fn description(&mut self, fields: &Fields<'_>, node: &Node<'_>) -> String {
        let Some(found) = fields.get("description") else {
            let at = node.at.member("description");
            self.log.error(Code::MissingKey, &at, "there is no description", "say in a sentence what it is");
            return String::new();
        };
        let text = self.slot(found, Slot::Dimension);
        if text.as_ref().is_some_and(String::is_empty) {
            self.log.error(
                Code::EmptyText,
                &found.at,
                "the description is empty",
                "say in a sentence what it is",
            );
        }
        text.unwrap_or_default()
    }

    fn anchors(&mut self, fields: &Fields<'_>, scale: Scale) -> (Vec<Anchor>, Option<String>) {
        let heading = fields.get("anchors_heading").and_then(|node| self.inline(node));
        let Some(nodes) = fields.get("anchors").and_then(|node| self.list(node, prose::MOST)) else {
            return (Vec::new(), heading);
        };
        let mut anchors: Vec<Anchor> = Vec::with_capacity(nodes.len());
        let bounds = Bounds { min: scale.min, max: scale.max, places: 2 };
        for node in nodes {
            let Some(fields) = self.map(node, keys::ANCHOR) else { continue };
            let score = self.required(&fields, "score", node).and_then(|node| self.number(node, bounds));
            let text = self.required(&fields, "text", node).and_then(|node| self.inline(node));
            let (Some(score), Some(text)) = (score, text) else { continue };
            if anchors.last().is_some_and(|last| last.score >= score) {
                let what = format!("the score {score} does not come after the one above it");
                self.log.error(Code::TableShape, &node.at, what, "write each score once, the lowest first");
            }
            anchors.push(Anchor { score, text });
        }
        let heading = heading.filter(|heading| heading != Anchor::HEADING && !anchors.is_empty());
        (anchors, heading)
    }
}
