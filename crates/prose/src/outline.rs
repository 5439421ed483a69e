//! The blocks of a markdown text, with their places, and what no text may hold: HTML, links that are not https, code
//! without an end.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::{
    code::{Code, Rule},
    log::Log,
    text::is_forbidden,
    tree::At,
};

/// Blocks may be inside each other this deep; a list and its entry are two.
const MAX_DEPTH: usize = 32;
/// The last column at which a list or a quotation may begin.
const MAX_INDENT: usize = 100;

const TOO_DEEP: &str = "lists and quotations are nested too deep here";

/// A block and the bytes it takes.
#[derive(Debug)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub span: Range<usize>,
    /// The blocks in it.
    pub children: Vec<Block>,
}

/// What a block is.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    /// A heading.
    Heading {
        /// From 1 to 6.
        level: u8,
        /// The words without markup.
        text: String,
        /// Whether there was no markup.
        plain: bool,
    },
    /// A paragraph.
    Paragraph,
    /// A list with bullets.
    Bullets,
    /// A numbered list.
    Numbers,
    /// An entry of a list.
    Entry,
    /// A quotation.
    Quote,
    /// A block of code.
    Code,
    /// A line between paragraphs.
    Rule,
    /// A table.
    Table,
    /// A row of a table; the first is its head.
    Row,
    /// A cell of a row.
    Cell,
    /// HTML, which no text may hold.
    Html,
}

/// Takes a text apart, from the byte `start` on; `None` where that could take too long.
pub fn outline<C: Code>(text: &str, start: usize, log: &mut Log<C>) -> Option<Vec<Block>> {
    let markdown = &text[start..];
    let shifted = |span: Range<usize>| start + span.start..start + span.end;
    if let Some(span) = too_deep(markdown) {
        log.error(Rule::TooDeep, &At::Span(shifted(span)), TOO_DEEP, "write it flat");
        return None;
    }
    let mut builder = Builder { text, log, open: Vec::new(), done: Vec::new() };
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    for (label, definition) in parser.reference_definitions().iter() {
        builder.check_link(&definition.dest, shifted(definition.span.clone()), label);
    }
    for (event, span) in parser.into_offset_iter() {
        builder.event(event, shifted(span));
    }
    Some(builder.done)
}

/// A line on which a list or a quotation begins far to the right: so many may be open there that every later line would
/// have to be compared with all of them.
fn too_deep(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split('\n') {
        if last_opener(line) > MAX_INDENT && !is_rule(line) {
            return Some(start..start + line.len());
        }
        start += line.len() + 1;
    }
    None
}

/// The column of the last mark with which the line begins a list or a quotation.
fn last_opener(line: &str) -> usize {
    let bytes = line.as_bytes();
    let (mut at, mut last) = (0, 0);
    loop {
        at += bytes[at..].iter().take_while(|byte| **byte == b' ').count();
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let ends_word = |at: usize| matches!(bytes.get(at), None | Some(b' '));
        let mark = match bytes.get(at + digits) {
            Some(b'>') if digits == 0 => 1,
            Some(b'-' | b'*' | b'+') if digits == 0 && ends_word(at + 1) => 1,
            Some(b'.' | b')') if digits > 0 && ends_word(at + digits + 1) => digits + 1,
            _ => return last,
        };
        last = at;
        at += mark;
    }
}

/// A line such as `- - -`.
fn is_rule(line: &str) -> bool {
    let mut marks = line.bytes().filter(|byte| *byte != b' ');
    let first = marks.next();
    matches!(first, Some(b'-' | b'*' | b'_')) && marks.all(|mark| Some(mark) == first)
}

struct Builder<'t, 'l, C> {
    text: &'t str,
    log: &'l mut Log<C>,
    open: Vec<Block>,
    done: Vec<Block>,
}

impl<C: Code> Builder<'_, '_, C> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, span),
            Event::End(end) => {
                if is_block_end(end) {
                    self.end();
                }
            }
            Event::Text(text) => {
                self.implied_paragraph(&span);
                self.check_entity(&text, span);
                if let Some(Block { kind: Kind::Heading { text: words, .. }, .. }) = self.open.last_mut() {
                    words.push_str(&text);
                }
            }
            Event::SoftBreak => {
                if let Some(Block { kind: Kind::Heading { text: words, .. }, .. }) = self.open.last_mut() {
                    words.push(' ');
                }
            }
            Event::Code(text) => {
                self.implied_paragraph(&span);
                self.markup(&text);
            }
            Event::HardBreak => self.markup(" "),
            Event::InlineHtml(_) => {
                self.implied_paragraph(&span);
                self.markup("");
                self.html(span);
            }
            Event::Rule => self.push(Block { kind: Kind::Rule, span, children: Vec::new() }),
            // What its block began with was told; the others are not switched on.
            Event::Html(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => (),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, span: Range<usize>) {
        let kind = match tag {
            Tag::Heading { level, .. } => {
                Kind::Heading { level: *level as u8, text: String::new(), plain: true }
            }
            Tag::Paragraph => Kind::Paragraph,
            Tag::List(None) => Kind::Bullets,
            Tag::List(Some(_)) => Kind::Numbers,
            Tag::Item => Kind::Entry,
            Tag::BlockQuote(_) => Kind::Quote,
            Tag::CodeBlock(code) => {
                self.check_fence(code, &span);
                Kind::Code
            }
            Tag::Table(_) => Kind::Table,
            Tag::TableHead | Tag::TableRow => Kind::Row,
            Tag::TableCell => Kind::Cell,
            Tag::HtmlBlock => {
                self.html(span.clone());
                Kind::Html
            }
            Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. } => {
                self.implied_paragraph(&span);
                self.markup("");
                // What the others lead to is checked where it is defined.
                if matches!(link_type, LinkType::Inline | LinkType::Autolink | LinkType::Email) {
                    self.check_link(dest_url, span, "");
                }
                return;
            }
            _ => {
                self.implied_paragraph(&span);
                return self.markup("");
            }
        };
        if self.open.len() == MAX_DEPTH {
            self.log.error(Rule::TooDeep, &At::Span(span.clone()), TOO_DEEP, "write it flat");
        }
        self.open.push(Block { kind, span, children: Vec::new() });
    }

    fn end(&mut self) {
        if let Some(block) = self.open.pop() {
            if self.open.is_empty() && block.kind == Kind::Paragraph {
                self.check_signs(&block.span);
            }
            self.push(block);
        }
    }

    /// `##Items` is a paragraph. One sign alone may be meant: `#1`.
    fn check_signs(&mut self, paragraph: &Range<usize>) {
        let mut start = paragraph.start;
        for line in self.text[paragraph.clone()].split_inclusive('\n') {
            let words = line.trim_start_matches('#');
            let signs = &line[..line.len() - words.len()];
            if (2..=6).contains(&signs.len()) && words.starts_with(char::is_alphabetic) {
                let (what, hint) = (
                    format!("a space is missing after `{signs}`, so that this is no heading"),
                    format!(
                        "write `{signs} {}`, or `\\{signs}` for the signs themselves",
                        shortened(words.trim())
                    ),
                );
                self.log.error(Rule::Misplaced, &At::Span(start..start + line.trim_end().len()), what, hint);
            }
            start += line.len();
        }
    }

    fn push(&mut self, block: Block) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(block),
            None => self.done.push(block),
        }
    }

    /// The text of an entry in a tight list has no paragraph of its own.
    fn implied_paragraph(&mut self, span: &Range<usize>) {
        let Some(Block { kind: Kind::Entry, children, .. }) = self.open.last_mut() else { return };
        match children.last_mut() {
            Some(Block { kind: Kind::Paragraph, span: known, .. }) => known.end = span.end,
            _ => children.push(Block { kind: Kind::Paragraph, span: span.clone(), children: Vec::new() }),
        }
    }

    fn markup(&mut self, text: &str) {
        if let Some(Block { kind: Kind::Heading { text: words, plain, .. }, .. }) = self.open.last_mut() {
            words.push_str(text);
            *plain = false;
        }
    }

    fn html(&mut self, span: Range<usize>) {
        let is_comment = self.text[span.clone()].starts_with("<!--");
        let what = if is_comment { "an HTML comment is HTML, too" } else { "HTML is not allowed" };
        let hint = "write it as markdown; for a literal `<` write `\\<`";
        self.log.error(Rule::RawHtml, &At::Span(span), what, hint);
    }

    fn check_link(&mut self, target: &str, span: Range<usize>, label: &str) {
        let is_https = target.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
        if is_https && target.len() > 8 {
            return;
        }
        let what = match (target, label) {
            ("", _) => "the link leads nowhere".to_owned(),
            (target, "") => format!("the link leads to `{}`", shortened(target)),
            (target, label) => format!("`{}` stands for a link to `{}`", shortened(label), shortened(target)),
        };
        self.log.error(
            Rule::LinkNotHttps,
            &At::Span(span),
            what,
            "link to an address that begins with https://",
        );
    }

    fn check_fence(&mut self, code: &CodeBlockKind<'_>, span: &Range<usize>) {
        let CodeBlockKind::Fenced(_) = code else { return };
        let text = &self.text[span.clone()];
        let mark = text.chars().next().unwrap_or('`');
        let opening = text.chars().take_while(|c| *c == mark).count();
        let lead = |c: char| matches!(c, ' ' | '>');
        let last =
            text.trim_end().rsplit_once('\n').map(|(_, last)| last.trim_start_matches(lead).trim_end());
        let is_closed =
            last.is_some_and(|last| last.chars().count() >= opening && last.chars().all(|c| c == mark));
        if !is_closed {
            let line = span.start..span.start + text.find('\n').unwrap_or(text.len());
            let hint = "put the same mark on a line of its own after it";
            self.log.error(Rule::UnclosedCode, &At::Span(line), "the code block is never closed", hint);
        }
    }

    /// `&#x202E;` is a direction mark as well.
    fn check_entity(&mut self, text: &CowStr<'_>, span: Range<usize>) {
        if matches!(text, CowStr::Borrowed(_)) {
            return;
        }
        if let Some(c) = text.chars().find(|c| is_forbidden(*c) && *c != '\n') {
            let what = format!("this stands for the character U+{:04X}, which is not allowed", u32::from(c));
            self.log.error(Rule::ForbiddenCharacter, &At::Span(span), what, "remove it");
        }
    }
}

const fn is_block_end(end: TagEnd) -> bool {
    use TagEnd as E;
    matches!(
        end,
        E::Heading(_)
            | E::Paragraph
            | E::List(_)
            | E::Item
            | E::BlockQuote(_)
            | E::CodeBlock
            | E::Table
            | E::TableHead
            | E::TableRow
            | E::TableCell
            | E::HtmlBlock
    )
}

fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
