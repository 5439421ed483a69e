//! Items: numbered entries with a list of keys and options.

use std::{borrow::Cow, ops::Range};

use prose::{At, Block, Field, Kind, Node, Piece, Value, outline};

use super::sections::Reader;
use crate::{
    check::keys,
    diagnostic::{Code, Log},
};

const AFTER_KEYS: &str = "text after the keys of an item has no place";
const BEFORE_KEYS: &str = "put it before the keys, indented like them";

/// Reads the items of a section or part, and gives the prose before them.
pub(super) fn read<'s>(
    reader: &mut Reader<'s, '_>,
    piece: &Piece,
    part: Option<&str>,
    items: &mut Vec<Node<'s>>,
) -> Option<Node<'s>> {
    let mut lists = Vec::new();
    let mut last: Option<&Block> = None;
    for block in &piece.blocks {
        if block.kind == Kind::Numbers {
            lists.push(block.span.clone());
            items.extend(block.children.iter().map(|entry| item(reader, entry, part)));
            last = block.children.last();
        } else if let (Some(entry), Some(item)) = (last, items.last_mut())
            && is_of_item(reader, block)
        {
            lists.push(block.span.clone());
            of_item(reader, block, entry, item);
        } else if !lists.is_empty() {
            let at = At::Span(reader.trimmed(&block.span));
            let hint = "put it before the items, or begin a part with a heading of level 3";
            reader.log.error(Code::Misplaced, &at, "text between or after items has no place", hint);
        }
    }
    reader.rest(piece, lists)
}

/// Whether a list of bullets holds keys or options.
fn is_of_item(reader: &Reader<'_, '_>, block: &Block) -> bool {
    let is_own = |entry: &Block| is_key_or_option(&reader.text[reader.content(entry)]);
    block.kind == Kind::Bullets && block.children.iter().any(is_own)
}

/// `id: a` or `[ ] a`, after the bullet.
fn is_key_or_option(text: &str) -> bool {
    let key = text.split_once(':').map_or("", |(key, _)| key.trim_end());
    let after_mark = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(_, after)| after);
    let is_option = after_mark.is_some_and(|text| text.is_empty() || text.starts_with(char::is_whitespace));
    keys::ITEM.contains(&key) || is_option
}

/// The list of an item that is not indented as far as its text, and so stands beside it: it is told, and read.
fn of_item<'s>(reader: &mut Reader<'s, '_>, list: &Block, entry: &Block, item: &mut Node<'s>) {
    let what = "this list stands beside the item, not in it";
    let at = At::Span(reader.trimmed(&list.span));
    reader.log.error(Code::Misplaced, &at, what, indented(reader, entry));
    if let Value::Map(fields) = &mut item.value
        && !fields.iter().any(|field| field.key == "id")
    {
        keys_and_options(reader, list, fields);
    }
}

/// How far what belongs to an item must be indented.
fn indented(reader: &Reader<'_, '_>, entry: &Block) -> String {
    const WORDS: [&str; 7] = ["nothing", "one", "two", "three", "four", "five", "six"];
    let start = reader.content(entry).start;
    let columns = start - reader.text[..start].rfind('\n').map_or(0, |at| at + 1);
    let word = WORDS.get(columns).map_or_else(|| columns.to_string(), |word| (*word).to_owned());
    let number = reader.text[entry.span.clone()].trim_start().split(['.', ')']).next().unwrap_or_default();
    format!("indent by {word}: the text of item {number} begins at column {}", columns + 1)
}

fn item<'s>(reader: &mut Reader<'s, '_>, entry: &Block, part: Option<&str>) -> Node<'s> {
    let at = At::Span(reader.content(entry));
    if let Some(line) = key_in_text(reader, entry) {
        let what = "this line is read as part of the question";
        reader.log.error(Code::Misplaced, &At::Span(line), what, indented(reader, entry));
        return Node::new(at, Value::Unknown);
    }
    let mut fields = vec![Field::added("text", item_text(reader, entry))];
    if let Some(part) = part {
        let part = Node::new(at.clone(), Value::Text(Cow::Owned(part.to_owned())));
        fields.push(Field::added("part", part));
    }
    let list = entry.children.iter().position(|block| matches!(block.kind, Kind::Bullets | Kind::Numbers));
    if let Some(list) = list {
        if let Some(after) = entry.children.get(list + 1) {
            let at = At::Span(reader.trimmed(&after.span));
            reader.log.error(Code::Misplaced, &at, AFTER_KEYS, BEFORE_KEYS);
        }
        keys_and_options(reader, &entry.children[list], &mut fields);
    }
    Node::new(at, Value::Map(fields))
}

fn keys_and_options<'s>(reader: &mut Reader<'s, '_>, list: &Block, fields: &mut Vec<Field<'s>>) {
    if list.kind == Kind::Numbers {
        let at = At::Span(reader.trimmed(&list.span));
        let hint = "write `- [ ] option`, a line each";
        return reader.log.error(Code::Misplaced, &at, "an item has no numbered list", hint);
    }
    let lazy = reader.unindented(list);
    if let Some(lazy) = lazy {
        let at = At::Span(reader.trimmed(&(lazy..list.span.end)));
        reader.log.error(Code::Misplaced, &at, AFTER_KEYS, BEFORE_KEYS);
    }
    let (mut found, mut options) = (Vec::new(), Vec::new());
    for entry in &list.children {
        match option(reader, entry) {
            Some(option) => options.push(option),
            None => found.extend(reader.key(entry, lazy)),
        }
    }
    reader.only_known_keys(&mut found, keys::ITEM);
    fields.append(&mut found);
    if !options.is_empty() {
        let at = options.first().map_or(At::Span(list.span.clone()), |option| option.at.clone());
        fields.push(Field::added("options", Node::new(at, Value::List(options))));
    }
}

/// An option: what choosing it is worth, in brackets, and its text.
fn option<'s>(reader: &mut Reader<'s, '_>, entry: &Block) -> Option<Node<'s>> {
    let content = reader.content(entry);
    let (mark, text) = reader.text[content.clone()].strip_prefix('[')?.split_once(']')?;
    if !(text.is_empty() || text.starts_with(char::is_whitespace)) || mark.contains('\n') {
        return None;
    }
    let at = At::Span(content.clone());
    if let Some(more) = entry.children.get(1) {
        let at = At::Span(reader.trimmed(&more.span));
        reader.log.error(Code::Misplaced, &at, "an option is one paragraph", "write it as one line");
    }
    let text_span = reader.trimmed(&(content.start + mark.len() + 2..content.end));
    let text =
        if text_span.is_empty() { Node::new(at.clone(), Value::Null) } else { reader.one_line(text_span) };
    let mark_at = At::Span(content.start..content.start + mark.len() + 2);
    let mark = Node::new(mark_at, Value::Scalar(Cow::Borrowed(mark)));
    Some(Node::new(at, Value::Map(vec![Field::added("mark", mark), Field::added("text", text)])))
}

/// A line of an item's text that would be a key or an option, were it not indented so far.
fn key_in_text(reader: &Reader<'_, '_>, entry: &Block) -> Option<Range<usize>> {
    let is_fence = |block: &Block| reader.text[block.span.clone()].trim_start().starts_with(['`', '~']);
    if entry.children.iter().any(|block| block.kind == Kind::Code && is_fence(block)) {
        return None;
    }
    let span = reader.content(entry);
    let found = key_line(&reader.text[span.clone()])?;
    Some(reader.trimmed(&(span.start + found.start..span.start + found.end)))
}

/// The first line of a text, but for its first, that is indented as code is and would be a key or an option.
pub(crate) fn key_line(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_start_matches(' ');
        let bullet = words.strip_prefix(['-', '*', '+']).filter(|rest| rest.starts_with(' '));
        if line.len() - words.len() > 3 && bullet.is_some_and(|rest| is_key_or_option(rest.trim_start())) {
            return Some(start..start + line.len());
        }
        start += line.len();
    }
    None
}

/// What an item asks: its blocks, moved to the left edge.
fn item_text<'s>(reader: &mut Reader<'s, '_>, entry: &Block) -> Node<'s> {
    let span = reader.content(entry);
    let is_list = |block: &&Block| matches!(block.kind, Kind::Bullets | Kind::Numbers);
    let mut blocks = entry.children.iter().take_while(|block| !is_list(block));
    let first = blocks.next();
    let refused = match first {
        Some(Block { kind: Kind::Paragraph, .. }) => {
            blocks.find(|block| matches!(block.kind, Kind::Heading { .. }))
        }
        other => other,
    };
    if let Some(block) = refused {
        let at = At::Span(reader.trimmed(&block.span));
        let hint = "begin with a sentence, and use no headings";
        reader.log.error(Code::Misplaced, &at, "an item begins with a paragraph", hint);
        return Node::new(at, Value::Unknown);
    }
    if span.is_empty() {
        let at = At::Span(reader.trimmed(&entry.span));
        return Node::new(at, Value::Null);
    }
    if first.is_none() {
        // Words that make no paragraph define a link.
        let at = At::Span(span);
        let hint = "write `\\[` where a bracket is meant literally";
        reader.log.error(Code::Misplaced, &at, "an item begins with a paragraph", hint);
        return Node::new(at, Value::Unknown);
    }
    let text = &reader.text[span.clone()];
    if !text.contains('\n') {
        return Node::new(At::Span(span), Value::Text(Cow::Borrowed(text)));
    }
    let line_start = reader.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let columns = span.start - line_start;
    let moved = moved_left(text, columns);
    if let Some(line) = lazy_line(reader, &span, columns) {
        // Only a paragraph may go on without the indent; what it says must not become something else with it.
        let blocks = entry.children.iter().take_while(|block| !is_list(block)).map(|block| &block.kind);
        let indented = outline(&moved, 0, &mut Log::default()).unwrap_or_default();
        if !blocks.eq(indented.iter().map(|block| &block.kind)) {
            let hint = "indent it like the line above, or write it otherwise";
            reader.log.error(
                Code::Misplaced,
                &At::Span(line),
                "this line is not indented as the item's text",
                hint,
            );
        }
    }
    Node::new(At::Span(span), Value::Text(Cow::Owned(moved)))
}

/// The first line of a text, but for the first, that is indented less.
fn lazy_line(reader: &Reader<'_, '_>, span: &Range<usize>, columns: usize) -> Option<Range<usize>> {
    let mut start = span.start;
    for line in reader.text[span.clone()].split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if start > span.start && indent < columns && !line.trim().is_empty() {
            return Some(reader.trimmed(&(start..start + line.len())));
        }
        start += line.len();
    }
    None
}

/// The text with up to `columns` spaces less before each line but the first.
fn moved_left(text: &str, columns: usize) -> String {
    let mut moved = String::with_capacity(text.len());
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            moved.push('\n');
        }
        let spaces =
            line.bytes().take(if n > 0 { columns } else { 0 }).take_while(|byte| *byte == b' ').count();
        moved.push_str(&line[spaces..]);
    }
    moved
}
