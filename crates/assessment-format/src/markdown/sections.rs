//! Sections and what belongs to them, as a tree on which the rules are checked.
//!
//! Prose is what is left of a section when everything that has a form is taken out of it, so that nothing is lost.

use std::{borrow::Cow, ops::Range};

use super::{
    front,
    outline::{Block, Kind, outline},
};
use crate::{
    check::keys,
    diagnostic::Code,
    headings::Section,
    tree::{At, Fault, Field, Log, Node, Value},
};

/// Reads a file into a tree; `None` where there is nothing to go on with.
pub(crate) fn read<'s>(text: &'s str, log: &mut Log) -> Option<Node<'s>> {
    let frame = front::find(text, log)?;
    let mut settings = front::read(&text[frame.yaml.clone()], frame.yaml.start, log);
    let mut reader = Reader { text, log };
    if let Value::Map(fields) = &mut settings.value {
        settings.at = At::Span(frame.opening);
        reader.only_known_keys(fields, keys::SETTINGS);
    }
    let blocks = blocks(text, frame.body, reader.log)?;
    let groups = reader.groups(blocks, frame.body);
    Some(reader.root(settings, &groups))
}

/// The blocks of a file. After a code block that is never closed everything would be code: the rest is read as if
/// it had not begun.
fn blocks(text: &str, start: usize, log: &mut Log) -> Option<Vec<Block>> {
    const RETRIES: usize = 5;
    let mut patched = Cow::Borrowed(text);
    let mut unclosed = Vec::new();
    loop {
        let mut found = Log::default();
        let Some(blocks) = outline(&patched, start, &mut found) else {
            log.append(found.faults, found.dropped);
            return None;
        };
        let is_last = |fault: &&Fault| fault.code == Code::UnclosedCode && is_in_last(&fault.at, &blocks);
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

pub(super) struct Reader<'s, 'l> {
    pub(super) text: &'s str,
    pub(super) log: &'l mut Log,
}

/// A heading with what stands under it, up to the next heading of level 1 to 3.
#[derive(Debug)]
pub(super) struct Piece {
    level: u8,
    pub(super) name: String,
    /// The heading's bytes.
    pub(super) heading: Range<usize>,
    pub(super) body: Range<usize>,
    pub(super) blocks: Vec<Block>,
}

impl Piece {
    pub(super) const fn at(&self) -> At {
        At::Span(self.heading.start..self.heading.end)
    }

    pub(super) fn name_node<'s>(&self) -> Node<'s> {
        Node::new(self.at(), Value::Text(Cow::Owned(self.name.clone())))
    }
}

/// A piece with a heading of level 1 or 2, or none, and the pieces of level 3 under it.
struct Group {
    head: Piece,
    pieces: Vec<Piece>,
}

impl<'s> Reader<'s, '_> {
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
                    Code::MarkupInName,
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

    fn root(&mut self, settings: Node<'s>, groups: &[Group]) -> Node<'s> {
        let mut at = settings.at.clone();
        let mut settings = settings;
        let mut known: Vec<Section> = Vec::new();
        let (mut root, mut introductions, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        let mut description = Vec::new();
        for (n, group) in groups.iter().enumerate() {
            let head = &group.head;
            let end = group.pieces.last().unwrap_or(head).body.end;
            match head.level {
                0 | 1 => {
                    if head.level == 1 && n > 1 {
                        let hint = "use `##` for a section";
                        self.log.error(
                            Code::Title,
                            &head.at(),
                            "a file has one title, before everything else",
                            hint,
                        );
                        continue;
                    }
                    if head.level == 1 {
                        at = head.at();
                        root.push(Field::added("title", head.name_node()));
                    }
                    description.push(head.body.clone());
                    for piece in &group.pieces {
                        let what = "a heading of level 3 stands in no section";
                        self.log.error(
                            Code::Misplaced,
                            &piece.at(),
                            what,
                            "put it under a heading of level 2",
                        );
                    }
                }
                _ => match self.section_of(head) {
                    Some(section) if known.contains(&section) => {
                        let what = format!("there is a second section `{}`", section.heading());
                        self.log.error(
                            Code::DuplicateSection,
                            &head.at(),
                            what,
                            "put everything into the first",
                        );
                    }
                    Some(section) => {
                        known.push(section);
                        self.section(section, group, &mut root, &mut introductions);
                    }
                    None => notes.push(self.note(head, head.body.start..end)),
                },
            }
        }
        if let Value::Map(fields) = &mut settings.value {
            fields.extend(self.prose(&description).map(|prose| Field::added("description", prose)));
        }
        let map = |fields| Node::new(at.clone(), Value::Map(fields));
        root.push(Field::added("metadata", settings));
        root.push(Field::added("introductions", map(introductions)));
        root.push(Field::added("notes", Node::new(at.clone(), Value::List(notes))));
        Node::new(at, Value::Map(root))
    }

    /// The section of a heading. One that is misspelt is taken for the one that was meant.
    fn section_of(&mut self, head: &Piece) -> Option<Section> {
        match Section::of(&head.name) {
            Ok(section) => Some(section),
            Err(meant) => {
                let section = meant?;
                let what = format!("`{}` is not a section the format knows", head.name);
                let hint = format!("did you mean `## {}`?", section.heading());
                self.log.error(Code::UnknownSection, &head.at(), what, hint);
                Some(section)
            }
        }
    }

    fn section(
        &mut self,
        section: Section,
        group: &Group,
        root: &mut Vec<Field<'s>>,
        introductions: &mut Vec<Field<'s>>,
    ) {
        let Group { head, pieces } = group;
        let list = |nodes| Node::new(head.at(), Value::List(nodes));
        let (key, node) = match section {
            Section::Dimensions => {
                ("dimensions", list(pieces.iter().map(|piece| self.dimension(piece)).collect()))
            }
            Section::Categories => {
                ("result_categories", list(pieces.iter().map(|piece| self.category(piece)).collect()))
            }
            Section::Guidelines => ("interview_guidelines", self.guidelines(head, pieces)),
            Section::Items => {
                let mut items = Vec::new();
                let instructions = self.items(head, None, &mut items);
                introductions.extend(instructions.map(|prose| Field::added("items", prose)));
                let parts = pieces.iter().map(|piece| self.part(piece, &mut items)).collect();
                root.push(Field::added("parts", list(parts)));
                root.push(Field::added("items", list(items)));
                return;
            }
        };
        let into = match section {
            Section::Categories => "categories",
            Section::Guidelines => "guidelines",
            _ => key,
        };
        let prose = self.prose(std::slice::from_ref(&head.body));
        introductions.extend(prose.map(|prose| Field::added(into, prose)));
        root.push(Field::added(key, node));
    }

    fn part(&mut self, piece: &Piece, items: &mut Vec<Node<'s>>) -> Node<'s> {
        let mut fields = vec![Field::added("name", piece.name_node())];
        let instructions = self.items(piece, Some(&piece.name), items);
        fields.extend(instructions.map(|prose| Field::added("instructions", prose)));
        Node::new(piece.at(), Value::Map(fields))
    }

    pub(super) fn note(&mut self, piece: &Piece, body: Range<usize>) -> Node<'s> {
        let mut fields = vec![Field::added("heading", piece.name_node())];
        fields.extend(self.prose(&[body]).map(|prose| Field::added("text", prose)));
        Node::new(piece.at(), Value::Map(fields))
    }

    fn dimension(&mut self, piece: &Piece) -> Node<'s> {
        let mut fields = vec![Field::added("name", piece.name_node())];
        let list = self.keys(piece, keys::DIMENSION, &mut fields);
        let mut tables = piece.blocks.iter().filter(|block| self.is_of_scores(block));
        let table = tables.next();
        if let Some(second) = tables.next() {
            let hint = "put all scores into one table";
            let at = At::Span(self.trimmed(&second.span));
            self.log.error(Code::TableShape, &at, "the dimension has a second table of scores", hint);
        }
        if let Some(table) = table {
            self.anchors(table, &mut fields);
        }
        let formed = [list, table.map(|table| table.span.clone())];
        fields.extend(
            self.rest(piece, formed.into_iter().flatten()).map(|prose| Field::added("description", prose)),
        );
        Node::new(piece.at(), Value::Map(fields))
    }

    fn category(&mut self, piece: &Piece) -> Node<'s> {
        let mut fields = vec![Field::added("name", piece.name_node())];
        let list = self.keys(piece, keys::CATEGORY, &mut fields);
        fields.extend(self.rest(piece, list).map(|prose| Field::added("description", prose)));
        Node::new(piece.at(), Value::Map(fields))
    }

    fn is_of_scores(&self, block: &Block) -> bool {
        let first = block.children.first().and_then(|row| row.children.first());
        let is_score = |cell: &Block| self.text[cell.span.clone()].trim().eq_ignore_ascii_case("score");
        block.kind == Kind::Table && first.is_some_and(is_score)
    }

    fn anchors(&mut self, table: &Block, fields: &mut Vec<Field<'s>>) {
        let at = At::Span(self.trimmed(&table.span));
        let Some((head, rows)) = table.children.split_first() else { return };
        if head.children.len() != 2 {
            let what = format!("a table of scores has two columns, not {}", head.children.len());
            self.log.error(Code::TableShape, &at, what, "write `| score | what you would see |`");
            return;
        }
        fields.push(Field::added("anchors_heading", self.cell(&head.children[1])));
        let row = |row: &Block| {
            let names = ["score", "text"];
            let cells =
                names.iter().zip(&row.children).map(|(name, cell)| Field::added(name, self.cell(cell)));
            Node::new(At::Span(self.trimmed(&row.span)), Value::Map(cells.collect()))
        };
        let rows = rows.iter().map(row).collect();
        fields.push(Field::added("anchors", Node::new(at, Value::List(rows))));
    }

    fn cell(&self, cell: &Block) -> Node<'s> {
        let span = self.trimmed(&cell.span);
        let text = &self.text[span.clone()];
        let text =
            if text.contains("\\|") { Cow::Owned(text.replace("\\|", "|")) } else { Cow::Borrowed(text) };
        let value = if text.is_empty() { Value::Null } else { Value::Scalar(text) };
        Node::new(At::Span(span), value)
    }

    /// What is left of a piece.
    pub(super) fn rest(
        &self,
        piece: &Piece,
        formed: impl IntoIterator<Item = Range<usize>>,
    ) -> Option<Node<'s>> {
        let (mut parts, mut start) = (Vec::new(), piece.body.start);
        for span in formed {
            parts.push(start..span.start);
            start = span.end;
        }
        parts.push(start..piece.body.end);
        self.prose(&parts)
    }

    /// Prose, its parts a blank line apart.
    fn prose(&self, parts: &[Range<usize>]) -> Option<Node<'s>> {
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
    pub(super) fn trimmed(&self, span: &Range<usize>) -> Range<usize> {
        let text = &self.text[span.clone()];
        let start = span.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    }
}
