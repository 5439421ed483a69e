//! DOCX: `WordprocessingML` in Office Open XML (ECMA-376, part 1, section 17).

use super::{
    flow::Flow,
    xml::{self, Node, Skipped},
};
use crate::{FileKind, Rejection, archive::Archive};

/// What is left out: properties, what was deleted or moved away, the second form of what has two, codes of fields,
/// how characters are pronounced.
const LEFT_OUT: [&str; 9] =
    ["pPr", "sectPr", "sdtPr", "rPrChange", "del", "moveFrom", "Fallback", "instrText", "rt"];

/// Headers, then the body, notes, and footers, each text once: the first page has often the same as the others.
pub(super) fn read(content: &[u8]) -> Result<Flow, Rejection> {
    let mut archive = Archive::open(content)?;
    let mut flow = Flow::default();
    let mut seen = Vec::new();
    for prefix in ["word/header", "word/document", "word/footnotes", "word/endnotes", "word/footer"] {
        let is_part = |name: &&str| {
            let number = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".xml"));
            number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let mut names: Vec<String> = archive.names().filter(is_part).map(str::to_owned).collect();
        names.sort_unstable_by_key(|name| (name.len(), name.clone()));
        for name in names {
            let part = part(&archive.part(&name)?.unwrap_or_default())?;
            if !seen.iter().any(|text| text == part.text()) {
                seen.push(part.text().to_owned());
                flow.append(&part);
            }
        }
    }
    Ok(flow)
}

fn part(content: &[u8]) -> Result<Flow, Rejection> {
    let mut flow = Flow::default();
    let (mut skipped, mut is_text, mut is_hidden) = (Skipped::default(), false, false);
    xml::walk(content, FileKind::Docx, |node| {
        if skipped.takes(&node, |name, _| LEFT_OUT.contains(&name)) {
            return;
        }
        match node {
            Node::Text(text) if is_text && !is_hidden => flow.push(text),
            Node::Open("t", _) => is_text = true,
            Node::Close("t") => is_text = false,
            Node::Open("p", _) => flow.fresh_line(),
            Node::Close("p") | Node::Open("cr", _) => flow.line(),
            Node::Open("r", _) => is_hidden = false,
            Node::Open("vanish", element) => {
                let value = xml::attribute(element, "val");
                is_hidden = !value.is_some_and(|value| ["0", "false", "off"].contains(&&*value));
            }
            Node::Open("br", element) => match xml::attribute(element, "type").as_deref() {
                Some("page") => flow.page(),
                _ => flow.line(),
            },
            Node::Open("tab" | "ptab", _) => flow.push("\t"),
            Node::Open("noBreakHyphen", _) => flow.push("\u{2011}"),
            Node::Open("tr", _) => flow.begin_row(),
            Node::Close("tc") => flow.cell(),
            Node::Close("tr") => flow.row(),
            _ => {}
        }
    })?;
    Ok(flow)
}
