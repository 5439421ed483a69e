//! XML as far as documents need it. Entities are those XML has itself: what a document declares stands for nothing,
//! so that none can grow.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

use crate::{FileKind, Rejection, encoding};

/// More levels than documents of people have: a table in a table in a text box takes about fifty.
const MAX_DEPTH: usize = 500;

/// What is met on the way. Names are without their prefix.
pub(super) enum Node<'a> {
    Open(&'a str, &'a BytesStart<'a>),
    Close(&'a str),
    Text(&'a str),
}

/// Goes through an XML document from beginning to end.
pub(super) fn walk(content: &[u8], kind: FileKind, mut visit: impl FnMut(Node<'_>)) -> Result<(), Rejection> {
    let broken = |fault| Rejection::Broken { kind, fault };
    let text = encoding::unicode(content).ok_or_else(|| broken("its XML is not in UTF-8 or UTF-16"))?;
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut depth = 0;
    loop {
        match reader.read_event().map_err(|_| broken("its XML is not well-formed"))? {
            Event::Start(start) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(broken("its XML is nested too deeply"));
                }
                visit(Node::Open(start.local_name().as_ref(), &start));
            }
            Event::End(end) => {
                depth -= 1;
                visit(Node::Close(end.local_name().as_ref()));
            }
            Event::Text(text) => visit(Node::Text(&text.xml10_content())),
            Event::CData(text) => visit(Node::Text(&text.xml10_content())),
            Event::GeneralRef(entity) => {
                let character = entity.resolve_char_ref().ok().flatten();
                let text = character
                    .map(String::from)
                    .or_else(|| resolve_predefined_entity(&entity).map(str::to_owned));
                visit(Node::Text(text.as_deref().unwrap_or_default()));
            }
            Event::Eof if depth > 0 => return Err(broken("its XML ends too early")),
            Event::Eof => return Ok(()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The value of an attribute, whatever its prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let mut named =
        attributes.with_checks(false).flatten().filter(|found| found.key.local_name().as_ref() == name);
    Some(named.next()?.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// Counts how deep inside of something that is left out a walk is.
#[derive(Default)]
pub(super) struct Skipped(usize);

impl Skipped {
    /// Whether the node is left out: an element for which `starts` holds, and all in it.
    pub(super) fn takes(&mut self, node: &Node<'_>, starts: impl Fn(&str, &BytesStart<'_>) -> bool) -> bool {
        match node {
            Node::Open(name, element) if self.0 > 0 || starts(name, element) => self.0 += 1,
            Node::Close(_) if self.0 > 0 => {
                self.0 -= 1;
                return true;
            }
            _ => {}
        }
        self.0 > 0
    }
}
