//! ODT: text in the Open Document Format (OASIS, 1.3).

use std::mem;

use super::{
    flow::Flow,
    xml::{self, Node, Skipped},
};
use crate::{FileKind, Rejection, archive::Archive};

/// What is left out: remarks, what was deleted, what is not shown, how characters are pronounced, numbers of notes.
const LEFT_OUT: [&str; 6] =
    ["annotation", "tracked-changes", "hidden-text", "ruby-text", "note-citation", "forms"];

/// What pictures are described by is left out too. A title of another vocabulary is text.
const DESCRIPTIONS: [&str; 2] = ["svg:title", "svg:desc"];

/// The most spaces that one element stands for here.
const MOST_SPACES: usize = 100;

/// Headers, then the body, its notes, and footers.
pub(super) fn read(content: &[u8]) -> Result<Flow, Rejection> {
    let mut archive = Archive::open(content)?;
    let missing = Rejection::Broken { kind: FileKind::Odt, fault: "its text is missing" };
    let body = archive.part("content.xml")?.ok_or(missing)?;
    let styles = archive.part("styles.xml")?.unwrap_or_else(|| b"<none/>".to_vec());
    let mut flow = part(&styles, Some("footer"))?;
    flow.append(&part(&body, None)?);
    flow.append(&part(&styles, Some("header"))?);
    Ok(flow)
}

/// The paragraphs of a part, without those in elements whose name begins with `other`.
fn part(content: &[u8], other: Option<&str>) -> Result<Flow, Rejection> {
    let (mut flow, mut notes) = (Flow::default(), Flow::default());
    let (mut skipped, mut paragraphs) = (Skipped::default(), 0_usize);
    xml::walk(content, FileKind::Odt, |node| {
        let is_left_out = skipped.takes(&node, |name, element| {
            let is_other = other.is_some_and(|other| name.starts_with(other));
            is_other || LEFT_OUT.contains(&name) || DESCRIPTIONS.contains(&element.name().as_ref())
        });
        if is_left_out {
            return;
        }
        match node {
            Node::Text(text) if paragraphs > 0 => flow.words(text),
            Node::Open("p" | "h", _) => {
                paragraphs += 1;
                flow.fresh_line();
            }
            Node::Close("p" | "h") => {
                paragraphs -= 1;
                flow.line();
            }
            Node::Open("s", element) if paragraphs > 0 => {
                let count = xml::attribute(element, "c").and_then(|count| count.parse().ok()).unwrap_or(1);
                flow.push(&" ".repeat(MOST_SPACES.min(count)));
            }
            Node::Open("tab", _) => flow.push("\t"),
            Node::Open("line-break", _) => flow.line(),
            Node::Open("note", _) | Node::Close("note") => mem::swap(&mut flow, &mut notes),
            Node::Open("table-row", _) => flow.begin_row(),
            Node::Close("table-cell") => flow.cell(),
            Node::Close("table-row") => flow.row(),
            _ => {}
        }
    })?;
    flow.append(&notes);
    Ok(flow)
}
