//! What is read in PDFs, and in those that were made to do harm.

use std::io::Write as _;

use extraction::{ActiveContent, ExtractError, FileKind, ReadError, read};
use flate2::{
    Compression,
    write::{DeflateEncoder, ZlibEncoder},
};

use crate::support::{extractor, lines, page, pages, pdf, pdf_of, stream};

fn read_pdf(contents: &[&str]) -> extraction::Extracted {
    read(&pdf(contents), FileKind::Pdf).unwrap()
}

#[test]
fn text_is_read_by_pages_and_lines_with_offsets() {
    let first = page(&[(50, 700, "Zo\\353 Lee"), (50, 686, "Welder"), (50, 640, "Experience")]);
    let extracted = read_pdf(&[&first, &page(&[(50, 700, "Skills")])]);
    assert_eq!(pages(&extracted), ["Zoë Lee|Welder|Experience", "Skills"]);
    assert_eq!(extracted.text(), "Zoë Lee\nWelder\n\nExperience\u{c}Skills");
    for line in extracted.pages().flat_map(|page| page.lines) {
        let there = extracted.text().chars().skip(line.offset).take(line.text.chars().count());
        assert_eq!(there.collect::<String>(), line.text);
    }
    assert_eq!(extracted.pages().map(|page| page.number).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn glyphs_are_put_into_words_and_lines_by_where_they_stand() {
    // Words apart without a space between them, a column, a step back, and text that is turned.
    let apart =
        "BT /F 12 Tf 50 700 Td (Zoe) Tj 25 0 Td (Lee) Tj 200 0 Td (2026) Tj -275 0 Td (again) Tj ET\n";
    let pieces = "BT /F 12 Tf 50 600 Td [(W) 20 (eld) -20 (er) -400 (since)] TJ ET\n";
    let turned = "BT /F 12 Tf 0 1 -1 0 300 100 Tm (up the) Tj ( side) Tj ET\n";
    let flipped = "q 1 0 0 -1 0 800 cm BT /F 12 Tf 1 0 0 -1 50 400 Tm (from) Tj 40 0 Td (above) Tj ET Q\n";
    let read = read_pdf(&[&[apart, pieces, turned, flipped].concat()]);
    assert_eq!(pages(&read), ["Zoe Lee\t2026|again|Welder since|up the side|from above"]);
}

#[test]
fn fewer_than_fifty_characters_a_page_need_ocr() {
    let (enough, few) = ("x".repeat(50), "x".repeat(49));
    let on_page = |text: &str| page(&[(50, 700, text)]);
    assert!(!read_pdf(&[&on_page(&enough)]).needs_ocr());
    assert!(read_pdf(&[&on_page(&few)]).needs_ocr());
    // On average.
    assert!(!read_pdf(&[&on_page(&"x".repeat(100)), ""]).needs_ocr());
    assert!(read_pdf(&[&on_page(&enough), ""]).needs_ocr());
}

#[test]
fn more_than_a_mebibyte_of_text_is_cut_and_says_so() {
    let show =
        |count: usize| format!("BT /F 12 Tf {} ET", format!("({}) Tj ", "x".repeat(1024)).repeat(count));
    // At one place, so that each is a line of its own, which has an end.
    let short = read_pdf(&[&show(1_000)]);
    assert!(!short.is_cut() && short.text().len() > 1_000_000);
    let long = read_pdf(&[&show(600), &show(600)]);
    assert!(long.is_cut());
    assert_eq!(long.text().len(), 1024 * 1024);
}

#[test]
fn active_content_in_compressed_objects_is_seen_once_it_is_read() {
    let objects = deflated(b"10 0 <</S/Launch/F(calc)>>");
    let content = pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R>>".into(),
        "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 9 9]>>".into(),
        "<</Type/Page/Parent 2 0 R>>".into(),
        stream("/Type/ObjStm/N 1/First 5/Filter/FlateDecode", &objects),
    ]);
    assert_eq!(extraction::sniff(&content).unwrap().active_content, []);
    let found = read(&content, FileKind::Pdf).map(|read| read.active_content().to_vec());
    assert_eq!(found, Ok(vec![ActiveContent::Launch]));
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_page_that_is_broken_leaves_the_others() {
    let whole = page(&[(50, 700, "Zoe")]);
    // An operator that says nothing of what it needs takes the library down.
    let extracted = read_pdf(&[&whole, "BT /F 12 Tf (before) Tj 1 0 Td ET 1 cm", &whole]);
    assert_eq!(pages(&extracted), ["Zoe", "before", "Zoe"]);
    assert_eq!(read(&pdf(&["1 cm"]), FileKind::Pdf), Err(ReadError::Broken(FileKind::Pdf)));
    assert_eq!(read(b"%PDF-1.7\nno more", FileKind::Pdf), Err(ReadError::Broken(FileKind::Pdf)));
    assert_eq!(read(&pdf(&[]), FileKind::Pdf), Err(ReadError::Broken(FileKind::Pdf)));
}

#[test]
fn a_pdf_that_needs_a_password_is_told() {
    let encrypt = "/O(0123456789012345678901234567890a)/U(0123456789012345678901234567890b)/P -4";
    let content = String::from_utf8(pdf(&[&page(&[(50, 700, "Zoe")])])).unwrap();
    let trailer = format!("/Encrypt<</Filter/Standard/V 1/R 2{encrypt}>>/ID[(0)(0)]/Root");
    let content = content.replace("/Root", &trailer);
    assert_eq!(read(content.as_bytes(), FileKind::Pdf), Err(ReadError::Encrypted));
}

/// A file whose pages, fonts or forms are their own parents, whose stack or whose page tree has no end.
fn endless() -> Vec<(&'static str, Vec<u8>)> {
    let pages = |pages: &str, page: &str, content: &str| {
        pdf_of(&[
            "<</Type/Catalog/Pages 2 0 R>>".into(),
            format!("<</Type/Pages/Count 1{pages}>>").into(),
            format!("<</Type/Page/Parent 2 0 R{page}/Contents 4 0 R>>").into(),
            stream("", content.as_bytes()),
            stream("/Type/XObject/Subtype/Form/Resources<</XObject<</X 5 0 R>>>>", b"/X Do"),
        ])
    };
    let form = "/MediaBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>";
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    vec![
        ("parent", pages("/Kids[3 0 R]/Parent 2 0 R", "", "")),
        ("form", pages("/Kids[3 0 R]", form, "/X Do")),
        ("kids", pages("/Kids[2 0 R 3 0 R 2 0 R]", "/MediaBox[0 0 9 9]", "")),
        ("length", pages("/Kids[3 0 R]/MediaBox 2 0 R", "/Resources 3 0 R", "BT /F 1 Tf (x) Tj ET")),
        ("arrays", pages(&format!("/Kids[3 0 R]/MediaBox {deep}"), "", "")),
        ("content", pages("/Kids[3 0 R]/MediaBox[0 0 9 9]", "", &deep)),
        ("previous", String::from_utf8(pdf(&[])).unwrap().replace("/Root", "/Prev 9/Root").into_bytes()),
    ]
}

#[tokio::test]
async fn references_without_an_end_hurt_the_child_alone() {
    for (name, content) in endless() {
        match extractor().extract(FileKind::Pdf, &content).await {
            Ok(extracted) => assert!(extracted.text().len() < 100, "{name}: {extracted:?}"),
            Err(ExtractError::Read(_) | ExtractError::Died(_)) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    let sound = extractor().extract(FileKind::Pdf, &pdf(&[&page(&[(50, 700, "Zoe")])])).await.unwrap();
    assert_eq!(sound.text(), "Zoe");
}

#[tokio::test]
async fn a_stream_that_inflates_to_more_than_there_is_memory_hurts_the_child_alone() {
    // A mebibyte in deflate, which ends at a byte, as often as it takes.
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    encoder.flush().unwrap();
    let bomb = [b"\x78\x9c", &*encoder.get_ref().repeat(600)].concat();
    let content = pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R>>".into(),
        "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 9 9]>>".into(),
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>".into(),
        stream("/Filter/FlateDecode", &bomb),
    ]);
    let outcome = extractor().extract(FileKind::Pdf, &content).await;
    assert!(!matches!(&outcome, Ok(extracted) if extracted.text() != ""), "{outcome:?}");
    assert!(!matches!(outcome, Err(ExtractError::TookTooLong)));
}

#[test]
fn lines_keep_their_order_over_pages() {
    assert_eq!(lines(&pdf(&[&page(&[(50, 100, "low"), (50, 700, "high")])]), FileKind::Pdf), ["low", "high"]);
}
