//! What a file is told to be.

use extraction::{ActiveContent, FileKind, Rejection, check_extension, sniff};

use crate::{
    images::{gif, jpeg, png, webp},
    support::{deflated, docx, docx_with, odt, odt_with, page, pdf, pdf_of, stored},
};

fn kind(content: &[u8]) -> FileKind {
    sniff(content).unwrap().kind
}

#[test]
fn every_kind_is_told_by_its_content() {
    let samples: [(FileKind, Vec<u8>); 17] = [
        (FileKind::Pdf, pdf(&[&page(&[(50, 700, "Zoe")])])),
        (FileKind::Docx, docx("<w:p/>")),
        (FileKind::Odt, odt("<text:p/>")),
        (FileKind::Rtf, b"{\\rtf1 Zoe}".to_vec()),
        (FileKind::Html, b"\n <!DOCTYPE html>\n<p>Zoe".to_vec()),
        (FileKind::Html, b"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'/>".to_vec()),
        (FileKind::Html, b"<!-- saved -->\n<HTML lang=en>".to_vec()),
        (FileKind::Html, b"\xff\xfe<\0h\0t\0m\0l\0>\0".to_vec()),
        (FileKind::Text, "Zoë".into()),
        (FileKind::Text, b"\xff\xfeZ\0o\0e\0".to_vec()),
        (FileKind::Text, b"BMW, and Zo\xeb, who drives one".to_vec()),
        (FileKind::Png, png(3, 2, &[])),
        (FileKind::Jpeg, jpeg(3, 2, &[])),
        (FileKind::Gif, gif(3, 2, &[])),
        (FileKind::WebP, webp(3, 2, &[])),
        (FileKind::Zip, deflated(&[("word/notes.txt", b"Zoe")])),
        (FileKind::Unknown, b"\x7fELF\x02\x01\x01\0".to_vec()),
    ];
    for (expected, content) in samples {
        assert_eq!(kind(&content), expected, "{:?}", String::from_utf8_lossy(&content));
    }
    assert_eq!(sniff(b""), Err(Rejection::Empty));
}

#[test]
fn an_archive_is_a_document_only_by_what_is_in_it() {
    let odt_type: &[u8] = b"application/vnd.oasis.opendocument.text";
    assert_eq!(
        kind(&deflated(&[("[Content_Types].xml", b"<a/>"), ("xl/workbook.xml", b"<a/>")])),
        FileKind::Zip
    );
    assert_eq!(kind(&stored(&[("content.xml", b"<a/>"), ("mimetype", odt_type)])), FileKind::Zip);
    assert_eq!(kind(&deflated(&[("mimetype", odt_type)])), FileKind::Zip);
    assert_eq!(kind(&stored(&[("mimetype", b"application/epub+zip")])), FileKind::Zip);
}

#[test]
fn an_extension_that_contradicts_the_content_is_refused_with_both_named() {
    for (name, kind) in [
        ("cv.pdf", FileKind::Pdf),
        ("cv.PDF", FileKind::Pdf),
        ("me.JPeG", FileKind::Jpeg),
        ("notes.md", FileKind::Text),
        ("cv", FileKind::Docx),
        ("Dr. Lee", FileKind::Pdf),
        ("version 2.1", FileKind::Pdf),
        (".pdf", FileKind::Text),
        ("cv.doc", FileKind::Unknown),
    ] {
        assert_eq!(check_extension(name, kind), Ok(()), "{name}");
    }
    for (name, kind) in
        [("cv.pdf", FileKind::Docx), ("cv.pdf.exe", FileKind::Pdf), ("me.png", FileKind::Jpeg)]
    {
        let refused = check_extension(name, kind).unwrap_err().to_string();
        let extension = name.rsplit('.').next().unwrap();
        assert!(refused.contains(extension) && refused.contains(kind.label()), "{refused}");
    }
}

#[test]
fn two_kinds_in_one_file_are_refused_with_both_named() {
    let plain = pdf(&[&page(&[(50, 700, "Zoe")])]);
    let archive = stored(&[("a.txt", b"Zoe")]);
    for (first, content) in [
        (FileKind::Pdf, plain.clone()),
        (FileKind::Png, png(3, 2, &[])),
        (FileKind::Gif, gif(3, 2, &[])),
        (FileKind::Rtf, b"{\\rtf1 Zoe}".to_vec()),
    ] {
        // With the offsets of the archive as they were, with a comment, and with something after it.
        for tail in [&b""[..], b"\n%%EOF\n"] {
            let both = [&content, &archive, tail].concat();
            assert_eq!(sniff(&both), Err(Rejection::Polyglot { first, second: FileKind::Zip }));
        }
        assert_eq!(
            kind(&[&content[..], b" PK\x05\x06 is how archives end, which takes 22 bytes"].concat()),
            first
        );
    }
    let inside = stored(&[("a.pdf", &plain)]);
    let refused = sniff(&inside).unwrap_err();
    assert_eq!(refused, Rejection::Polyglot { first: FileKind::Zip, second: FileKind::Pdf });
    assert!(refused.to_string().contains("ZIP and PDF"));
    let picture = gif(3, 2, &[b"\x21\xfe\x09%PDF-1.7 \0"]);
    assert_eq!(sniff(&picture), Err(Rejection::Polyglot { first: FileKind::Gif, second: FileKind::Pdf }));
    let parts: [(&str, &[u8]); 2] = [("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"<a/>")];
    let refused = sniff(&odt_with("<text:p/>", &parts)).unwrap_err();
    assert_eq!(refused, Rejection::Polyglot { first: FileKind::Odt, second: FileKind::Docx });
}

#[test]
fn active_content_is_accepted_and_reported() {
    let catalog =
        |entries: &str| pdf_of(&[format!("<</Type/Catalog/Pages 2 0 R{entries}>>").into(), "<<>>".into()]);
    let found = |entries: &str| sniff(&catalog(entries)).unwrap().active_content;
    assert_eq!(found(""), []);
    assert_eq!(
        found("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
        [ActiveContent::JavaScript, ActiveContent::OpenAction]
    );
    assert_eq!(
        found("/AA<</WC<</S/#4caunch/F(calc.exe)>>>>"),
        [ActiveContent::AdditionalActions, ActiveContent::Launch]
    );
    assert_eq!(found("/Names<</EmbeddedFiles 3 0 R>>"), [ActiveContent::EmbeddedFile]);
    let macros = docx_with("<w:p/>", &[("word/vbaProject.bin", b"macros")]);
    assert_eq!(sniff(&macros).unwrap().active_content, [ActiveContent::Macros]);
}

#[test]
fn an_encrypted_open_document_is_refused() {
    let manifest = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>";
    let refused = sniff(&odt_with("", &[("META-INF/manifest.xml", manifest)])).unwrap_err();
    assert_eq!(refused, Rejection::Encrypted);
}
