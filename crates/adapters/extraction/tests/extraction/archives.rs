//! Archives at their limits, and beyond.

use extraction::{ActiveContent, FileKind, ReadError, Rejection, read, sniff};

use crate::support::{deflated, docx_with, lines, odt_with, stored};

const MIB: usize = 1024 * 1024;

/// Bytes that deflate makes no smaller.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn replaced(archive: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut archive = archive.to_vec();
    for at in 0..archive.len() - from.len() {
        if archive[at..].starts_with(from) {
            archive[at..at + from.len()].copy_from_slice(to);
        }
    }
    archive
}

/// The archive with other numbers in its headers: those in its list of files, and those before each file.
fn patched(archive: &[u8], in_list: usize, before_file: usize, number: &[u8]) -> Vec<u8> {
    let mut archive = archive.to_vec();
    for at in 0..archive.len() - 46 {
        let offset = match &archive[at..at + 4] {
            b"PK\x01\x02" => in_list,
            b"PK\x03\x04" => before_file,
            _ => continue,
        };
        archive[at + offset..at + offset + number.len()].copy_from_slice(number);
    }
    archive
}

#[test]
fn two_hundred_files_are_taken_and_one_more_is_not() {
    let names: Vec<String> = (0..201).map(|number| format!("{number}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert_eq!(sniff(&stored(&files[..200])).unwrap().kind, FileKind::Zip);
    assert_eq!(sniff(&stored(&files)), Err(Rejection::TooManyEntries { entries: 201 }));
}

#[test]
fn fifty_mebibytes_are_unpacked_and_one_byte_more_is_not() {
    // A mebibyte of noise keeps the ratio below a hundred.
    let (noise, zeros) = (noise(MIB), vec![0; 49 * MIB]);
    let whole = deflated(&[("noise", &noise), ("zeros", &zeros)]);
    assert_eq!(sniff(&whole).unwrap().kind, FileKind::Zip);
    let more = deflated(&[("noise", &noise), ("zeros", &zeros), ("one", b"1")]);
    assert_eq!(sniff(&more), Err(Rejection::TooLarge));
}

#[test]
fn a_file_unpacks_to_a_hundred_times_its_size_at_most() {
    let archive = |zeros: usize| {
        let zeros = vec![0; zeros];
        deflated(&[("zeros", &zeros), ("noise", &noise(10_000))])
    };
    let fits = |zeros: usize| zeros + 10_000 <= archive(zeros).len() * 100;
    let (mut most, mut more) = (0, 4 * MIB);
    while more - most > 1 {
        let middle = usize::midpoint(most, more);
        *(if fits(middle) { &mut most } else { &mut more }) = middle;
    }
    assert_eq!(sniff(&archive(most)).unwrap().kind, FileKind::Zip);
    assert_eq!(sniff(&archive(more)), Err(Rejection::TooCompressed));
}

#[test]
fn what_headers_say_of_sizes_is_not_believed() {
    let bomb = deflated(&[("zeros", &vec![0; 60 * MIB])]);
    let lying = patched(&bomb, 24, 22, &10_u32.to_le_bytes());
    assert_eq!(sniff(&bomb), Err(Rejection::TooCompressed));
    assert!(sniff(&lying).is_err());
    // The same as a part of a document that is read.
    let part = format!("<w:p>{}</w:p>", " ".repeat(60 * MIB));
    let document = docx_with(&part, &[("word/media/noise.png", &noise(MIB))]);
    assert_eq!(sniff(&document), Err(Rejection::TooLarge));
    assert_eq!(read(&document, FileKind::Docx), Err(ReadError::TooLarge));
}

#[test]
fn archives_in_archives_are_refused() {
    let inner = stored(&[("a.txt", b"x")]);
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03";
    for (name, content) in [("word/embeddings/inner.bin", &inner[..]), ("inner.gz", gzip)] {
        let refused = sniff(&docx_with("<w:p/>", &[(name, content)]));
        assert_eq!(refused, Err(Rejection::NestedArchive { entry: name.to_owned() }));
    }
}

#[test]
fn a_word_document_may_hold_documents_of_office_and_says_so() {
    let inner = stored(&[("xl/workbook.xml", b"x")]);
    let paragraph = "<w:p><w:r><w:t>Zoe</w:t></w:r></w:p>";
    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 as in 2003";
    for (name, content) in [
        ("word/embeddings/Microsoft_Excel_Sheet.xlsx", &inner[..]),
        ("word/embeddings/Microsoft_Word_Document1.docx", &inner),
        ("word/embeddings/a.b.pptx", &inner),
        ("word/embeddings/oleObject1.bin", old),
    ] {
        let outer = docx_with(paragraph, &[(name, content)]);
        let sniffed = sniff(&outer).unwrap();
        let expected = (FileKind::Docx, &[ActiveContent::EmbeddedFile][..]);
        assert_eq!((sniffed.kind, &*sniffed.active_content), expected, "{name}");
        assert_eq!(lines(&outer, FileKind::Docx), ["Zoe"]);
    }
    let parts = [("word/embeddings/a.xlsx", &inner[..]), ("word/vbaProject.bin", b"macros")];
    let both = sniff(&docx_with(paragraph, &parts)).unwrap().active_content;
    assert_eq!(both, [ActiveContent::EmbeddedFile, ActiveContent::Macros]);
}

#[test]
fn no_other_archive_passes_for_a_document_of_office() {
    let inner = stored(&[("xl/workbook.xml", b"x")]);
    let sheet = "word/embeddings/a.xlsx";
    let refused = |entry: &str| Err(Rejection::NestedArchive { entry: entry.to_owned() });
    for name in
        ["word/a.xlsx", "embeddings/a.xlsx", "word/embeddings/a.xlsm", "word/embeddings/xlsx", "a.docx"]
    {
        assert_eq!(sniff(&docx_with("<w:p/>", &[(name, &inner)])), refused(name));
    }
    assert_eq!(sniff(&docx_with("<w:p/>", &[(sheet, b"\x1f\x8b\x08\0\0\0\0\0\0\x03")])), refused(sheet));
    assert_eq!(sniff(&deflated(&[(sheet, &inner)])), refused(sheet));
    assert_eq!(sniff(&odt_with("<text:p/>", &[(sheet, &inner)])), refused(sheet));
}

#[test]
fn paths_that_leave_the_folder_are_refused() {
    for path in ["/etc/passwd", "../a", "a/../../b", "a\\..\\b", "\\a", "C:\\a", "c:a", ".."] {
        let refused = sniff(&stored(&[(path, b"x")]));
        assert_eq!(refused, Err(Rejection::UnsafePath { entry: path.replace('\\', "/") }), "{path}");
    }
    for path in ["a..b", "a/b..", ".rels", "_rels/.rels", "a/./b"] {
        assert_eq!(sniff(&stored(&[(path, b"x")])).unwrap().kind, FileKind::Zip, "{path}");
    }
}

#[test]
fn encrypted_files_are_refused() {
    let plain = stored(&[("a.txt", b"x")]);
    assert_eq!(sniff(&patched(&plain, 8, 6, &1_u16.to_le_bytes())), Err(Rejection::Encrypted));
}

#[test]
fn two_files_of_one_name_are_refused() {
    let twice = replaced(&stored(&[("a.txt", b"x"), ("b.txt", b"y")]), b"b.txt", b"a.txt");
    assert!(matches!(sniff(&twice), Err(Rejection::DuplicateEntry { .. })), "{:?}", sniff(&twice));
    let alike = stored(&[("word/document.xml", b"x"), ("Word/Document.XML", b"y")]);
    assert_eq!(sniff(&alike), Err(Rejection::DuplicateEntry { entry: "Word/Document.XML".to_owned() }));
}

#[test]
fn broken_archives_are_refused_wherever_they_are_cut() {
    let whole = docx_with("<w:p><w:r><w:t>Zoe</w:t></w:r></w:p>", &[("word/media/noise.png", &noise(3_000))]);
    for length in 1..whole.len() {
        let cut = &whole[..length];
        assert!(!matches!(sniff(cut), Ok(sniffed) if sniffed.kind == FileKind::Docx), "{length}");
        assert!(read(cut, FileKind::Docx).is_err(), "{length}");
    }
    let mut flipped = whole.clone();
    let at = flipped.windows(9).position(|window| window == b"noise.png").unwrap() + 200;
    flipped[at] ^= 1;
    assert!(matches!(sniff(&flipped), Err(Rejection::Broken { kind: FileKind::Zip, .. })));
}

#[test]
fn files_that_overlap_are_refused() {
    // Two entries of the list that name the same bytes, as bombs do to unpack them many times.
    let archive = stored(&[("a.txt", b"x"), ("b.txt", b"x")]);
    let entries: Vec<usize> =
        (0..archive.len() - 4).filter(|at| archive[*at..].starts_with(b"PK\x01\x02")).collect();
    let mut overlapping = archive.clone();
    overlapping[entries[1] + 42..entries[1] + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert_eq!(
        sniff(&overlapping),
        Err(Rejection::Broken { kind: FileKind::Zip, fault: "its files overlap" })
    );
}
