//! Keeps the comments of the front matter when a file is put in order.

use granit_parser::{Event, Parser};

use crate::{front, text::normalised};

/// The comments of one key: lines above it, and one at the end of its line.
#[derive(Debug, Default)]
struct Comments {
    above: Vec<String>,
    beside: Option<String>,
}

/// The printed file with the comments of the front matter it had before. Those of a key that is not printed, and those
/// after the last, stand at the end.
pub fn with_comments(before: &str, printed: String) -> String {
    let source = &normalised(before, |_, _, _| ());
    let (Ok(old), Ok(new)) = (front::find(source), front::find(&printed)) else { return printed };
    let mut found = comments(&source[old.yaml]);
    if found.is_empty() {
        return printed;
    }
    let mut out = String::with_capacity(printed.len() + 256);
    out.push_str(&printed[..new.yaml.start]);
    for line in printed[new.yaml.clone()].lines() {
        let own = found.iter().position(|(key, _)| line.starts_with(&format!("{key}:")) && !key.is_empty());
        let comments = own.map(|at| found.remove(at).1).unwrap_or_default();
        comments.above.iter().for_each(|comment| out.extend([comment, "\n"]));
        out.push_str(line);
        if let Some(comment) = comments.beside {
            out.extend(["  ", &comment]);
        }
        out.push('\n');
    }
    for (_, comments) in found {
        comments.above.iter().chain(&comments.beside).for_each(|comment| out.extend([comment, "\n"]));
    }
    out.push_str(&printed[new.yaml.end..]);
    out
}

/// The comments by the keys of the outermost mapping; those after the last key have an empty one.
fn comments(yaml: &str) -> Vec<(String, Comments)> {
    let key_of = |line: &str| {
        let is_of_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (key, _) = line.split_once(':')?;
        (!key.is_empty() && key.chars().all(is_of_key)).then(|| key.to_owned())
    };
    let mut found: Vec<(String, Comments)> = Vec::new();
    for (event, span) in Parser::new_from_str(yaml).map_while(Result::ok) {
        let (Event::Comment(..), Some(bytes)) = (event, span.byte_range()) else { continue };
        let Some(comment) = yaml.get(bytes.clone()) else { continue };
        let line_start = yaml[..bytes.start].rfind('\n').map_or(0, |at| at + 1);
        let is_beside = !yaml[line_start..bytes.start].trim().is_empty();
        let key = if is_beside {
            yaml[..bytes.start].lines().rev().find_map(key_of)
        } else {
            yaml[bytes.end..].lines().find_map(key_of)
        };
        let key = key.unwrap_or_default();
        let at = found.iter().position(|(other, _)| *other == key).unwrap_or_else(|| {
            found.push((key, Comments::default()));
            found.len() - 1
        });
        let comments = &mut found[at].1;
        let comment = comment.trim_end().to_owned();
        match &mut comments.beside {
            beside @ None if is_beside => *beside = Some(comment),
            _ => comments.above.push(comment),
        }
    }
    found
}
