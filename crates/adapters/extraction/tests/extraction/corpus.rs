//! Files that others made, many of them broken on purpose, each also cut at every kibibyte.
//!
//! Fill a folder with what test suites of readers hold, such as the source distributions of `pypdf`, `pdfminer.six`,
//! `pikepdf`, `python-docx`, `odfpy`, `striprtf` and `pillow` (`pip download --no-deps --no-binary NAME NAME`,
//! unpacked), then run
//! `EXTRACTION_CORPUS=FOLDER cargo test -p extraction -- --ignored --nocapture corpus`.

use std::{collections::BTreeMap, fs, path::Path};

use extraction::{ExtractError, FileKind, sniff, without_metadata};

use crate::support::extractor;

/// Larger files are read whole alone: cut at every kibibyte they would take days.
const LARGEST_TO_CUT: usize = 256 * 1024;

fn files(folder: &Path, found: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files(&entry.path(), found);
        } else if kind.is_file() {
            let content = fs::read(entry.path()).unwrap();
            let looks = sniff(&content).map_or(FileKind::Zip, |sniffed| sniffed.kind);
            if !matches!(looks, FileKind::Text | FileKind::Unknown) {
                found.push(content);
            }
        }
    }
}

/// What comes of a file, in a word.
async fn outcome(content: &[u8]) -> String {
    let Ok(sniffed) = sniff(content) else { return "rejected".to_owned() };
    if sniffed.kind.is_image() {
        return without_metadata(content, sniffed.kind)
            .map_or("broken picture", |_| "cleaned picture")
            .to_owned();
    }
    match extractor().extract(sniffed.kind, content).await {
        Ok(_) => format!("{} read", sniffed.kind.label()),
        Err(ExtractError::Read(_)) => format!("{} refused", sniffed.kind.label()),
        // Readers of our own end by themselves, whatever they read.
        Err(error) => {
            assert_eq!(sniffed.kind, FileKind::Pdf, "{error}");
            format!("PDF: {error}")
        }
    }
}

#[tokio::test]
#[ignore = "reads the folder that EXTRACTION_CORPUS names, for minutes"]
async fn a_corpus_is_read_to_the_end_whole_and_cut_anywhere() {
    let folder = std::env::var_os("EXTRACTION_CORPUS").expect("EXTRACTION_CORPUS names a folder");
    let mut corpus = Vec::new();
    files(Path::new(&folder), &mut corpus);
    assert!(corpus.len() >= 100, "{} files are too few", corpus.len());
    let (mut whole, mut cut) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    for content in &corpus {
        *whole.entry(outcome(content).await).or_default() += 1;
        let lengths = if content.len() <= LARGEST_TO_CUT { content.len() / 1024 } else { 0 };
        for length in 1..=lengths {
            *cut.entry(outcome(&content[..length * 1024]).await).or_default() += 1;
        }
    }
    println!("{} files: {whole:#?}\ncut: {cut:#?}", corpus.len());
}
