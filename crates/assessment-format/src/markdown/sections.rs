//! Sections and what belongs to them, as a tree on which the rules are checked.

use prose::{At, Block, Document, Field, Group, Kind, Node, Piece, Value, did_you_mean, number};

use super::{FORMAT, guidelines::guidelines, items};
use crate::{
    check::keys,
    diagnostic::{Code, Log},
    headings::Section,
};

/// Reads the parts of an assessment.
pub(super) type Reader<'s, 'l> = prose::Reader<'s, 'l, Code>;

/// Reads a file into a tree; `None` where there is nothing to go on with.
pub(super) fn read<'s>(text: &'s str, log: &mut Log) -> Option<Node<'s>> {
    let (mut root, mut introductions) = (Vec::new(), Vec::new());
    let document = prose::document(text, &FORMAT, keys::SETTINGS, log, |reader, of, group| {
        section(reader, of, group, &mut root, &mut introductions);
    })?;
    let Document { settings, title, notes, at } = document;
    let node = |value| Node::new(at.clone(), value);
    root.extend(title.map(|title| Field::added("title", title)));
    root.push(Field::added("metadata", settings));
    root.push(Field::added("introductions", node(Value::Map(introductions))));
    root.push(Field::added("notes", node(Value::List(notes))));
    Some(node(Value::Map(root)))
}

fn section<'s>(
    reader: &mut Reader<'s, '_>,
    section: Section,
    group: &Group,
    root: &mut Vec<Field<'s>>,
    introductions: &mut Vec<Field<'s>>,
) {
    let Group { head, pieces } = group;
    let list = |nodes| Node::new(head.at(), Value::List(nodes));
    let (key, node) = match section {
        Section::Dimensions => {
            ("dimensions", list(pieces.iter().map(|piece| dimension(reader, piece)).collect()))
        }
        Section::Categories => {
            ("result_categories", list(pieces.iter().map(|piece| category(reader, piece)).collect()))
        }
        Section::Guidelines => ("interview_guidelines", guidelines(reader, head, pieces)),
        Section::Items => {
            let mut items = Vec::new();
            let instructions = items::read(reader, head, None, &mut items);
            introductions.extend(instructions.map(|prose| Field::added("items", prose)));
            let parts = pieces.iter().map(|piece| part(reader, piece, &mut items)).collect();
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
    let prose = reader.prose(std::slice::from_ref(&head.body));
    introductions.extend(prose.map(|prose| Field::added(into, prose)));
    root.push(Field::added(key, node));
}

fn part<'s>(reader: &mut Reader<'s, '_>, piece: &Piece, items: &mut Vec<Node<'s>>) -> Node<'s> {
    let mut fields = vec![Field::added("name", piece.name_node())];
    let instructions = items::read(reader, piece, Some(&piece.name), items);
    fields.extend(instructions.map(|prose| Field::added("instructions", prose)));
    Node::new(piece.at(), Value::Map(fields))
}

fn dimension<'s>(reader: &mut Reader<'s, '_>, piece: &Piece) -> Node<'s> {
    let mut fields = vec![Field::added("name", piece.name_node())];
    let list = reader.keys(piece, keys::DIMENSION, &mut fields);
    let mut tables = piece.blocks.iter().filter(|block| is_of_scores(reader.text, block));
    let table = tables.next();
    if let Some(second) = tables.next() {
        let hint = "put all scores into one table";
        let at = At::Span(reader.trimmed(&second.span));
        reader.log.error(Code::TableShape, &at, "the dimension has a second table of scores", hint);
    }
    match table {
        Some(table) => anchors(reader, table, &mut fields),
        None => piece.blocks.iter().for_each(|block| unread_scores(reader, block)),
    }
    let formed = [list, table.map(|table| table.span.clone())];
    fields.extend(
        reader.rest(piece, formed.into_iter().flatten()).map(|prose| Field::added("description", prose)),
    );
    Node::new(piece.at(), Value::Map(fields))
}

fn category<'s>(reader: &mut Reader<'s, '_>, piece: &Piece) -> Node<'s> {
    let mut fields = vec![Field::added("name", piece.name_node())];
    let list = reader.keys(piece, keys::CATEGORY, &mut fields);
    fields.extend(reader.rest(piece, list).map(|prose| Field::added("description", prose)));
    Node::new(piece.at(), Value::Map(fields))
}

fn is_of_scores(text: &str, block: &Block) -> bool {
    let first = block.children.first().and_then(|row| row.children.first());
    let is_score = |cell: &Block| text[cell.span.clone()].trim().eq_ignore_ascii_case("score");
    block.kind == Kind::Table && first.is_some_and(is_score)
}

/// Warns of a table that looks as if it told of scores.
fn unread_scores(reader: &mut Reader<'_, '_>, block: &Block) {
    let Some((head, rows)) = block.children.split_first().filter(|_| block.kind == Kind::Table) else {
        return;
    };
    let first = |row: &Block| row.children.first().map_or("", |cell| reader.text[cell.span.clone()].trim());
    let name = first(head);
    let near = did_you_mean(name, ["score"]).is_some();
    if near || (!rows.is_empty() && rows.iter().all(|row| number(first(row)).is_some())) {
        let what = format!("this table is prose: its first column is called `{name}`");
        let at = At::Span(reader.trimmed(&block.span));
        reader.log.warn(Code::TableShape, &at, what, "for a table of scores call it `score`");
    }
}

fn anchors<'s>(reader: &mut Reader<'s, '_>, table: &Block, fields: &mut Vec<Field<'s>>) {
    let at = At::Span(reader.trimmed(&table.span));
    let Some((head, rows)) = table.children.split_first() else { return };
    if head.children.len() != 2 {
        let what = format!("a table of scores has two columns, not {}", head.children.len());
        reader.log.error(Code::TableShape, &at, what, "write `| score | what you would see |`");
        return;
    }
    fields.push(Field::added("anchors_heading", reader.cell(&head.children[1])));
    let row = |row: &Block| {
        let names = ["score", "text"];
        let cells = names.iter().zip(&row.children).map(|(name, cell)| Field::added(name, reader.cell(cell)));
        Node::new(At::Span(reader.trimmed(&row.span)), Value::Map(cells.collect()))
    };
    let rows = rows.iter().map(row).collect();
    fields.push(Field::added("anchors", Node::new(at, Value::List(rows))));
}
