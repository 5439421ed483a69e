//! Which bytes are text, and in which encoding.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The share of bytes beyond ASCII, in percent, up to which bytes that are not UTF-8 pass for Windows-1252. Languages
/// it was made for stay well below; text in other alphabets, which it would garble, lies above.
const MOST_BEYOND_ASCII: usize = 30;

/// The text, if this is one.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let text = unicode(bytes).or_else(|| western(bytes))?;
    text.chars().all(is_text).then_some(text)
}

/// Text in UTF-8, or in what its byte order mark says, which is left out.
pub(crate) fn unicode(bytes: &[u8]) -> Option<String> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..])?;
    Some(text.into_owned())
}

/// Text in Windows-1252, of which Latin-1 is a part. Almost any bytes are, so it must look like it.
fn western(bytes: &[u8]) -> Option<String> {
    let beyond = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    if beyond * 100 > bytes.len() * MOST_BEYOND_ASCII {
        return None;
    }
    Some(WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned())
}

/// Binary files have control characters in them, and Windows-1252 has gaps that decode to some.
fn is_text(character: char) -> bool {
    !character.is_control() || matches!(character, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}')
}

/// Whether bytes in an unknown encoding that has ASCII in it hold what no text does.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().any(|&byte| !is_text(char::from(byte)) && byte < 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_in_each_encoding() {
        assert_eq!(text("Zoë — 東京".as_bytes()).as_deref(), Some("Zoë — 東京"));
        assert_eq!(text(b"\xef\xbb\xbfZoe").as_deref(), Some("Zoe"));
        assert_eq!(text(b"\xff\xfeZ\0o\0\xeb\0").as_deref(), Some("Zoë"));
        assert_eq!(text(b"\xfe\xff\0Z\0o\0\xeb").as_deref(), Some("Zoë"));
        assert_eq!(
            text(b"Zo\xeb works in M\xfcnchen for 100\x80").as_deref(),
            Some("Zoë works in München for 100€")
        );
    }

    #[test]
    fn what_is_no_text_or_cannot_be_told_is_none() {
        let russian = b"\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0";
        let samples: [&[u8]; 6] = [
            b"a\0b",
            b"a\x1bb",
            b"\xff\xfeZ\0\x00\xd8",
            b"the end of a line\x81",
            russian,
            b"plain words \x02",
        ];
        for bytes in samples {
            assert_eq!(text(bytes), None, "{bytes:?}");
        }
    }
}
