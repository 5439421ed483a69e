//! Rules of the interview guidelines.

use prose::{Fields, MOST, Node, is_same};

use super::{Check, Known, keys, slots::Slot};
use crate::{
    definition::{Dimension, Guidelines, Question, Topic},
    diagnostic::Code,
    headings::{ASK_ABOUT, Guideline, section_meant},
    interview::Transcript,
};

/// The most follow-ups of a question.
const FOLLOW_UPS: usize = 20;

impl Check<'_> {
    pub(super) fn guidelines(&mut self, node: &Node<'_>, known: &Known) -> Guidelines {
        let Some(fields) = self.map(node, keys::GUIDELINES) else { return Guidelines::default() };
        let opening = fields.get("opening").and_then(|node| self.spoken(node)).unwrap_or_default();
        let closing = fields.get("closing").and_then(|node| self.spoken(node)).unwrap_or_default();
        let topics = fields.get("topics").map(|node| self.topics(node, known)).unwrap_or_default();
        let meant = |heading: &str| match Guideline::of(heading) {
            Err(None) => {
                let dimension =
                    |of: &&Dimension| is_same(&of.name, heading) || is_same(of.id.as_str(), heading);
                let dimension = known.dimensions.iter().find(dimension);
                dimension
                    .map(|of| format!("did you mean `### {ASK_ABOUT} {}`?", of.name))
                    .or_else(|| section_meant(heading))
            }
            _ => Some("give it another heading".to_owned()),
        };
        let notes = fields.get("notes").map(|node| self.notes_at(node, meant, 4)).unwrap_or_default();
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
}
