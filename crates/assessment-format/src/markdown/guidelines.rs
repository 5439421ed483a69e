//! The interview guidelines of a file.

use std::{borrow::Cow, ops::Range};

use prose::{At, Block, Field, Kind, Node, Piece, Value};

use super::sections::Reader;
use crate::{
    diagnostic::Code,
    headings::{ASK_ABOUT, Guideline},
};

pub(super) fn guidelines<'s>(reader: &mut Reader<'s, '_>, head: &Piece, pieces: &[Piece]) -> Node<'s> {
    let (mut fields, mut topics, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen: Vec<Guideline<'_>> = Vec::new();
    for piece in pieces {
        let guideline = match Guideline::of(&piece.name) {
            Ok(guideline) => guideline,
            Err(Some(meant)) => {
                let what = format!("`{}` is not a heading the format knows here", piece.name);
                let hint = format!("did you mean `### {meant}`?");
                reader.log.error(Code::UnknownSection, &piece.at(), what, hint);
                // It may have been about any dimension.
                topics.push(Node::new(piece.at(), Value::Unknown));
                continue;
            }
            Err(None) => {
                notes.push(reader.note(piece, piece.body.clone()));
                continue;
            }
        };
        if !matches!(guideline, Guideline::Topic(_)) && seen.contains(&guideline) {
            let what = format!("there is a second `{}`", piece.name);
            reader.log.error(Code::DuplicateSection, &piece.at(), what, "put everything into the first");
            continue;
        }
        seen.push(guideline);
        let (key, node) = match guideline {
            Guideline::Topic(dimension) => {
                topics.push(topic(reader, piece, dimension));
                continue;
            }
            Guideline::Opening => ("opening", reader.rest(piece, None)),
            Guideline::Closing => ("closing", reader.rest(piece, None)),
            Guideline::FollowUps => ("follow_ups", Some(sentences(reader, piece))),
            Guideline::NeverAsk => ("never_ask", Some(sentences(reader, piece))),
        };
        fields.extend(node.map(|node| Field::added(key, node)));
    }
    fields.push(Field::added("topics", Node::new(head.at(), Value::List(topics))));
    fields.push(Field::added("notes", Node::new(head.at(), Value::List(notes))));
    Node::new(head.at(), Value::Map(fields))
}

fn topic<'s>(reader: &mut Reader<'s, '_>, piece: &Piece, dimension: &str) -> Node<'s> {
    let about = if dimension.is_empty() {
        let hint = format!("write `### {ASK_ABOUT} ` and the name of a dimension");
        reader.log.error(Code::EmptyText, &piece.at(), "this heading names no dimension", hint);
        Value::Unknown
    } else {
        Value::Text(Cow::Owned(dimension.to_owned()))
    };
    let lists = || piece.blocks.iter().filter(|block| block.kind == Kind::Bullets);
    let questions =
        lists().flat_map(|list| &list.children).filter_map(|entry| question(reader, entry)).collect();
    let mut fields = vec![
        Field::added("dimension", Node::new(piece.at(), about)),
        Field::added("questions", Node::new(piece.at(), Value::List(questions))),
    ];
    let guidance = reader.rest(piece, lists().map(|list| list.span.clone()));
    fields.extend(guidance.map(|prose| Field::added("guidance", prose)));
    Node::new(piece.at(), Value::Map(fields))
}

fn question<'s>(reader: &mut Reader<'s, '_>, entry: &Block) -> Option<Node<'s>> {
    let text = reader.line(entry, true)?;
    let at = text.at.clone();
    let list = entry.children.iter().find(|block| block.kind == Kind::Bullets);
    let follow_ups = list.map(|list| Node::new(at.clone(), Value::List(reader.lines(list))));
    let mut fields = vec![Field::added("text", text)];
    fields.extend(follow_ups.map(|list| Field::added("follow_ups", list)));
    Some(Node::new(at, Value::Map(fields)))
}

/// Bullets and paragraphs, each a sentence of its own.
fn sentences<'s>(reader: &mut Reader<'s, '_>, piece: &Piece) -> Node<'s> {
    let (mut sentences, mut formed): (Vec<Node<'s>>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    for block in &piece.blocks {
        formed.push(block.span.clone());
        match block.kind {
            Kind::Bullets => sentences.extend(reader.lines(block)),
            Kind::Paragraph => sentences.push(reader.one_line(reader.trimmed(&block.span))),
            _ => only_a_list(reader, block.span.clone()),
        }
    }
    if let Some(Node { at: At::Span(span), .. }) = reader.rest(piece, formed) {
        only_a_list(reader, span);
    }
    Node::new(piece.at(), Value::List(sentences))
}

fn only_a_list(reader: &mut Reader<'_, '_>, span: Range<usize>) {
    let at = At::Span(reader.trimmed(&span));
    reader.log.error(Code::Misplaced, &at, "here is only a list", "write `- ` and a sentence, a line each");
}
