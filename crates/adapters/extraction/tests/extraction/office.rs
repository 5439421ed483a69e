//! What is read in DOCX and ODT, and in XML that was made to do harm.

use extraction::{FileKind, ReadError, read};

use crate::archives::noise;
use crate::support::{deflated, docx, docx_with, lines, odt, odt_with, word};

fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>")
}

fn paragraph(text: &str) -> String {
    format!("<w:p>{}</w:p>", run(text))
}

fn docx_lines(body: &str) -> Vec<String> {
    lines(&docx(body), FileKind::Docx)
}

#[test]
fn a_word_document_is_read_by_paragraphs_with_tabs_breaks_and_pages() {
    let body = [
        "<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs><w:rPr><w:vanish/></w:rPr></w:pPr>",
        &run("Zo&#xeb; "),
        &run("Lee"),
        "<w:r><w:tab/><w:t>2026</w:t><w:br/><w:t>first</w:t><w:cr/><w:t>non</w:t><w:noBreakHyphen/><w:t>stop</w:t></w:r></w:p>",
        "<w:p/><w:p/><w:p/>",
        &paragraph("R&amp;D &lt;1&gt;"),
        "<w:p><w:r><w:br w:type='page'/></w:r></w:p>",
        &paragraph("second"),
    ]
    .concat();
    let extracted = read(&docx(&body), FileKind::Docx).unwrap();
    assert_eq!(extracted.text(), "Zoë Lee\t2026\nfirst\nnon\u{2011}stop\n\nR&D <1>\u{c}second");
    assert!(!extracted.needs_ocr() && !extracted.is_cut());
}

#[test]
fn cells_of_a_table_are_parted_by_tabs_and_rows_by_lines() {
    let cell = |content: &str| format!("<w:tc><w:tcPr/>{content}</w:tc>");
    let row =
        |cells: &[&str]| format!("<w:tr>{}</w:tr>", cells.iter().map(|text| cell(text)).collect::<String>());
    let inner = format!("<w:tbl>{}</w:tbl><w:p/>", row(&[&paragraph("c"), &paragraph("d")]));
    let table = [
        row(&[&paragraph("a"), &[paragraph("b1"), paragraph("b2")].concat()]),
        row(&["<w:p/>", &paragraph("empty before")]),
        row(&[&paragraph("x"), &inner, &paragraph("y")]),
    ]
    .concat();
    let body = format!("{}<w:tbl>{table}</w:tbl>{}", paragraph("above"), paragraph("below"));
    assert_eq!(docx_lines(&body), ["above", "a\tb1", "b2", "empty before", "x\tc\td", "y", "below"]);
}

#[test]
fn headers_come_first_and_footers_last_each_once() {
    let part = |text: &str| word(&paragraph(text));
    let (first, second, note, end, foot) =
        (part("Zoe Lee"), part("CV"), part("a note"), part("the end"), part("Page 1"));
    let others: [(&str, &[u8]); 7] = [
        ("word/footer1.xml", foot.as_bytes()),
        ("word/header2.xml", second.as_bytes()),
        ("word/header1.xml", first.as_bytes()),
        ("word/header10.xml", first.as_bytes()),
        ("word/endnotes.xml", end.as_bytes()),
        ("word/footnotes.xml", note.as_bytes()),
        ("word/comments.xml", first.as_bytes()),
    ];
    let read = lines(&docx_with(&paragraph("the body"), &others), FileKind::Docx);
    assert_eq!(read, ["Zoe Lee", "CV", "the body", "a note", "the end", "Page 1"]);
}

#[test]
fn what_was_deleted_hidden_or_said_twice_is_left_out() {
    let hidden = |vanish: &str| format!("<w:r><w:rPr>{vanish}</w:rPr><w:t>hidden</w:t></w:r>");
    let text_box = format!("<w:txbxContent>{}</w:txbxContent>", paragraph("in a box"));
    let body = [
        "<w:p><w:del><w:r><w:delText>deleted</w:delText><w:t>too</w:t></w:r></w:del><w:ins>",
        &run("added"),
        "</w:ins><w:moveFrom>",
        &run("moved"),
        "</w:moveFrom>",
        &hidden("<w:vanish/>"),
        &hidden("<w:vanish w:val='true'/>"),
        &hidden("<w:vanish w:val='false'/>"),
        "<w:r><w:fldChar/><w:instrText>HYPERLINK \"https://example.org\"</w:instrText></w:r></w:p><w:p>",
        &run("around"),
        &format!(
            "<mc:AlternateContent><mc:Choice>{text_box}</mc:Choice><mc:Fallback>{text_box}</mc:Fallback>"
        ),
        "</mc:AlternateContent></w:p>",
    ]
    .concat();
    assert_eq!(docx_lines(&body), ["addedhidden", "around", "in a box"]);
}

#[test]
fn an_open_document_is_read_by_paragraphs_with_notes_below_and_white_space_in_order() {
    let body = "<office:text><text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>
        <text:h>Zo\u{eb}
           <text:span> Lee</text:span><text:tab/>2026</text:h>
        <text:p>one<text:s text:c='3'/>two<text:line-break/>three<text:note><text:note-citation>1</text:note-citation>
          <text:note-body><text:p>a note</text:p></text:note-body></text:note>, on</text:p>
        <text:p/>
        <text:p>a<svg:title>picture</svg:title> <text:title>title</text:title>
          <office:annotation><text:p>remark</text:p></office:annotation></text:p>
        <table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell>
          <text:p>b</text:p></table:table-cell></table:table-row></table:table></office:text>";
    let styles = b"<s><style:header><text:p>Zoe</text:p></style:header><style:footer><text:p>Page</text:p></style:footer></s>";
    let content = odt_with(body, &[("styles.xml", styles)]);
    let extracted = read(&content, FileKind::Odt).unwrap();
    let expected = "Zoe\nZoë Lee\t2026\none   two\nthree, on\n\na title\na\tb\na note\nPage";
    assert_eq!(extracted.text(), expected);
    assert_eq!(read(&docx(""), FileKind::Odt), Err(ReadError::Broken(FileKind::Odt)));
}

#[test]
fn entities_stand_for_nothing_and_so_cannot_grow() {
    let ten = |n: u32| format!("<!ENTITY a{n} '{}'>", format!("&a{};", n - 1).repeat(10));
    let lol: Vec<String> = (1..10).map(ten).collect();
    let lol = lol.concat();
    let bomb = format!(
        "<!DOCTYPE d [<!ENTITY a0 'lol'>{lol}<!ENTITY file SYSTEM 'file:///etc/hostname'>]>
         <d><w:p><w:r><w:t>a&a9;b&file;c&amp;&#100;&#x110000;</w:t></w:r></w:p></d>"
    );
    let files: [(&str, &[u8]); 2] =
        [("[Content_Types].xml", b"<a/>"), ("word/document.xml", bomb.as_bytes())];
    assert_eq!(lines(&deflated(&files), FileKind::Docx), ["abc&d"]);
}

#[test]
fn deep_xml_is_read_to_five_hundred_levels() {
    let nested = |depth: usize| {
        format!("{}{}{}", "<w:sdt>".repeat(depth), paragraph("deep"), "</w:sdt>".repeat(depth))
    };
    // The document, its body, the paragraph, the run and its text are five.
    assert_eq!(docx_lines(&nested(495)), ["deep"]);
    assert_eq!(read(&docx(&nested(496)), FileKind::Docx), Err(ReadError::Broken(FileKind::Docx)));
    assert_eq!(read(&odt(&"<a>".repeat(2_000_000)), FileKind::Odt), Err(ReadError::Broken(FileKind::Odt)));
}

#[test]
fn xml_that_does_not_hold_together_is_refused() {
    for body in ["<w:p>", "</w:p>", "<w:p><w:r></w:p></w:r>", "a & b", "<w:p"] {
        assert_eq!(read(&docx(body), FileKind::Docx), Err(ReadError::Broken(FileKind::Docx)), "{body}");
    }
    let latin: [(&str, &[u8]); 2] =
        [("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"<w:p><w:t>Zo\xeb</w:t></w:p>")];
    assert_eq!(read(&deflated(&latin), FileKind::Docx), Err(ReadError::Broken(FileKind::Docx)));
}

#[test]
fn more_than_a_mebibyte_of_text_is_cut_and_says_so() {
    // Noise keeps the ratio of the archive below a hundred.
    let noise = noise(100_000);
    let read =
        |body: &str| read(&docx_with(body, &[("word/media/noise.png", &noise)]), FileKind::Docx).unwrap();
    let paragraphs = paragraph(&"x".repeat(1023)).repeat(1024);
    let whole = read(&paragraphs);
    assert_eq!((whole.text().len(), whole.is_cut()), (1024 * 1024 - 1, false));
    let more = read(&[paragraphs, paragraph("yz")].concat());
    assert_eq!((more.text().len(), more.is_cut()), (1024 * 1024 - 1, true));
    let much = read(&paragraph(&"x".repeat(5_000_000)));
    assert_eq!((much.text().len(), much.is_cut()), (1024 * 1024, true));
}
