//! HTML: what a browser without scripts and style sheets would show.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::flow::Flow;
use crate::encoding;

/// Where a page names its encoding at the latest.
const META_WITHIN: usize = 1024;

/// How deep elements are told apart. Deeper ones are taken for part of the last.
const MAX_DEPTH: usize = 500;

/// Elements that have no content, and no end.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Elements whose content is not shown as text.
const LEFT_OUT: [&str; 15] = [
    "script", "style", "title", "template", "noscript", "iframe", "noembed", "noframes", "object", "svg",
    "canvas", "audio", "video", "datalist", "textarea",
];

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 37] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];

/// Elements that end where others begin: those, and these.
const ENDED: [(&[&str], &[&str]); 7] = [
    (&["li"], &["li"]),
    (&["dt", "dd"], &["dt", "dd"]),
    (&["td", "th"], &["td", "th"]),
    (&["tr"], &["td", "th", "tr"]),
    (&["thead", "tbody", "tfoot"], &["td", "th", "tr", "thead", "tbody", "tfoot"]),
    (&["option"], &["option"]),
    (&BLOCKS, &["p"]),
];

pub(super) fn read(content: &[u8]) -> Flow {
    let text = decoded(content);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut page = Page::default();
    for Ok(token) in Tokenizer::new_with_emitter(&*text, emitter) {
        match token {
            Token::StartTag(tag) => page.open(&tag),
            Token::EndTag(tag) => page.close(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => page.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    page.flow
}

/// By the byte order mark, by what the page says, as UTF-8, else as browsers take what says nothing.
fn decoded(content: &[u8]) -> String {
    let head = &content[..content.len().min(META_WITHIN)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let named = head.split("charset").skip(1).find_map(|after| {
        let label = after.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
        let end =
            label.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c)).unwrap_or(label.len());
        Encoding::for_label(&label.as_bytes()[..end])
    });
    // A page that could be read as far as its name for an encoding is not in UTF-16.
    let named = named.map(Encoding::output_encoding).filter(|named| *named != UTF_8);
    let unmarked = Encoding::for_bom(content).is_none();
    match named.filter(|_| unmarked) {
        Some(encoding) => encoding.decode_without_bom_handling(content).0.into_owned(),
        None => encoding::unicode(content).unwrap_or_else(|| WINDOWS_1252.decode(content).0.into_owned()),
    }
}

#[derive(Default)]
struct Page {
    flow: Flow,
    /// The elements that are open, each with whether its content is left out.
    open: Vec<(String, bool)>,
}

impl Page {
    fn is_shown(&self) -> bool {
        !self.open.iter().any(|(_, is_left_out)| *is_left_out)
    }

    fn text(&mut self, text: &str) {
        if !self.is_shown() {
            return;
        }
        if !self.open.iter().any(|(name, _)| name == "pre") {
            return self.flow.words(text);
        }
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.flow.line();
            }
            self.flow.push(line.trim_end_matches('\r'));
        }
    }

    fn open(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        for (_, ended) in ENDED.iter().filter(|(beginning, _)| beginning.contains(&&*name)) {
            while let Some((last, _)) = self.open.last().filter(|(last, _)| ended.contains(&&**last)) {
                self.close(&last.clone());
            }
        }
        if self.is_shown() {
            match &*name {
                "br" => self.flow.line(),
                "tr" => self.flow.begin_row(),
                block if BLOCKS.contains(&block) => self.flow.fresh_line(),
                _ => {}
            }
        }
        if !VOID.contains(&&*name) && !tag.self_closing && self.open.len() < MAX_DEPTH {
            let is_left_out = LEFT_OUT.contains(&&*name) || is_hidden(tag);
            self.open.push((name, is_left_out));
        }
    }

    /// Ends the element and all that was left open in it.
    fn close(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|(open, _)| open == name) else { return };
        self.open.truncate(at);
        if self.is_shown() {
            match name {
                "td" | "th" => self.flow.cell(),
                "tr" => self.flow.row(),
                block if BLOCKS.contains(&block) => self.flow.fresh_line(),
                _ => {}
            }
        }
    }
}

fn is_hidden(tag: &StartTag<()>) -> bool {
    let style =
        tag.attributes.get(&b"style"[..]).map(|style| String::from_utf8_lossy(style).to_ascii_lowercase());
    let style: String = style.unwrap_or_default().split_whitespace().collect();
    tag.attributes.contains_key(&b"hidden"[..])
        || ["display:none", "visibility:hidden"].iter().any(|hidden| style.contains(hidden))
}
