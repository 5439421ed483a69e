//! Rules of parts and items.

use prose::{At, Dialect, Fields, MOST, Node, Value};

use super::{Check, Known, MOST_ITEMS, keys, slots::Slot};
use crate::{
    definition::{Answer, Choice, Item, Measure, OptionScore, Part, Settings},
    diagnostic::Code,
    headings::{Guideline, guideline_meant, section_meant},
    slug::Slug,
};

/// The most dimensions an item measures.
const MEASURES: usize = 20;

impl Check<'_> {
    pub(super) fn parts(&mut self, node: &Node<'_>) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for node in self.list(node, MOST).unwrap_or_default() {
            let Some(fields) = self.map(node, keys::PART) else { continue };
            let Some(name) = self.required(&fields, "name", node).and_then(|name| self.name(name)) else {
                continue;
            };
            let topic = matches!(Guideline::of(&name), Ok(Guideline::Topic(_)));
            if let Some(hint) = section_meant(&name).or_else(|| guideline_meant(&name).filter(|_| topic)) {
                let what = format!("`{name}` is no part of the items");
                self.log.error(Code::UnknownSection, &node.at, what, hint);
            }
            let instructions = fields
                .get("instructions")
                .and_then(|node| self.slot(node, Slot::BeforeItems))
                .unwrap_or_default();
            let Some(id) = Slug::of(&name) else {
                let what = format!("no id can be made of `{name}`");
                self.log.error(Code::BadId, &node.at, what, "give the part a name with letters");
                continue;
            };
            if let Some(given) = fields.get("id")
                && self.slug(given).is_some_and(|given| given != id)
            {
                let hint = format!("write `{id}`, or leave it out");
                self.log.error(Code::BadId, &given.at, "the id of a part is the slug of its name", hint);
            }
            if parts.iter().any(|part| part.id == id) {
                self.log.error(
                    Code::DuplicateId,
                    &node.at,
                    format!("the id `{id}` is taken"),
                    "give the part another name",
                );
            }
            parts.push(Part { id, name, instructions });
        }
        parts
    }

    pub(super) fn items(
        &mut self,
        node: &Node<'_>,
        settings: &Settings,
        known: &Known,
        parts: &[Part],
    ) -> Vec<Item> {
        let Some(nodes) = self.list(node, MOST_ITEMS) else {
            self.unread.asked = true;
            return Vec::new();
        };
        let mut items: Vec<Item> = Vec::with_capacity(nodes.len());
        let mut last_part = 0;
        for node in nodes {
            let Some(fields) = self.map(node, keys::OF_ITEM) else { continue };
            let part = fields.get("part").and_then(|node| self.part_of(node, parts, &mut last_part));
            if part.is_none() && last_part > 0 && fields.get("part").is_none() {
                let hint = "put it before the items of the parts";
                self.log.error(
                    Code::Misplaced,
                    &node.at,
                    "an item outside the parts follows one inside",
                    hint,
                );
            }
            let item = self.item(&fields, node, part, settings, known, &items);
            self.unread.asked |= item.is_none();
            items.extend(item);
        }
        items
    }

    /// The part of an item. Items stand in the order of their parts.
    fn part_of(&mut self, node: &Node<'_>, parts: &[Part], last: &mut usize) -> Option<Slug> {
        let text = self.text(node)?;
        let is_own = |part: &Part| match self.dialect {
            Dialect::Markdown => part.name == text,
            Dialect::Json => part.id.as_str() == text,
        };
        let Some(position) = parts.iter().position(is_own) else {
            if self.dialect == Dialect::Json {
                let hint = "name a part by its id";
                self.log.error(Code::UnknownValue, &node.at, format!("there is no part `{text}`"), hint);
            }
            return None;
        };
        if position + 1 < *last {
            let hint = "put all items of a part together, in the order of the parts";
            self.log.error(Code::Misplaced, &node.at, "the item follows one of a later part", hint);
        }
        *last = position + 1;
        Some(parts[position].id.clone())
    }

    fn item(
        &mut self,
        fields: &Fields<'_>,
        node: &Node<'_>,
        part: Option<Slug>,
        settings: &Settings,
        known: &Known,
        others: &[Item],
    ) -> Option<Item> {
        let id = self.required(fields, "id", node).and_then(|node| self.slug(node));
        if let (Some(id), Some(node)) = (&id, fields.get("id"))
            && others.iter().any(|other| other.id == *id)
        {
            self.log.error(Code::DuplicateId, &node.at, format!("the id `{id}` is taken"), "give it another");
        }
        let text = fields.get("text").map(|text| self.slot(text, Slot::Item).unwrap_or_default());
        if text.is_none() {
            self.log.error(
                Code::EmptyText,
                &node.at.member("text"),
                "the item asks nothing",
                "write a question",
            );
        }
        let required = fields.get("required").and_then(|node| self.truth(node)).unwrap_or(true);
        let measures = fields.get("measures").map(|node| self.measures(node, known));
        let measures = measures.unwrap_or(Some(Vec::new())).unwrap_or_default();
        let answer = self.answer(fields, node, settings, known, required)?;
        self.way_out(fields, &answer, required, settings);
        let measures = self.of_options(fields, &answer, measures, known);
        if measures.is_empty() && fields.get("measures").is_none() {
            self.unscored(fields, &answer);
        }
        Some(Item { id: id?, part, text: text?, measures, required, answer })
    }

    fn measures(&mut self, node: &Node<'_>, known: &Known) -> Option<Vec<Measure>> {
        let mut measures: Vec<Measure> = Vec::new();
        let mut add = |check: &mut Self, measure: Option<Measure>, at: &At| {
            let Some(measure) = measure else {
                check.unread.asked = true;
                return;
            };
            if measures.iter().any(|other| other.dimension == measure.dimension) {
                let what = format!("`{}` is named a second time", measure.dimension);
                check.log.error(Code::DuplicateKey, at, what, "keep one of them");
            }
            measures.push(measure);
        };
        if let (Value::Scalar(text), Dialect::Markdown) = (&node.value, self.dialect) {
            let mut start = 0;
            for part in text.split(',') {
                let lead = part.len() - part.trim_start().len();
                let at = node.at.within(start + lead..start + part.trim_end().len().max(lead));
                start += part.len() + 1;
                let measure = self.measure_of(part, &at, known);
                add(self, measure, &at);
            }
        } else {
            for node in self.list(node, MEASURES)? {
                let Some(fields) = self.map(node, keys::MEASURE) else { continue };
                let dimension = self.required(&fields, "dimension", node);
                let dimension = dimension.and_then(|node| self.dimension_of(node, known));
                let reversed = fields.get("reversed").and_then(|node| self.truth(node)).unwrap_or(false);
                add(self, dimension.map(|dimension| Measure { dimension, reversed }), &node.at);
            }
        }
        if measures.len() > MEASURES {
            let what = format!("an item measures at most {MEASURES} dimensions");
            self.log.error(Code::OutOfRange, &node.at, what, "split it into several items");
        }
        Some(measures)
    }

    /// `eq` or `eq (reversed)`
    fn measure_of(&mut self, text: &str, at: &At, known: &Known) -> Option<Measure> {
        let (name, note) = match text.split_once('(') {
            Some((name, note)) => (name.trim(), Some(note.trim())),
            None => (text.trim(), None),
        };
        if let Some(note) = note.filter(|note| *note != "reversed)") {
            let what = format!("`({note}` says nothing about a measure");
            self.log.error(Code::UnknownValue, at, what, "write `(reversed)`, or leave it out");
            return None;
        }
        let name_at = at.within(0..name.len());
        let node = Node::new(name_at, Value::Scalar(name.into()));
        let dimension = self.dimension_of(&node, known)?;
        Some(Measure { dimension, reversed: note.is_some() })
    }

    /// Options that name dimensions say by themselves what the item measures.
    fn of_options(
        &mut self,
        fields: &Fields<'_>,
        answer: &Answer,
        given: Vec<Measure>,
        known: &Known,
    ) -> Vec<Measure> {
        let (Answer::SingleChoice { options } | Answer::MultipleChoice { options, .. }) = answer else {
            return given;
        };
        let named = |id: &Slug| {
            let names = |choice: &Choice| matches!(&choice.worth, OptionScore::Toward(points) if points.iter().any(|(own, _)| own == id));
            options.iter().any(names)
        };
        if !options.iter().any(|choice| matches!(choice.worth, OptionScore::Toward(_))) {
            return given;
        }
        let ids = known.dimensions.iter().map(|dimension| &dimension.id).filter(|id| named(id));
        let measures: Vec<Measure> =
            ids.map(|id| Measure { dimension: id.clone(), reversed: false }).collect();
        let same = given.len() == measures.len() && measures.iter().all(|measure| given.contains(measure));
        if let Some(node) = fields.get("measures").filter(|_| !same) {
            let what = "the options say by themselves what this item measures";
            self.log.error(
                Code::MixedOptions,
                &node.at,
                what,
                "remove `measures`, or give the options points",
            );
        }
        measures
    }

    /// An item that measures nothing has options that are worth nothing.
    fn unscored(&mut self, fields: &Fields<'_>, answer: &Answer) {
        let scored = match answer {
            Answer::SingleChoice { options } | Answer::MultipleChoice { options, .. } => {
                options.iter().any(|choice| choice.worth != OptionScore::Nothing)
            }
            Answer::Number { correct, .. } => correct.is_some(),
            Answer::Agree(_) | Answer::Text { .. } => false,
        };
        let at = ["options", "correct"].iter().find_map(|key| fields.get(key)).map(|node| &node.at);
        if let (true, Some(at)) = (scored, at) {
            let what = "this item has right answers or points, but measures no dimension";
            self.log.error(Code::MissingKey, at, what, "add `measures` and the id of a dimension");
            self.unread.asked = true;
        }
    }
}
