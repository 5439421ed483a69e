//! A file taken apart into its front matter, its sections, and what belongs to them, as a tree on which the rules are
//! checked.
//!
//! Prose is what is left of a section when everything that has a form is taken out of it, so that nothing is lost.

use std::{borrow::Cow, ops::Range};

use crate::{
    code::{Code, Rule},
    format::Format,
    front,
    headings::Section,
    log::{Fault, Log},
    outline::{Block, Kind, outline},
    tree::{At, Field, Node, Value},
};

/// What every file consists of, beside the sections its format knows.
#[derive(Debug)]
pub struct Document<'s> {
    /// The front matter, with the prose under the title as its `description`.
    pub settings: Node<'s>,
    /// The heading of level 1.
    pub title: Option<Node<'s>>,
    /// Sections the format knows nothing about: maps of `heading` and `text`.
    pub notes: Vec<Node<'s>>,
    /// Where it begins to be what it is: the title, or the front matter.
    pub at: At,
}

/// Takes the text of a file apart; `None` where there is nothing to go on with. `keys` are those of the front matter,
/// and `section` reads each section the format knows, once and in their order.
pub fn document<'s, S: Section, C: Code>(
    text: &'s str,
    format: &Format,
    keys: &[&'static str],
    log: &mut Log<C>,
    section: impl FnMut(&mut Reader<'s, '_, C>, S, &Group),
) -> Option<Document<'s>> {
    let frame = match front::find(text) {
        Ok(frame) => frame,
        Err(missing) => {
            missing.tell(format.schema, log);
            return None;
        }
    };
    let mut settings = front::read(&text[frame.yaml.clone()], frame.yaml.start, log);
    let mut reader = Reader { text, log };
    if let Value::Map(fields) = &mut settings.value {
        settings.at = At::Span(frame.opening);
        reader.only_known_keys(fields, keys);
    }
    let blocks = blocks(text, frame.body, reader.log)?;
    let groups = reader.groups(blocks, frame.body);
    Some(reader.document(settings, &groups, section))
}

/// The blocks of a file. After a code block that is never closed everything would be code: the rest is read as if
/// it had not begun.
fn blocks<C: Code>(text: &str, start: usize, log: &mut Log<C>) -> Option<Vec<Block>> {
    const RETRIES: usize = 5;
    let mut patched = Cow::Borrowed(text);
    let mut unclosed = Vec::new();
    loop {
        let mut found = Log::default();
        let Some(blocks) = outline(&patched, start, &mut found) else {
            log.append(found.faults, found.dropped);
            return None;
        };
        let is_last =
            |fault: &&Fault<C>| fault.code == Rule::UnclosedCode.into() && is_in_last(&fault.at, &blocks);
        let Some(fault) = found.faults.iter().find(is_last).filter(|_| unclosed.len() < RETRIES).cloned()
        else {
            unclosed.append(&mut found.faults);
            log.append(unclosed, found.dropped);
            return Some(blocks);
        };
        if let At::Span(span) = &fault.at {
            patched.to_mut().replace_range(span.clone(), &" ".repeat(span.len()));
        }
        unclosed.push(fault);
    }
}

fn is_in_last(at: &At, blocks: &[Block]) -> bool {
    let last = blocks.last().filter(|last| last.kind == Kind::Code);
    matches!((at, last), (At::Span(span), Some(last)) if span.start == last.span.start)
}

/// Reads the parts of a file.
#[derive(Debug)]
pub struct Reader<'s, 'l, C> {
    /// The text of the file, as it is read.
    pub text: &'s str,
    /// Takes what is wrong.
    pub log: &'l mut Log<C>,
}

/// A heading with what stands under it, up to the next heading of level 1 to 3.
#[derive(Debug)]
pub struct Piece {
    level: u8,
    /// The words of the heading.
    pub name: String,
    /// The heading's bytes.
    pub heading: Range<usize>,
    /// The bytes under it.
    pub body: Range<usize>,
    /// The blocks under it.
    pub blocks: Vec<Block>,
}

impl Piece {
    /// Where the heading stands.
    pub const fn at(&self) -> At {
        At::Span(self.heading.start..self.heading.end)
    }

    /// The words of the heading, as a value.
    pub fn name_node<'s>(&self) -> Node<'s> {
        Node::new(self.at(), Value::Text(Cow::Owned(self.name.clone())))
    }
}

/// A piece with a heading of level 1 or 2, or none, and the pieces of level 3 under it.
#[derive(Debug)]
pub struct Group {
    /// The heading of the section, and what stands between it and the first piece.
    pub head: Piece,
    /// The pieces.
    pub pieces: Vec<Piece>,
}

impl<'s, C: Code> Reader<'s, '_, C> {
    fn groups(&mut self, blocks: Vec<Block>, start: usize) -> Vec<Group> {
        let end = self.text.len();
        let piece = |level, name, heading: Range<usize>, start| Piece {
            level,
            name,
            heading,
            body: start..end,
            blocks: Vec::new(),
        };
        let mut pieces = vec![piece(0, String::new(), start..start, start)];
        for block in blocks {
            let Some(last) = pieces.last_mut() else { break };
            let Kind::Heading { level: level @ 1..=3, text, plain } = &block.kind else {
                last.blocks.push(block);
                continue;
            };
            last.body.end = block.span.start;
            let line = self.trimmed(&block.span);
            if !plain {
                self.log.error(
                    Rule::MarkupInName,
                    &At::Span(line.clone()),
                    "a heading is plain text",
                    "remove the markup",
                );
            }
            pieces.push(piece(*level, text.clone(), line, block.span.end));
        }
        let mut groups: Vec<Group> = Vec::new();
        for piece in pieces {
            match groups.last_mut() {
                Some(group) if piece.level == 3 => group.pieces.push(piece),
                _ => groups.push(Group { head: piece, pieces: Vec::new() }),
            }
        }
        groups
    }

    fn document<S: Section>(
        &mut self,
        mut settings: Node<'s>,
        groups: &[Group],
        mut section: impl FnMut(&mut Self, S, &Group),
    ) -> Document<'s> {
        let mut at = settings.at.clone();
        let (mut title, mut description, mut notes) = (None, Vec::new(), Vec::new());
        let mut known: Vec<S> = Vec::new();
        for (n, group) in groups.iter().enumerate() {
            let head = &group.head;
            let end = group.pieces.last().unwrap_or(head).body.end;
            match head.level {
                0 | 1 => {
                    if head.level == 1 && n > 1 {
                        let what = "a file has one title, before everything else";
                        self.log.error(Rule::Title, &head.at(), what, "use `##` for a section");
                        continue;
                    }
                    if head.level == 1 {
                        at = head.at();
                        title = Some(head.name_node());
                    }
                    description.push(head.body.clone());
                    for piece in &group.pieces {
                        let what = "a heading of level 3 stands in no section";
                        let hint = "put it under a heading of level 2";
                        self.log.error(Rule::Misplaced, &piece.at(), what, hint);
                    }
                }
                _ => match self.section_of(head) {
                    Some(of) if known.contains(&of) => {
                        let what = format!("there is a second section `{}`", of.heading());
                        let hint = "put everything into the first";
                        self.log.error(Rule::DuplicateSection, &head.at(), what, hint);
                    }
                    Some(of) => {
                        known.push(of);
                        section(self, of, group);
                    }
                    None => notes.push(self.note(head, head.body.start..end)),
                },
            }
        }
        if let Value::Map(fields) = &mut settings.value {
            fields.extend(self.prose(&description).map(|prose| Field::added("description", prose)));
        }
        Document { settings, title, notes, at }
    }

    /// The section of a heading. One that is misspelt is taken for the one that was meant.
    fn section_of<S: Section>(&mut self, head: &Piece) -> Option<S> {
        match S::of(&head.name) {
            Ok(section) => Some(section),
            Err(meant) => {
                let section = meant?;
                let what = format!("`{}` is not a section the format knows", head.name);
                let hint = format!("did you mean `## {}`?", section.heading());
                self.log.error(Rule::UnknownSection, &head.at(), what, hint);
                Some(section)
            }
        }
    }

    /// A heading the format knows nothing about, with the prose under it: a map of `heading` and `text`.
    pub fn note(&mut self, piece: &Piece, body: Range<usize>) -> Node<'s> {
        let mut fields = vec![Field::added("heading", piece.name_node())];
        fields.extend(self.prose(&[body]).map(|prose| Field::added("text", prose)));
        Node::new(piece.at(), Value::Map(fields))
    }

    /// The text of a cell, as a value.
    pub fn cell(&self, cell: &Block) -> Node<'s> {
        let span = self.trimmed(&cell.span);
        let text = &self.text[span.clone()];
        let text =
            if text.contains("\\|") { Cow::Owned(text.replace("\\|", "|")) } else { Cow::Borrowed(text) };
        let value = if text.is_empty() { Value::Null } else { Value::Scalar(text) };
        Node::new(At::Span(span), value)
    }

    /// What is left of a piece.
    pub fn rest(&self, piece: &Piece, formed: impl IntoIterator<Item = Range<usize>>) -> Option<Node<'s>> {
        let (mut parts, mut start) = (Vec::new(), piece.body.start);
        for span in formed {
            parts.push(start..span.start);
            start = span.end;
        }
        parts.push(start..piece.body.end);
        self.prose(&parts)
    }

    /// Prose, its parts a blank line apart.
    pub fn prose(&self, parts: &[Range<usize>]) -> Option<Node<'s>> {
        let mut parts = parts.iter().map(|part| self.trimmed(part)).filter(|part| !part.is_empty());
        let first = parts.next()?;
        let (mut text, mut whole) = (Cow::Borrowed(&self.text[first.clone()]), first);
        for part in parts {
            text = Cow::Owned(format!("{text}\n\n{}", &self.text[part.clone()]));
            whole.end = part.end;
        }
        Some(Node::new(At::Span(whole), Value::Text(text)))
    }

    /// The bytes without the space around them.
    pub fn trimmed(&self, span: &Range<usize>) -> Range<usize> {
        let text = &self.text[span.clone()];
        let start = span.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    }
}
