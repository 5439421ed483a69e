//! Where prose stands in an assessment, and so what it cannot hold.

use prose::{Block, Kind, Node};

use super::Check;
use crate::{diagnostic::Code, markdown::key_line};

/// Where prose stands, and so what it cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Plain,
    /// Before the table of scores.
    Dimension,
    /// Before numbered items.
    BeforeItems,
    /// Before bulleted questions.
    Guidance,
    /// The text of an item, before its list.
    Item,
}

impl Check<'_> {
    /// Prose that stands there. Headings in it are of level 4 or below.
    pub(super) fn slot(&mut self, node: &Node<'_>, slot: Slot) -> Option<String> {
        let at = &node.at;
        let prose = self.prose_where(node, |check, blocks, text| {
            check.fits(at, blocks, 4, |block| misplaced(block, text, slot));
            let is_fenced =
                |block: &Block| block.kind == Kind::Code && !text[block.span.clone()].starts_with(' ');
            if slot == Slot::Item && !blocks.iter().any(is_fenced) && key_line(text).is_some() {
                let what = "a line of the text would be read as a key or an option";
                check.log.error(Code::Misplaced, at, what, "write it otherwise");
            }
            let begins_well = matches!(blocks.first(), Some(Block { kind: Kind::Paragraph, .. }));
            if slot == Slot::Item && !begins_well {
                check.log.error(
                    Code::Misplaced,
                    at,
                    "an item begins with a paragraph",
                    "begin with a sentence",
                );
            }
        });
        if slot == Slot::Item && prose.as_ref().is_some_and(String::is_empty) {
            self.log.error(Code::EmptyText, at, "the item asks nothing", "write a question");
        }
        prose
    }
}

/// What cannot stand there, and how to mend it.
fn misplaced(block: &Block, text: &str, slot: Slot) -> Option<(&'static str, &'static str)> {
    let is_of_scores = |block: &Block| {
        let cell = block.children.first().and_then(|row| row.children.first());
        cell.is_some_and(|cell| text[cell.span.clone()].trim().eq_ignore_ascii_case("score"))
    };
    Some(match (&block.kind, slot) {
        (Kind::Heading { .. }, Slot::Item) => ("an item has no headings", ""),
        (Kind::Numbers, Slot::BeforeItems) => {
            ("a numbered list cannot stand here: it would be read as items", "use bullets")
        }
        (Kind::Bullets, Slot::Guidance) => {
            ("a bullet list cannot stand here: it would be read as questions", "use a numbered list")
        }
        (Kind::Bullets | Kind::Numbers, Slot::Item) => {
            ("a list cannot stand here: it would be read as keys and options", "write it as sentences")
        }
        (Kind::Table, Slot::Dimension) if is_of_scores(block) => {
            ("a table of scores cannot stand here", "put it into `anchors`")
        }
        _ => return None,
    })
}
