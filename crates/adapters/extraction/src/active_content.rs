//! What a PDF can do besides being read, told by the names in it.

use pdf_extract::{Document, Object};

use crate::ActiveContent;

/// More bytes than any of the names has, each written as `#xx`.
const LONGEST_NAME: usize = 3 * 16;

/// What a name of PDF means.
fn of_name(name: &[u8]) -> Option<ActiveContent> {
    Some(match name {
        b"JavaScript" | b"JS" => ActiveContent::JavaScript,
        b"OpenAction" => ActiveContent::OpenAction,
        b"AA" => ActiveContent::AdditionalActions,
        b"Launch" => ActiveContent::Launch,
        b"EmbeddedFile" | b"EmbeddedFiles" => ActiveContent::EmbeddedFile,
        _ => return None,
    })
}

/// What the bytes of a PDF name. What stands in compressed objects is not seen here, but by [`in_objects`].
pub(crate) fn in_bytes(bytes: &[u8]) -> Vec<ActiveContent> {
    let slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let mut found: Vec<_> = slashes.filter_map(|(at, _)| of_name(&name(&bytes[at + 1..]))).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The name at the beginning of the bytes, in which `#xx` stands for any byte (ISO 32000-1, 7.3.5).
fn name(bytes: &[u8]) -> Vec<u8> {
    let is_delimiter = |byte: &u8| byte.is_ascii_whitespace() || b"\0()<>[]{}/%".contains(byte);
    let end = bytes.iter().take(LONGEST_NAME).position(is_delimiter);
    let written = &bytes[..end.unwrap_or(bytes.len().min(LONGEST_NAME))];
    let (mut name, mut at) = (Vec::new(), 0);
    while let Some(&byte) = written.get(at) {
        let digits = written.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| byte == b'#').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        name.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    name
}

/// What the objects of a PDF name, those in compressed streams among them.
pub(crate) fn in_objects(document: &Document) -> Vec<ActiveContent> {
    let mut waiting: Vec<&Object> = document.objects.values().collect();
    let mut found = Vec::new();
    while let Some(object) = waiting.pop() {
        let dictionary = match object {
            Object::Name(name) => {
                found.extend(of_name(name));
                continue;
            }
            Object::Array(objects) => {
                waiting.extend(objects);
                continue;
            }
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        for (key, value) in dictionary {
            found.extend(of_name(key));
            waiting.push(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_however_they_are_written() {
        let found = in_bytes(b"<</S/Launch/Next<</S /J#61vaScript>>/AA[]/Names<< /EmbeddedFiles 4 0 R>>");
        let all = [
            ActiveContent::JavaScript,
            ActiveContent::AdditionalActions,
            ActiveContent::Launch,
            ActiveContent::EmbeddedFile,
        ];
        assert_eq!(found, all);
        assert_eq!(in_bytes(b"/OpenAction"), [ActiveContent::OpenAction]);
        assert_eq!(in_bytes(b"/AAB /JSX /Launcher /#"), []);
    }
}
