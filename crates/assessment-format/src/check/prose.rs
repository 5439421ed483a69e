//! Markdown in values: prose, lines, and parts of lines.
//!
//! In a file its blocks were looked at where they stand. In JSON each text is looked at alone, so that it can be
//! printed where it belongs and read back as the same.

use super::{
    Check,
    values::{LINE, PROSE},
};
use crate::{
    diagnostic::Code,
    markdown::outline::{Block, Kind, outline},
    text::{normalised, on_one_line},
    tree::{At, Dialect, Fault, Log, Node},
};

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
    /// Under a heading of the level before this one.
    Note(u8),
}

impl Check<'_> {
    /// Prose: trimmed, at most 20,000 characters.
    pub(super) fn prose(&mut self, node: &Node<'_>, slot: Slot) -> Option<String> {
        let text = self.text(node)?;
        let text = if self.dialect == Dialect::Json { normalised(text, |_, _, _| ()) } else { text.into() };
        let text = text.trim();
        if text.is_empty() && slot == Slot::Item {
            self.log.error(Code::EmptyText, &node.at, "the item asks nothing", "write a question");
        }
        if text.is_empty() {
            return Some(String::new());
        }
        if !self.length(&node.at, text, PROSE) {
            return None;
        }
        if self.dialect == Dialect::Json {
            self.characters(&node.at, text, true);
            if let Some(blocks) = self.blocks(&node.at, text) {
                self.fits(&node.at, &blocks, text, slot);
            }
        } else if text.contains("]:") {
            self.hidden_links(&node.at, text);
        }
        Some(text.to_owned())
    }

    /// In a file the first of two definitions of a link hides the second, which may be the first when it is printed.
    fn hidden_links(&mut self, at: &At, text: &str) {
        let is_link = |fault: &Fault| fault.code == Code::LinkNotHttps;
        if self.log.faults.iter().any(is_link) {
            return;
        }
        let mut log = Log::default();
        outline(text, 0, &mut log);
        for fault in log.faults.into_iter().filter(is_link) {
            self.log.error(fault.code, at, fault.what, fault.hint.unwrap_or_default());
        }
    }

    /// A line of markdown that is a paragraph of its own.
    pub(super) fn line(&mut self, node: &Node<'_>) -> Option<String> {
        let text = self.one_line(node)?;
        if self.dialect == Dialect::Json {
            let blocks = self.blocks(&node.at, &text)?;
            let is_paragraph = matches!(&blocks[..], [Block { kind: Kind::Paragraph, span, .. }] if *span == (0..text.len()));
            if !is_paragraph {
                let hint = "write `\\` before its first character if that is meant literally";
                self.log.error(Code::Misplaced, &node.at, "the text is not one paragraph", hint);
            }
        }
        Some(text)
    }

    /// Markdown that stands on a line after something else.
    pub(super) fn inline(&mut self, node: &Node<'_>) -> Option<String> {
        let text = self.one_line(node)?;
        if self.dialect == Dialect::Json {
            self.blocks(&node.at, &format!("x {text}"));
        }
        Some(text)
    }

    fn one_line(&mut self, node: &Node<'_>) -> Option<String> {
        let text = self.text(node)?.trim();
        let text = if self.dialect == Dialect::Markdown { on_one_line(text) } else { text.to_owned() };
        if self.dialect == Dialect::Json {
            self.characters(&node.at, &text, false);
        }
        self.length(&node.at, &text, LINE).then_some(text)
    }

    /// The blocks of a text; what no text may hold is told.
    pub(super) fn blocks(&mut self, at: &At, text: &str) -> Option<Vec<Block>> {
        let mut log = Log::default();
        let blocks = outline(text, 0, &mut log);
        for fault in log.faults {
            self.log.error(fault.code, at, fault.what, fault.hint.unwrap_or_default());
        }
        blocks
    }

    fn fits(&mut self, at: &At, blocks: &[Block], text: &str, slot: Slot) {
        let level = if let Slot::Note(level) = slot { level } else { 4 };
        let is_of_scores = |block: &Block| {
            let cell = block.children.first().and_then(|row| row.children.first());
            cell.is_some_and(|cell| text[cell.span.clone()].trim().eq_ignore_ascii_case("score"))
        };
        for block in blocks {
            let (what, hint) = match (&block.kind, slot) {
                (Kind::Heading { level: found, .. }, _) if *found < level => (
                    format!("a heading of level {found} cannot stand here"),
                    format!("use level {level} or more"),
                ),
                (Kind::Heading { .. }, Slot::Item) => ("an item has no headings".to_owned(), String::new()),
                (Kind::Numbers, Slot::BeforeItems) => {
                    let what = "a numbered list cannot stand here: it would be read as items".to_owned();
                    (what, "use bullets".to_owned())
                }
                (Kind::Bullets, Slot::Guidance) => {
                    let what = "a bullet list cannot stand here: it would be read as questions".to_owned();
                    (what, "use a numbered list".to_owned())
                }
                (Kind::Bullets | Kind::Numbers, Slot::Item) => {
                    let what = "a list cannot stand here: it would be read as keys and options".to_owned();
                    (what, "write it as sentences".to_owned())
                }
                (Kind::Table, Slot::Dimension) if is_of_scores(block) => {
                    let what = "a table of scores cannot stand here".to_owned();
                    (what, "put it into `anchors`".to_owned())
                }
                _ => continue,
            };
            self.log.error(Code::Misplaced, at, what, hint);
        }
        let begins_well = matches!(blocks.first(), Some(Block { kind: Kind::Paragraph, .. }));
        if slot == Slot::Item && !begins_well {
            self.log.error(Code::Misplaced, at, "an item begins with a paragraph", "begin with a sentence");
        }
    }
}
