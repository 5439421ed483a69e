//! The front matter: YAML without aliases, anchors and tags, every value with its place.

use std::{borrow::Cow, ops::Range};

use granit_parser::{Event, Parser, ScalarStyle, Span, options};

use crate::{
    code::{Code, Rule},
    log::Log,
    tree::{At, Field, Node, Value},
};

/// Where the YAML stands, and where the text after it begins.
pub(crate) struct Frame {
    pub(crate) yaml: Range<usize>,
    pub(crate) body: usize,
    /// The line above it.
    pub(crate) opening: Range<usize>,
}

/// Why there is no front matter; the bytes are the file's first line.
pub(crate) enum NoFrame {
    Missing(Range<usize>),
    Open(Range<usize>),
}

/// Finds the front matter. Blank lines may stand before it.
pub(crate) fn find(text: &str) -> Result<Frame, NoFrame> {
    let before = text.len() - text.trim_start_matches(['\n', ' ']).len();
    let first = before..before + text[before..].find('\n').unwrap_or(text.len() - before);
    if text[first.clone()].trim_end() != "---" || text[..before].rfind('\n').map_or(0, |at| at + 1) != before
    {
        return Err(NoFrame::Missing(first));
    }
    let start = (first.end + 1).min(text.len());
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Ok(Frame { yaml: start..at, body: at + line.len(), opening: first });
        }
        at += line.len();
    }
    Err(NoFrame::Open(first))
}

impl NoFrame {
    pub(crate) fn tell<C: Code>(self, schema: &str, log: &mut Log<C>) {
        match self {
            Self::Missing(first) => {
                let what = "the file does not begin with `---`";
                let hint = format!(
                    "begin the file with `---`, `schema: {schema}`, `name: …` and `---`, a line each"
                );
                log.error(Rule::FrontMatterMissing, &At::Span(first), what, hint);
            }
            Self::Open(first) => {
                let hint = "put `---` on a line of its own after the last key";
                log.error(Rule::FrontMatterOpen, &At::Span(first), "the front matter never ends", hint);
            }
        }
    }
}

/// Reads the YAML at `base`. After a syntax error the rest is unknown.
pub(crate) fn read<'s, C: Code>(yaml: &'s str, base: usize, log: &mut Log<C>) -> Node<'s> {
    const NESTING: usize = 8;
    let options = options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
        flow_nesting_limit: NESTING,
        block_nesting_limit: NESTING,
    };
    let mut reader = Reader { base, length: yaml.len(), log, open: Vec::new(), root: None, ended: false };
    for event in Parser::new_from_str_with_options(yaml, options) {
        match event {
            Ok((event, span)) => reader.event(event, span),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or_default().min(yaml.len());
                let at = At::Span(base + at..base + at);
                reader.log.error(Rule::YamlSyntax, &at, error.info(), "check quotes, colons and indentation");
                return Node::new(at, Value::Unknown);
            }
        }
    }
    let empty = || Node::new(At::Span(base..base), Value::Map(Vec::new()));
    reader.root.unwrap_or_else(empty)
}

struct Reader<'s, 'l, C> {
    base: usize,
    length: usize,
    log: &'l mut Log<C>,
    open: Vec<Open<'s>>,
    root: Option<Node<'s>>,
    ended: bool,
}

enum Open<'s> {
    List(Range<usize>, Vec<Node<'s>>),
    Map(Range<usize>, Vec<Field<'s>>, Option<(Cow<'s, str>, At)>),
}

impl<'s, C: Code> Reader<'s, '_, C> {
    fn event(&mut self, event: Event<'s>, span: Span) {
        let bytes = span.byte_range().unwrap_or_default();
        let bytes = self.base + bytes.start.min(self.length)..self.base + bytes.end.min(self.length);
        let at = At::Span(bytes.clone());
        if event.tag().is_some() {
            let tag = span.tag_span().and_then(|tag| tag.byte_range()).unwrap_or_default();
            self.refuse(&At::Span(self.base + tag.start..self.base + tag.end), "a tag");
        }
        match event {
            Event::Scalar(text, style, ..) => self.scalar(text, style, at),
            Event::SequenceStart(..) => self.open.push(Open::List(bytes, Vec::new())),
            Event::MappingStart(..) => self.open.push(Open::Map(bytes, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.close(bytes.end),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(&at, "an alias");
                self.add(Node::new(at, Value::Unknown));
            }
            Event::Anchor(..) => self.refuse(&at, "an anchor"),
            Event::DocumentStart(..) if self.ended => {
                let what = "the front matter has a second document";
                self.log.error(Rule::YamlSyntax, &at, what, "remove the `---` inside it");
            }
            Event::DocumentEnd => self.ended = true,
            _ => (),
        }
    }

    fn refuse(&mut self, at: &At, what: &str) {
        self.log.error(Rule::YamlAlias, at, format!("{what} is not allowed"), "write the value itself");
    }

    fn scalar(&mut self, text: Cow<'s, str>, style: ScalarStyle, at: At) {
        if let Some(Open::Map(_, _, key @ None)) = self.open.last_mut() {
            *key = Some((text, at));
            return;
        }
        let value = match (style, &*text) {
            (ScalarStyle::Plain, "" | "~" | "null") => Value::Null,
            (ScalarStyle::Plain, _) => Value::Scalar(text),
            _ => Value::Text(text),
        };
        self.add(Node::new(at, value));
    }

    fn close(&mut self, end: usize) {
        let node = match self.open.pop() {
            Some(Open::List(span, nodes)) => Node::new(At::Span(span.start..end), Value::List(nodes)),
            Some(Open::Map(span, fields, _)) => Node::new(At::Span(span.start..end), Value::Map(fields)),
            None => return,
        };
        self.add(node);
    }

    fn add(&mut self, node: Node<'s>) {
        match self.open.last_mut() {
            None if self.root.is_none() => self.root = Some(node),
            None => (),
            Some(Open::List(_, nodes)) => nodes.push(node),
            Some(Open::Map(_, fields, key)) => {
                if let Some((key, key_at)) = key.take() {
                    fields.push(Field { key, key_at, node });
                } else {
                    self.log.error(Rule::WrongType, &node.at, "a key must be text", "");
                    *key = Some((Cow::Borrowed(""), node.at));
                }
            }
        }
    }
}
