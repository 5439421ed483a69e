//! Rules of what is asked at all: items, or questions of an interview.

use prose::{At, Block, Fields, Kind, Node, Section as _, Severity, outline};

use super::{Check, Known};
use crate::{
    definition::{Guidelines, Item, Part},
    diagnostic::{Code, Log},
    headings::{ASK_ABOUT, Section},
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

impl Check<'_> {
    /// Tells of an assessment that asks nothing, of lists that were meant to ask something, and warns of dimensions
    /// about which nothing is asked.
    pub(super) fn asked(
        &mut self,
        (fields, at): (&Fields<'_>, &At),
        known: &Known,
        guidelines: &Guidelines,
        parts: &[Part],
        items: &[Item],
    ) {
        self.meant_as_items(fields, parts, items);
        self.meant_as_questions(fields, guidelines);
        // Where a question may have been lost, that is what is to be mended.
        let lost: Vec<Severity> = self
            .log
            .faults()
            .iter()
            .filter(|fault| LOSING.contains(&fault.code))
            .map(|fault| fault.severity)
            .collect();
        if self.unread.asked || lost.contains(&Severity::Error) {
            return;
        }
        if items.is_empty() && guidelines.topics.iter().all(|topic| topic.questions.is_empty()) {
            let hint = format!(
                "add `## Items` with `1. ` and a question, or `### {ASK_ABOUT} ..` with `- ` and one"
            );
            let what = "there is neither an item nor a question of an interview";
            self.log.error(Code::NothingAsked, at, what, hint);
        } else if lost.is_empty() {
            self.each_dimension(known, guidelines, items);
        }
    }

    /// Sections and parts without items, which hold nothing but instructions, and what may have been meant as items.
    fn meant_as_items(&mut self, fields: &Fields<'_>, parts: &[Part], items: &[Item]) {
        const HINT: &str = "number them, `1. ` and the question, with the keys indented under it";
        let introductions = fields.get("introductions").and_then(|node| node.field("items"));
        let without: Vec<&Part> = parts
            .iter()
            .filter(|part| items.iter().all(|item| item.part.as_ref() != Some(&part.id)))
            .collect();
        if self.unread.asked {
            return;
        }
        let nodes = fields.get("parts").map(Node::entries).unwrap_or_default();
        let is_without = |node: &&Node<'_>| {
            let name = node.field("name").and_then(Node::as_text);
            without.iter().any(|part| Some(part.name.as_str()) == name)
        };
        let of_parts = nodes.iter().filter(is_without).filter_map(|node| node.field("instructions"));
        let of_all = introductions.filter(|_| items.is_empty());
        let mut told = false;
        for node in of_all.into_iter().chain(of_parts) {
            if let Some(at) = first_of(node, is_like_items) {
                told = true;
                let what = "this is read as instructions: only numbered lists are items";
                self.log.error(Code::Misplaced, &at, what, format!("these look like items: {HINT}"));
            }
        }
        if told {
            return;
        }
        if items.is_empty() && (of_all.is_some() || !parts.is_empty()) {
            let at = fields.get("items").or(of_all).map_or_else(|| At::Span(0..0), |node| node.at.clone());
            let what = format!("the section `{}` has no item", Section::Items.heading());
            return self.log.error(Code::NothingAsked, &at, what, HINT);
        }
        for node in nodes.iter().filter(is_without) {
            // One whose heading is wrong was told.
            if self.log.faults().iter().all(|fault| fault.at != node.at) {
                let name = node.field("name").and_then(Node::as_text).unwrap_or_default();
                self.log.warn(Code::NothingAsked, &node.at, format!("the part `{name}` has no item"), HINT);
            }
        }
    }

    /// Lists in the guidelines that are prose, where questions are missing.
    fn meant_as_questions(&mut self, fields: &Fields<'_>, guidelines: &Guidelines) {
        let introduction = fields.get("introductions").and_then(|node| node.field("guidelines"));
        let is_list = |block: &Block, _: &str| matches!(block.kind, Kind::Bullets | Kind::Numbers);
        if guidelines.topics.is_empty()
            && let Some(at) = introduction.and_then(|node| first_of(node, is_list))
        {
            let hint = format!(
                "put questions under `### {ASK_ABOUT} ` and the name of a dimension, `- ` before each"
            );
            self.log.warn(Code::Misplaced, &at, "this list asks nothing: it is about no dimension", hint);
        }
        let topics = fields.get("interview_guidelines").and_then(|node| node.field("topics"));
        for topic in topics.map(Node::entries).unwrap_or_default() {
            let asks = topic.field("questions").is_some_and(|node| !node.entries().is_empty());
            let is_numbers = |block: &Block, _: &str| block.kind == Kind::Numbers;
            if let Some(at) =
                topic.field("guidance").filter(|_| !asks).and_then(|node| first_of(node, is_numbers))
            {
                let what = "a numbered list is guidance for the interviewer, and asks nothing";
                self.log.warn(Code::Misplaced, &at, what, "if these are questions, write `- ` before each");
            }
        }
    }

    fn each_dimension(&mut self, known: &Known, guidelines: &Guidelines, items: &[Item]) {
        let in_interview = |id: &Slug| {
            guidelines.topics.iter().any(|topic| topic.dimension == *id && !topic.questions.is_empty())
        };
        let by_item =
            |id: &Slug| items.iter().any(|item| item.measures.iter().any(|measure| measure.dimension == *id));
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

/// Where the first block stands that is of a kind, in a text.
fn first_of(node: &Node<'_>, is: impl Fn(&Block, &str) -> bool) -> Option<At> {
    let text = node.as_text()?;
    let blocks = outline(text, 0, &mut Log::default())?;
    let block = blocks.iter().find(|block| is(block, text))?;
    Some(node.at.within(block.span.start..block.span.start + text[block.span.clone()].trim_end().len()))
}

/// Bullets, rows, or lines that begin with a number: `1.Question`.
fn is_like_items(block: &Block, text: &str) -> bool {
    let is_numbered = |line: &str| {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < line.len() && rest.starts_with(['.', ')'])
    };
    match block.kind {
        Kind::Bullets | Kind::Table => true,
        Kind::Paragraph => text[block.span.clone()].lines().any(is_numbered),
        _ => false,
    }
}
