//! Small files, each made by hand.

use std::{
    io::{Cursor, Write as _},
    path::PathBuf,
};

use extraction::{Extracted, Extractor, FileKind, read};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A program that lies beside this one.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples").join(name)
}

/// What reads files in the tests as it does in the product.
pub(crate) fn extractor() -> Extractor {
    Extractor::new(example("extract"), "extract")
}

/// The lines of a file, read in this process.
pub(crate) fn lines(content: &[u8], kind: FileKind) -> Vec<String> {
    let extracted = read(content, kind).unwrap();
    extracted.pages().flat_map(|page| page.lines).map(|line| line.text.to_owned()).collect()
}

/// The pages of a text, each with its lines between `|`.
pub(crate) fn pages(extracted: &Extracted) -> Vec<String> {
    let lines =
        |page: extraction::Page<'_>| page.lines.iter().map(|line| line.text).collect::<Vec<_>>().join("|");
    extracted.pages().map(lines).collect()
}

/// An archive of these files, in this order.
pub(crate) fn archive(method: CompressionMethod, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    archive(CompressionMethod::Deflated, files)
}

pub(crate) fn stored(files: &[(&str, &[u8])]) -> Vec<u8> {
    archive(CompressionMethod::Stored, files)
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;

/// Part of a Word document around this content of its body.
pub(crate) fn word(content: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{content}</w:body></w:document>"#
    )
}

/// A Word document with this body, and other files.
pub(crate) fn docx_with(body: &str, others: &[(&str, &[u8])]) -> Vec<u8> {
    let body = word(body);
    let mut files: Vec<(&str, &[u8])> =
        vec![("[Content_Types].xml", CONTENT_TYPES.as_bytes()), ("word/document.xml", body.as_bytes())];
    files.extend_from_slice(others);
    deflated(&files)
}

pub(crate) fn docx(body: &str) -> Vec<u8> {
    docx_with(body, &[])
}

/// An `OpenDocument` text with this body, and other files.
pub(crate) fn odt_with(body: &str, others: &[(&str, &[u8])]) -> Vec<u8> {
    let content = format!("<d xmlns:text='t' xmlns:office='o' xmlns:table='b' xmlns:svg='s'>{body}</d>");
    let mut files: Vec<(&str, &[u8])> =
        vec![("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", content.as_bytes())];
    files.extend_from_slice(others);
    stored(&files)
}

pub(crate) fn odt(body: &str) -> Vec<u8> {
    odt_with(body, &[])
}

/// A PDF of these objects, numbered from 1, the first of which is its catalogue.
pub(crate) fn pdf_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let size = objects.len() + 1;
    let mut table = vec![format!("xref\n0 {size}\n0000000000 65535 f \n")];
    for (index, object) in objects.iter().enumerate() {
        table.push(format!("{:010} 00000 n \n", file.len()));
        file.extend([format!("{} 0 obj\n", index + 1).as_bytes(), object, b"\nendobj\n"].concat());
    }
    let (start, table) = (file.len(), table.concat());
    file.extend(
        format!("{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    file
}

pub(crate) fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let dictionary = format!("<<{dictionary}/Length {}>>\nstream\n", content.len());
    [dictionary.as_bytes(), content, b"\nendstream"].concat()
}

/// A PDF with a page for each of these contents, in which `/F` is Helvetica.
pub(crate) fn pdf(contents: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..contents.len()).map(|index| format!("{} 0 R", 4 + 2 * index)).collect();
    let pages = format!("/Count {}/Kids[{}]", contents.len(), kids.join(" "));
    let mut objects: Vec<Vec<u8>> = vec![
        "<</Type/Catalog/Pages 2 0 R>>".into(),
        format!("<</Type/Pages{pages}/MediaBox[0 0 600 800]>>").into(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".into(),
    ];
    for (index, content) in contents.iter().enumerate() {
        let page = format!("/Resources<</Font<</F 3 0 R>>>>/Contents {} 0 R", 5 + 2 * index);
        objects.push(format!("<</Type/Page/Parent 2 0 R{page}>>").into());
        objects.push(stream("", content.as_bytes()));
    }
    pdf_of(&objects)
}

/// A page of 12 point lines, each at its place.
pub(crate) fn page(lines: &[(i32, i32, &str)]) -> String {
    let shown = lines.iter().map(|(x, y, text)| format!("BT /F 12 Tf {x} {y} Td ({text}) Tj ET\n"));
    shown.collect()
}
