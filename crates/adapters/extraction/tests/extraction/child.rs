//! What becomes of a child process that does harm, and of its parent.

use std::{fs, time::Duration};

use extraction::{ExtractError, Extracted, Extractor, FileKind, ReadError};

use crate::support::{docx, example, extractor, page, pdf};

/// What a child that does this comes to.
async fn hostile(deed: &str, life: Duration) -> Result<Extracted, ExtractError> {
    let extractor = Extractor::new(example("hostile"), deed).with_life(life);
    extractor.extract(FileKind::Text, &vec![b'x'; 300 * 1024]).await
}

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_child_reads_a_file_of_each_kind() {
    let samples: [(FileKind, Vec<u8>); 5] = [
        (FileKind::Pdf, pdf(&[&page(&[(50, 700, "Zoe")])])),
        (FileKind::Docx, docx("<w:p><w:r><w:t>Zoe</w:t></w:r></w:p>")),
        (FileKind::Rtf, b"{\\rtf1 Zoe}".to_vec()),
        (FileKind::Html, b"<p>Zoe".to_vec()),
        (FileKind::Text, b"Zoe".to_vec()),
    ];
    for (kind, content) in samples {
        let extracted = extractor().extract(kind, &content).await.unwrap();
        assert_eq!(extracted.text(), "Zoe", "{kind:?}");
        assert_eq!(extracted.needs_ocr(), kind == FileKind::Pdf);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_file_comes_back_as_it_is() {
    let refused = extractor().extract(FileKind::Docx, b"PK\x03\x04").await;
    assert!(matches!(refused, Err(ExtractError::Read(ReadError::Broken(FileKind::Docx)))), "{refused:?}");
    let refused = Extractor::new("/nowhere", "").extract(FileKind::Png, b"").await;
    assert!(matches!(refused, Err(ExtractError::Read(ReadError::NoText(FileKind::Png)))), "{refused:?}");
    let refused = Extractor::new("/nowhere", "").extract(FileKind::Text, b"").await;
    assert!(matches!(refused, Err(ExtractError::Start(_))), "{refused:?}");
}

#[tokio::test]
async fn much_text_goes_through() {
    let text = "\"\\\n".repeat(300_000);
    let extracted = extractor().extract(FileKind::Text, text.as_bytes()).await.unwrap();
    assert_eq!(extracted.text(), text.trim_end());
    let long = extractor().extract(FileKind::Text, &vec![b'x'; 2 * 1024 * 1024]).await.unwrap();
    assert_eq!((long.text().len(), long.is_cut()), (1024 * 1024, true));
}

#[tokio::test]
async fn a_child_has_the_limits_it_should() {
    let told = hostile("limits", LONG).await.unwrap();
    // Bytes of memory, seconds, bytes written, files, bytes of a core dump, processes.
    assert_eq!(told.text(), "[Some(536870912), Some(20), Some(0), Some(8), Some(0), Some(0)]");
    assert_eq!(hostile("environment", LONG).await.unwrap().text(), "[]");
}

#[tokio::test]
async fn a_child_that_never_ends_is_killed() {
    for deed in ["loop", "sleep"] {
        let outcome = hostile(deed, SHORT).await;
        assert!(matches!(outcome, Err(ExtractError::TookTooLong)), "{deed}: {outcome:?}");
    }
}

#[tokio::test]
#[ignore = "takes the 20 seconds that a child has: run it by its name"]
async fn a_child_that_computes_too_long_is_killed_by_its_own_limit() {
    let outcome = hostile("loop", LONG).await;
    assert!(matches!(outcome, Err(ExtractError::Died(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_child_that_takes_too_much_or_crashes_is_an_error() {
    for deed in ["allocate", "overflow", "abort", "unknown"] {
        let outcome = hostile(deed, LONG).await;
        assert!(matches!(outcome, Err(ExtractError::Died(_))), "{deed}: {outcome:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("written");
    let outcome = hostile(&format!("write:{}", path.display()), LONG).await;
    assert!(matches!(outcome, Err(ExtractError::Died(_))), "{outcome:?}");
    assert!(fs::read(&path).unwrap_or_default().is_empty());
}

#[tokio::test]
async fn a_child_that_says_too_much_or_nonsense_is_an_error() {
    let outcome = hostile("flood", LONG).await;
    assert!(matches!(outcome, Err(ExtractError::SaidTooMuch)), "{outcome:?}");
    let outcome = hostile("garbage", LONG).await;
    assert!(matches!(outcome, Err(ExtractError::Garbled)), "{outcome:?}");
}

/// Runs a script as the child.
async fn script(lines: &str, life: Duration) -> (Result<Extracted, ExtractError>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script");
    fs::write(&path, lines.replace("FOLDER", &folder.path().display().to_string())).unwrap();
    let outcome = Extractor::new("/bin/sh", &path).with_life(life).extract(FileKind::Text, b"x").await;
    (outcome, fs::read_to_string(folder.path().join("noted")).unwrap_or_default())
}

#[tokio::test]
async fn a_child_that_is_quiet_or_closes_its_pipes_is_an_error() {
    let (outcome, _) = script("exit 0", LONG).await;
    assert!(matches!(outcome, Err(ExtractError::Garbled)), "{outcome:?}");
    let (outcome, _) = script("exec 1>&-; sleep 600", SHORT).await;
    assert!(matches!(outcome, Err(ExtractError::TookTooLong)), "{outcome:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_a_child_started_dies_with_it() {
    let (outcome, started) = script("sleep 600 & echo $! >FOLDER/noted; wait", Duration::from_secs(1)).await;
    assert!(matches!(outcome, Err(ExtractError::TookTooLong)), "{outcome:?}");
    // Gone, or dead and not yet waited for by whoever inherited it.
    let is_alive = || {
        let status = fs::read_to_string(format!("/proc/{}/stat", started.trim())).unwrap_or_default();
        !status.is_empty() && !status.contains(") Z ")
    };
    assert!(!started.is_empty());
    for _ in 0..100 {
        if !is_alive() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{started} lives on");
}
