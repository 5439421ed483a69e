//! What is read in RTF.

use extraction::{FileKind, ReadError, read};

fn text(rtf: &str) -> String {
    read(rtf.as_bytes(), FileKind::Rtf).unwrap().text().to_owned()
}

#[test]
fn text_is_read_and_formatting_passed_over() {
    let rtf = r"{\rtf1\ansi\deff0{\fonttbl{\f0\fswiss Arial;}}{\colortbl;\red255\green0\blue0;}
{\stylesheet{\s1 Heading;}}{\info{\author Ann}}{\*\generator Word;}{\pict\pngblip 0123abcd}
\pard\b Zo\'eb\b0\~Lee\tab 2026\par first\line second \{braces\} back\\slash\par\par
{\field{\*\fldinst HYPERLINK https://example.org}{\fldrslt a link}} non\_stop\emdash end\
\page next}after";
    assert_eq!(
        text(rtf),
        "Zoë\u{a0}Lee\t2026\nfirst\nsecond {braces} back\\slash\n\na link non\u{2011}stop—end\u{c}next"
    );
}

#[test]
fn characters_are_read_in_unicode_and_in_code_pages() {
    // One substitute for each, two, none; two halves of a character beyond the first plane; a negative number.
    assert_eq!(text(r"{\rtf1 \u1055?\u1088\'f0\uc2\u1080ab\uc0\u1074 x}"), "При\u{432}x");
    assert_eq!(text(r"{\rtf1\uc1 \u-10179?\u-8694?\u-4051?}"), "\u{1f60a}\u{f02d}");
    assert_eq!(text(r"{\rtf1 \u-10179?x}"), "\u{fffd}x");
    assert_eq!(text(r"{\rtf1\ansicpg1251 \'cf\'f0\'e8}"), "При");
    assert_eq!(text(r"{\rtf1\mac \'8a}"), "ä");
    // By the font, whose character takes two bytes, of which the second may be a letter.
    let japanese =
        r"{\rtf1{\fonttbl{\f0\fcharset0 A;}{\f7\fcharset128 B;}}\f7 \'93\'fa\'83A{\f0 \'eb}\'96\'7b}";
    assert_eq!(text(japanese), "日アë本");
    assert_eq!(text(r"{\rtf1 {\uc3 \u960abc}\u960dx}"), "ππx");
}

#[test]
fn tables_notes_headers_and_drawings_are_read() {
    let rtf = r"{\rtf1{\header Zoe Lee\par}{\footer Page 1\par}
\trowd\pard\intbl a\cell b\cell\row\intbl c\cell d\cell\row\pard text{\super\chftn{\footnote a note}} goes on\par
{\shp{\*\shpinst{\sp{\sn fLine}{\sv 0}}{\shptxt in a box\par}}}{\nonshppict x}end}";
    assert_eq!(text(rtf), "Zoe Lee\na\tb\nc\td\ntext goes on\nin a box\nend\nPage 1\na note");
}

#[test]
fn what_is_hidden_or_was_deleted_is_left_out() {
    assert_eq!(text(r"{\rtf1 a{\v hidden\par}b\v hidden\v0 c{\deleted gone}d{\*\unknown x{y}z}e}"), "abcde");
}

#[test]
fn binary_data_is_no_text_and_no_group() {
    assert_eq!(text("{\\rtf1 a\\bin3 }}}b\\bin99999999 c}"), "ab");
}

#[test]
fn groups_are_read_to_a_thousand_levels() {
    let nested = |depth: usize| format!("{{\\rtf1{}deep{}}}", "{".repeat(depth), "}".repeat(depth));
    assert_eq!(text(&nested(999)), "deep");
    assert_eq!(read(nested(1_000).as_bytes(), FileKind::Rtf), Err(ReadError::Broken(FileKind::Rtf)));
    assert_eq!(
        read("{\\rtf1".repeat(1_000_000).as_bytes(), FileKind::Rtf),
        Err(ReadError::Broken(FileKind::Rtf))
    );
}

#[test]
fn broken_rtf_is_read_as_far_as_it_goes() {
    for (rtf, expected) in [
        (r"{\rtf1 a", "a"),
        (r"{\rtf1 a\", "a"),
        (r"{\rtf1 a\'", "a"),
        (r"{\rtf1 a\'4", "a4"),
        (r"{\rtf1 a\'zzb", "azzb"),
        (r"{\rtf1 a\u", "a"),
        (r"{\rtf1 a\u99999999999 ?b", "a\0b"),
        (r"{\rtf1 a}}}}b", "a"),
        (r"{\rtf1{\fonttbl{\f99999999999\fcharset128 A;}}\f0 a\uc-5 b", "ab"),
    ] {
        assert_eq!(text(rtf), expected.replace('\0', ""), "{rtf}");
    }
    assert_eq!(read(b"plain", FileKind::Rtf), Err(ReadError::Broken(FileKind::Rtf)));
}
