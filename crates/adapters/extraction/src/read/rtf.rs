//! RTF (version 1.9.1): text, tables, headers and notes; formatting and pictures are passed over.

mod code_page;

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::flow::Flow;

/// More groups in one another than word processors write.
const MAX_DEPTH: usize = 1_000;

/// Groups whose content is not text of the document.
const PASSED_OVER: [&[u8]; 24] = [
    b"colortbl",
    b"stylesheet",
    b"info",
    b"pict",
    b"nonshppict",
    b"sp",
    b"filetbl",
    b"fldinst",
    b"objdata",
    b"listtable",
    b"listoverridetable",
    b"revtbl",
    b"rsidtbl",
    b"xe",
    b"tc",
    b"rxe",
    b"txe",
    b"bkmkstart",
    b"bkmkend",
    b"annotation",
    b"atnid",
    b"atnauthor",
    b"themedata",
    b"datastore",
];

/// Where the text of a group goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Destination {
    Body,
    /// What stands below the text: footers and notes.
    Below,
    Fonts,
    Nowhere,
}

/// What holds within a group, and ends with it.
#[derive(Debug, Clone, Copy)]
struct State {
    destination: Destination,
    encoding: &'static Encoding,
    /// How many characters stand for a `\u` where Unicode is not known.
    substitutes: usize,
    is_hidden: bool,
}

/// The text; `None` if it does not begin as RTF, or its groups are nested too deeply.
pub(super) fn read(content: &[u8]) -> Option<Flow> {
    let mut reader = Reader::new(content);
    reader.run()?;
    reader.body.append(&reader.below);
    Some(reader.body)
}

struct Reader<'a> {
    rest: &'a [u8],
    state: State,
    outer: Vec<State>,
    /// Whether the next control word is of a group that may be passed over when it is not known.
    is_optional: bool,
    default_encoding: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    /// Bytes in the encoding of the state, not yet decoded: a character may take two.
    bytes: Vec<u8>,
    /// Numbers of `\u`, not yet decoded, for the same reason.
    units: Vec<u16>,
    /// How many characters to come were already said in Unicode.
    said: usize,
    body: Flow,
    below: Flow,
}

impl<'a> Reader<'a> {
    fn new(rest: &'a [u8]) -> Self {
        let state = State {
            destination: Destination::Body,
            encoding: WINDOWS_1252,
            substitutes: 1,
            is_hidden: false,
        };
        Self {
            rest,
            state,
            outer: Vec::new(),
            is_optional: false,
            default_encoding: WINDOWS_1252,
            fonts: HashMap::new(),
            font: 0,
            bytes: Vec::new(),
            units: Vec::new(),
            said: 0,
            body: Flow::default(),
            below: Flow::default(),
        }
    }

    fn run(&mut self) -> Option<()> {
        self.rest.starts_with(b"{\\rtf").then_some(())?;
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            match byte {
                b'{' => {
                    self.flush();
                    self.outer.push(self.state);
                    self.said = 0;
                    (self.outer.len() <= MAX_DEPTH).then_some(())?;
                }
                b'}' => {
                    self.flush();
                    let Some(state) = self.outer.pop() else { break };
                    self.close_group(state);
                    if self.outer.is_empty() {
                        break; // what follows the document is none of it
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => self.text(byte),
            }
        }
        self.flush();
        Some(())
    }

    fn close_group(&mut self, outer: State) {
        if self.state.destination == Destination::Below && outer.destination != Destination::Below {
            self.below.fresh_line();
        }
        self.state = outer;
        self.said = 0;
        self.is_optional = false;
    }

    /// What follows a backslash: a symbol, or a word with a number.
    fn control(&mut self) {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if length == 0 {
            return self.symbol();
        }
        let (word, rest) = self.rest.split_at(length);
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = if digits > 0 { &rest[..sign + digits] } else { &[] };
        let rest = &rest[number.len()..];
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let number = std::str::from_utf8(number).ok().and_then(|number| number.parse::<i32>().ok());
        if word == b"bin" {
            let length = number.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
            self.rest = &self.rest[length.min(self.rest.len())..];
            return;
        }
        let is_optional = std::mem::take(&mut self.is_optional);
        if word == b"u" {
            return self.unicode(number.unwrap_or(0));
        }
        self.flush();
        self.said = 0;
        if !self.destination(word) && !self.property(word, number) && !self.character(word) && is_optional {
            self.state.destination = Destination::Nowhere;
        }
    }

    fn symbol(&mut self) {
        let Some((&symbol, rest)) = self.rest.split_first() else { return };
        self.rest = rest;
        match symbol {
            b'\'' => {
                let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                if let Some(byte) = byte {
                    self.rest = &rest[2..];
                    self.text(byte);
                }
            }
            b'*' => self.is_optional = true,
            b'\\' | b'{' | b'}' => self.text(symbol),
            b'~' => self.push("\u{a0}"),
            b'_' => self.push("\u{2011}"),
            b'\r' | b'\n' => self.with_flow(Flow::line),
            b'\t' => self.push("\t"),
            _ => {} // an optional hyphen, parts of an index
        }
    }

    /// A byte of text, in the encoding of the state.
    fn text(&mut self, byte: u8) {
        if self.said > 0 {
            self.said -= 1;
            return;
        }
        if !self.units.is_empty() {
            self.flush();
        }
        self.bytes.push(byte);
    }

    /// A unit of UTF-16, as a signed number.
    fn unicode(&mut self, number: i32) {
        if !self.bytes.is_empty() {
            self.flush();
        }
        self.units.push(u16::try_from(number.rem_euclid(0x1_0000)).unwrap_or(0xfffd));
        self.said = self.state.substitutes;
    }

    /// Where the rest of the group goes.
    fn destination(&mut self, word: &[u8]) -> bool {
        let current = self.state.destination;
        self.state.destination = match word {
            b"fonttbl" => Destination::Fonts,
            _ if PASSED_OVER.contains(&word) => Destination::Nowhere,
            b"footnote" | b"footer" | b"footerf" | b"footerl" | b"footerr"
                if current == Destination::Body =>
            {
                self.below.fresh_line();
                Destination::Below
            }
            b"header" | b"headerf" | b"headerl" | b"headerr" | b"shptxt" => {
                self.with_flow(Flow::fresh_line);
                current
            }
            // A drawing's text is in a group that programs without drawings pass over.
            b"shpinst" => current,
            _ => return false,
        };
        true
    }

    /// What changes how text is read.
    fn property(&mut self, word: &[u8], number: Option<i32>) -> bool {
        let is_on = number != Some(0);
        match word {
            b"ansicpg" => {
                self.default_encoding = code_page::of_number(number.unwrap_or(0)).unwrap_or(WINDOWS_1252);
                self.state.encoding = self.default_encoding;
            }
            b"mac" => {
                self.default_encoding = encoding_rs::MACINTOSH;
                self.state.encoding = self.default_encoding;
            }
            b"f" if self.state.destination == Destination::Fonts => self.font = number.unwrap_or(0),
            b"f" => {
                let font = self.fonts.get(&number.unwrap_or(0)).copied();
                self.state.encoding = font.unwrap_or(self.default_encoding);
            }
            b"fcharset" => {
                if let Some(encoding) = code_page::of_charset(number.unwrap_or(0)) {
                    self.fonts.insert(self.font, encoding);
                }
            }
            b"uc" => self.state.substitutes = usize::try_from(number.unwrap_or(1)).unwrap_or(1),
            b"v" | b"deleted" => self.state.is_hidden = is_on,
            b"plain" => self.state.is_hidden = false,
            _ => return false,
        }
        true
    }

    /// A character, or the end of something.
    fn character(&mut self, word: &[u8]) -> bool {
        let text = match word {
            b"par" | b"line" | b"sect" | b"column" => return self.end(Flow::line),
            b"page" => return self.end(Flow::page),
            b"trowd" => return self.end(Flow::begin_row),
            b"cell" | b"nestcell" => return self.end(Flow::cell),
            b"row" | b"nestrow" => return self.end(Flow::row),
            b"tab" => "\t",
            b"emdash" => "\u{2014}",
            b"endash" => "\u{2013}",
            b"emspace" => "\u{2003}",
            b"enspace" => "\u{2002}",
            b"qmspace" => "\u{2005}",
            b"bullet" => "\u{2022}",
            b"lquote" => "\u{2018}",
            b"rquote" => "\u{2019}",
            b"ldblquote" => "\u{201c}",
            b"rdblquote" => "\u{201d}",
            _ => return false,
        };
        self.push(text);
        true
    }

    fn end(&mut self, of: impl FnOnce(&mut Flow)) -> bool {
        self.with_flow(of);
        true
    }

    fn push(&mut self, text: &str) {
        if self.said > 0 {
            self.said -= 1;
        } else {
            self.with_flow(|flow| flow.push(text));
        }
    }

    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            let bytes = std::mem::take(&mut self.bytes);
            let text = self.state.encoding.decode_without_bom_handling(&bytes).0;
            self.write(&text);
        }
        if !self.units.is_empty() {
            let units = std::mem::take(&mut self.units);
            self.write(&String::from_utf16_lossy(&units));
        }
    }

    fn write(&mut self, text: &str) {
        match self.state.destination {
            _ if self.state.is_hidden => {}
            Destination::Body => self.body.push(text),
            Destination::Below => self.below.push(text),
            Destination::Fonts | Destination::Nowhere => {}
        }
    }

    /// Something that is no text, where text goes.
    fn with_flow(&mut self, change: impl FnOnce(&mut Flow)) {
        self.flush();
        match self.state.destination {
            _ if self.state.is_hidden => {}
            Destination::Body => change(&mut self.body),
            Destination::Below => change(&mut self.below),
            Destination::Fonts | Destination::Nowhere => {}
        }
    }
}
