//! Lists: keys under a heading, and lines of prose.

use std::{borrow::Cow, ops::Range};

use crate::{
    code::{Code, Rule},
    outline::{Block, Kind},
    reader::{Piece, Reader},
    text::{did_you_mean, listed, on_one_line},
    tree::{At, Field, Node, Value},
};

impl<'s, C: Code> Reader<'s, '_, C> {
    /// Reads the list of keys under a heading, if there is one, and tells where it is.
    pub fn keys(
        &mut self,
        piece: &Piece,
        known: &[&'static str],
        fields: &mut Vec<Field<'s>>,
    ) -> Option<Range<usize>> {
        let list = piece.blocks.first().filter(|block| block.kind == Kind::Bullets);
        for block in piece.blocks.iter().skip(usize::from(list.is_some())) {
            self.stray_keys(block, known);
        }
        let list = list?;
        let lazy = self.unindented(list);
        if let Some(line) = lazy {
            let line = self.trimmed(&(line..list.span.end));
            self.log.error(
                Rule::NotAKey,
                &At::Span(line),
                "this line is part of the list above it",
                "put a blank line before it",
            );
        }
        let mut found = list.children.iter().filter_map(|entry| self.key(entry, lazy)).collect();
        self.only_known_keys(&mut found, known);
        fields.append(&mut found);
        Some(list.span.clone())
    }

    /// Warns of what looks like a list of keys and is read as prose.
    fn stray_keys(&mut self, block: &Block, known: &[&str]) {
        const HINT: &str = "write it as `- key: value`, in one list right under the heading";
        let is_fenced = self.text[block.span.clone()].trim_start().starts_with(['`', '~']);
        let (lines, why) = match block.kind {
            Kind::Bullets => (&block.children[..], "does not stand right under the heading"),
            Kind::Numbers => (&block.children[..], "is numbered"),
            Kind::Code if !is_fenced => (std::slice::from_ref(block), "is indented so far that it is code"),
            Kind::Paragraph => (std::slice::from_ref(block), "is no list"),
            _ => return,
        };
        for line in lines {
            let span = if line.kind == Kind::Entry { self.content(line) } else { self.trimmed(&line.span) };
            let text = self.text[span].trim_start_matches(['-', '*', '+', ' ']);
            let key = text.split_once(':').map_or("", |(key, _)| key.trim());
            if known.contains(&key) {
                let what = format!("`{key}` is read as prose: it {why}");
                let at = At::Span(self.trimmed(&block.span));
                return self.log.warn(Rule::NotAKey, &at, what, HINT);
            }
        }
    }

    /// Where the first line of a list begins that neither has a bullet nor is indented more than its bullets.
    pub fn unindented(&self, list: &Block) -> Option<usize> {
        let text = &self.text[..list.span.end];
        let column = list.span.start - text[..list.span.start].rfind('\n').map_or(0, |at| at + 1);
        let mut at = list.span.start + text[list.span.start..].find('\n')? + 1;
        let mut entries = list.children.iter().map(|entry| entry.span.start).peekable();
        for line in text[at..].split_inclusive('\n') {
            let indent = line.len() - line.trim_start_matches(' ').len();
            while entries.next_if(|start| *start < at).is_some() {}
            let begins_entry = entries.peek().is_some_and(|start| *start <= at + indent);
            if indent <= column && !begins_entry && !line.trim().is_empty() {
                return Some(at);
            }
            at += line.len();
        }
        None
    }

    /// Reads an entry `key: value`. What its value is cannot be told where a line that is not indented follows it.
    pub fn key(&mut self, entry: &Block, lazy: Option<usize>) -> Option<Field<'s>> {
        const HINT: &str = "write `- key: value`, or a sentence of prose before the list";
        let content = self.content(entry);
        let text = &self.text[content.clone()];
        let parts = text.split_once(':').filter(|(key, _)| {
            let is_of_key =
                |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || c.is_whitespace();
            !key.is_empty() && key.len() <= 40 && key.chars().all(is_of_key)
        });
        let Some((key, value)) = parts else {
            self.log.error(Rule::NotAKey, &At::Span(content), "this entry is not `key: value`", HINT);
            return None;
        };
        if let Some(second) = entry.children.get(1) {
            let at = At::Span(self.trimmed(&second.span));
            self.log.error(Rule::NotAKey, &at, format!("`{}` has more than a value", key.trim()), HINT);
        }
        let value_start = content.start + key.len() + 1;
        let value_span = self.trimmed(&(value_start..content.end));
        let key_at = At::Span(content.start..content.start + key.trim_end().len());
        let (at, value) = match value.trim() {
            _ if lazy.is_some_and(|line| content.contains(&line)) => (key_at.clone(), Value::Unknown),
            "" => (key_at.clone(), Value::Null),
            value => (At::Span(value_span), Value::Scalar(Cow::Borrowed(value))),
        };
        Some(Field { key: Cow::Borrowed(key.trim_end()), key_at, node: Node::new(at, value) })
    }

    /// Drops keys that are unknown, or given before. One that is misspelt is taken for the one that was meant.
    pub fn only_known_keys(&mut self, fields: &mut Vec<Field<'s>>, known: &[&'static str]) {
        let given: Vec<Cow<'s, str>> = fields.iter().map(|field| field.key.clone()).collect();
        let mut seen: Vec<Cow<'s, str>> = Vec::new();
        fields.retain_mut(|field| {
            if !known.contains(&&*field.key) {
                let what = format!("`{}` is not a key the format knows here", field.key);
                let meant = did_you_mean(&field.key, known.iter().copied());
                let hint = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if field.key == "description" => "write it as prose, not as a key".to_owned(),
                    None => format!("the keys here are {}", listed(known)),
                };
                self.log.error(Rule::UnknownKey, &field.key_at, what, hint);
                let meant = meant.filter(|meant| !given.iter().any(|key| key == meant));
                let Some(meant) = meant.and_then(|meant| known.iter().find(|key| **key == meant)) else {
                    return false;
                };
                field.key = Cow::Borrowed(*meant);
            }
            if seen.contains(&field.key) {
                let what = format!("`{}` is given a second time", field.key);
                self.log.error(Rule::DuplicateKey, &field.key_at, what, "keep one of them");
                return false;
            }
            seen.push(field.key.clone());
            true
        });
    }

    /// The bytes of an entry without its mark, up to the first list in it.
    pub fn content(&self, entry: &Block) -> Range<usize> {
        let is_list = |block: &&Block| matches!(block.kind, Kind::Bullets | Kind::Numbers);
        let end = entry.children.iter().find(is_list).map_or(entry.span.end, |list| list.span.start);
        self.trimmed(&(self.after_mark(entry)..end))
    }

    /// Where the text of an entry begins: just after its mark.
    pub fn after_mark(&self, entry: &Block) -> usize {
        let text = &self.text[entry.span.clone()];
        let indent = text.len() - text.trim_start_matches(' ').len();
        let digits = text[indent..].bytes().take_while(u8::is_ascii_digit).count();
        entry.span.start + indent + digits + 1
    }

    /// The entries of a list, each one line of markdown.
    pub fn lines(&mut self, list: &Block) -> Vec<Node<'s>> {
        list.children.iter().filter_map(|entry| self.line(entry, false)).collect()
    }

    /// An entry as one line of markdown; a list may follow where that is allowed.
    pub fn line(&mut self, entry: &Block, may_have_list: bool) -> Option<Node<'s>> {
        let span = self.content(entry);
        let rest = match &entry.children[..] {
            [Block { kind: Kind::Paragraph, .. }, rest @ ..] => rest,
            [] => {
                let at = At::Span(self.trimmed(&entry.span));
                self.log.error(Rule::EmptyText, &at, "this entry is empty", "write a sentence, or remove it");
                return None;
            }
            all => all,
        };
        if let ([Block { kind: Kind::Bullets, .. }, ..], false) = (&entry.children[..], span.is_empty()) {
            // Words that make no paragraph define a link.
            let hint = "write `\\[` where a bracket is meant literally";
            self.log.error(Rule::Misplaced, &At::Span(span), "an entry here is one paragraph", hint);
            return None;
        }
        let unexpected = match rest {
            [Block { kind: Kind::Bullets, .. }, more @ ..] if may_have_list => more.first(),
            rest => rest.first(),
        };
        if let Some(block) = unexpected {
            let at = At::Span(self.trimmed(&block.span));
            self.log.error(Rule::Misplaced, &at, "an entry here is one paragraph", "write it as one line");
            return None;
        }
        Some(self.one_line(span))
    }

    /// Bytes as one line of markdown.
    pub fn one_line(&self, span: Range<usize>) -> Node<'s> {
        let text = &self.text[span.clone()];
        let text = if text.contains('\n') { Cow::Owned(on_one_line(text)) } else { Cow::Borrowed(text) };
        Node::new(At::Span(span), Value::Text(text))
    }
}
