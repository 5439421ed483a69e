//! Markdown in values: prose, lines, and parts of lines.
//!
//! In a file its blocks were looked at where they stand. In JSON each text is looked at alone, so that it can be
//! printed where it belongs and read back as the same.

use super::Check;
use crate::{
    code::{Code, Rule},
    log::{Fault, Log},
    outline::{Block, Kind, outline},
    text::{normalised, on_one_line, with_plain_blanks},
    tree::{At, Dialect, Node},
};

/// The most characters of a line.
const LINE: usize = 2_000;
/// The most characters of prose.
const PROSE: usize = 20_000;

impl<C: Code> Check<'_, C> {
    /// Prose: trimmed, at most 20,000 characters; headings in it are at least of `level`.
    pub fn prose(&mut self, node: &Node<'_>, level: u8) -> Option<String> {
        self.prose_where(node, |check, blocks, _| check.fits(&node.at, blocks, level, |_| None))
    }

    /// Prose, where more than a heading may have no place: of prose that did not come from a file, `fits` is handed the
    /// blocks and the text.
    pub fn prose_where(
        &mut self,
        node: &Node<'_>,
        fits: impl FnOnce(&mut Self, &[Block], &str),
    ) -> Option<String> {
        let text = self.text(node)?;
        let text = if self.dialect == Dialect::Json { normalised(text, |_, _, _| ()) } else { text.into() };
        let text = with_plain_blanks(&text, false);
        let text = text.trim();
        if text.is_empty() {
            return Some(String::new());
        }
        if !self.length(&node.at, text, PROSE) {
            return None;
        }
        if self.dialect == Dialect::Json {
            self.characters(&node.at, text, true);
            if let Some(blocks) = self.blocks(&node.at, text) {
                fits(self, &blocks, text);
            }
        } else if text.contains("]:") {
            self.hidden_links(&node.at, text);
        }
        Some(text.to_owned())
    }

    /// Tells of headings below `level`, and of blocks that `misplaced` says have no place here, and how to mend it.
    pub fn fits(
        &mut self,
        at: &At,
        blocks: &[Block],
        level: u8,
        misplaced: impl Fn(&Block) -> Option<(&'static str, &'static str)>,
    ) {
        for block in blocks {
            match &block.kind {
                Kind::Heading { level: found, .. } if *found < level => {
                    let what = format!("a heading of level {found} cannot stand here");
                    self.log.error(Rule::Misplaced, at, what, format!("use level {level} or more"));
                }
                _ => {
                    if let Some((what, hint)) = misplaced(block) {
                        self.log.error(Rule::Misplaced, at, what, hint);
                    }
                }
            }
        }
    }

    /// In a file the first of two definitions of a link hides the second, which may be the first when it is printed.
    fn hidden_links(&mut self, at: &At, text: &str) {
        let is_link = |fault: &Fault<C>| fault.code == Rule::LinkNotHttps.into();
        if self.log.faults.iter().any(is_link) {
            return;
        }
        let mut log = Log::<C>::default();
        outline(text, 0, &mut log);
        for fault in log.faults.into_iter().filter(is_link) {
            self.log.error(fault.code, at, fault.what, fault.hint.unwrap_or_default());
        }
    }

    /// A line of markdown that is a paragraph of its own.
    pub fn line(&mut self, node: &Node<'_>) -> Option<String> {
        let text = self.one_line(node)?;
        if self.dialect == Dialect::Json {
            let blocks = self.blocks(&node.at, &text)?;
            let is_paragraph = matches!(&blocks[..], [Block { kind: Kind::Paragraph, span, .. }] if *span == (0..text.len()));
            if !is_paragraph {
                let hint = "write `\\` before its first character if that is meant literally";
                self.log.error(Rule::Misplaced, &node.at, "the text is not one paragraph", hint);
            }
        }
        Some(text)
    }

    /// Markdown that stands on a line after something else.
    pub fn inline(&mut self, node: &Node<'_>) -> Option<String> {
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
        let text = with_plain_blanks(&text, false).trim().to_owned();
        self.length(&node.at, &text, LINE).then_some(text)
    }

    /// The blocks of a text; what no text may hold is told.
    pub fn blocks(&mut self, at: &At, text: &str) -> Option<Vec<Block>> {
        let mut log = Log::<C>::default();
        let blocks = outline(text, 0, &mut log);
        for fault in log.faults {
            self.log.error(fault.code, at, fault.what, fault.hint.unwrap_or_default());
        }
        blocks
    }
}
