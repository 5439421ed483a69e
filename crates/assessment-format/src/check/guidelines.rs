//! Rules of the interview guidelines.

use prose::{Fault, Fields, MOST, Node};

use super::{Check, Known, keys, slots::Slot};
use crate::{
    definition::{Guidelines, Item, Question, Topic},
    diagnostic::Code,
    headings::Guideline,
    interview::Transcript,
    slug::Slug,
};

/// Mistakes after which a part of what was written is not read.
const LOSING: [Code; 6] = [
    Code::DuplicateSection,
    Code::Misplaced,
    Code::NotAKey,
    Code::TooDeep,
    Code::UnclosedCode,
    Code::UnknownSection,
];
/// The most follow-ups of a question.
const FOLLOW_UPS: usize = 20;

impl Check<'_> {
    pub(super) fn guidelines(&mut self, node: &Node<'_>, known: &Known) -> Guidelines {
        let Some(fields) = self.map(node, keys::GUIDELINES) else { return Guidelines::default() };
        let opening = fields.get("opening").and_then(|node| self.spoken(node)).unwrap_or_default();
        let closing = fields.get("closing").and_then(|node| self.spoken(node)).unwrap_or_default();
        let topics = fields.get("topics").map(|node| self.topics(node, known)).unwrap_or_default();
        let is_known = |heading: &str| Guideline::of(heading) != Err(None);
        let notes = fields.get("notes").map(|node| self.notes_at(node, is_known, 4)).unwrap_or_default();
        let follow_ups = self.lines(&fields, "follow_ups", MOST);
        let never_ask = self.lines(&fields, "never_ask", MOST);
        Guidelines { opening, topics, follow_ups, never_ask, closing, notes }
    }

    /// Prose that is said as one turn.
    fn spoken(&mut self, node: &Node<'_>) -> Option<String> {
        let prose = self.slot(node, Slot::Plain)?;
        let most = usize::from(Transcript::MAX_TURN_LENGTH);
        let found = prose.chars().count();
        if found > most {
            let what = format!("this has {found} characters, and a turn of an interview has at most {most}");
            self.log.error(
                Code::TooLong,
                &node.at,
                what,
                "shorten it; what people read belongs under the title",
            );
        }
        Some(prose)
    }

    fn lines(&mut self, fields: &Fields<'_>, key: &str, most: usize) -> Vec<String> {
        let nodes = fields.get(key).and_then(|node| self.list(node, most)).unwrap_or_default();
        nodes.iter().filter_map(|node| self.line(node)).collect()
    }

    fn topics(&mut self, node: &Node<'_>, known: &Known) -> Vec<Topic> {
        let mut topics: Vec<Topic> = Vec::new();
        for node in self.list(node, MOST).unwrap_or_default() {
            self.unread.asked |= node.is_unknown();
            let Some(fields) = self.map(node, keys::TOPIC) else { continue };
            let dimension =
                self.required(&fields, "dimension", node).and_then(|node| self.dimension_of(node, known));
            let guidance =
                fields.get("guidance").and_then(|node| self.slot(node, Slot::Guidance)).unwrap_or_default();
            let questions = fields.get("questions").map(|node| self.questions(node)).unwrap_or_default();
            let Some(dimension) = dimension else {
                self.unread.asked = true;
                continue;
            };
            if topics.iter().any(|topic| topic.dimension == dimension) {
                let what = format!("`{dimension}` is asked about a second time");
                self.log.error(Code::DuplicateSection, &node.at, what, "put all questions about it together");
            }
            topics.push(Topic { dimension, guidance, questions });
        }
        topics
    }

    fn questions(&mut self, node: &Node<'_>) -> Vec<Question> {
        let mut questions = Vec::new();
        for node in self.list(node, MOST).unwrap_or_default() {
            let Some(fields) = self.map(node, keys::QUESTION) else { continue };
            let text = self.required(&fields, "text", node).and_then(|node| self.line(node));
            let follow_ups = self.lines(&fields, "follow_ups", FOLLOW_UPS);
            questions.extend(text.map(|text| Question { text, follow_ups }));
        }
        questions
    }

    /// Warns of dimensions about which nothing is asked: in the interview, or, where there is none, by the items.
    pub(super) fn asked(&mut self, known: &Known, guidelines: &Guidelines, items: &[Item]) {
        let in_interview = |id: &Slug| {
            guidelines.topics.iter().any(|topic| topic.dimension == *id && !topic.questions.is_empty())
        };
        let by_item =
            |id: &Slug| items.iter().any(|item| item.measures.iter().any(|measure| measure.dimension == *id));
        // Where a question may have been lost, that is what is to be mended.
        let is_lost = |fault: &Fault<Code>| LOSING.contains(&fault.code);
        if self.unread.asked || self.log.faults().iter().any(is_lost) {
            return;
        }
        let has_interview = !guidelines.topics.is_empty();
        for (dimension, at) in known.dimensions.iter().zip(&known.at) {
            let (id, name) = (&dimension.id, &dimension.name);
            let (asked, what) = if has_interview {
                (in_interview(id), format!("the interview has no question about `{name}`"))
            } else {
                (by_item(id), format!("neither a question nor an item is about `{name}`"))
            };
            if !asked {
                let hint = format!("add `### Ask about {name}` with a question");
                self.log.warn(Code::DimensionWithoutQuestion, at, what, hint);
            }
        }
    }
}
