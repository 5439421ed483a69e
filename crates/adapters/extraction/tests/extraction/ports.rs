//! What the domain of documents is told of a file.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use document::{
    DocumentText, Inspected,
    ports::{InspectError, Inspector, TextError, TextReader},
};
use extraction::{ActiveContent, Extractor, FileInspector, FileKind, InProcessReader, ReadError};
use kernel::document::{Chunks, ContentError, FileName};
use tokio::{sync::Semaphore, task::yield_now};

use crate::{
    images::{SECRET, exif, jpeg, segment},
    support::{deflated, docx_with, example, extractor, page, pdf_of, stored, stream},
};

/// The file in pieces.
fn pieces(content: &[u8]) -> std::vec::IntoIter<Vec<u8>> {
    content.chunks(100).map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter()
}

async fn inspect(name: &str, content: &[u8]) -> Result<Inspected, InspectError> {
    FileInspector::default().inspect(&FileName::new(name).unwrap(), &mut pieces(content)).await
}

async fn refusal(name: &str, content: &[u8]) -> String {
    match inspect(name, content).await {
        Err(InspectError::Refused(sentence)) => sentence,
        outcome => panic!("{name}: {outcome:?}"),
    }
}

#[tokio::test]
async fn a_picture_is_kept_without_what_it_tells_about_people() {
    let plain = jpeg(3, 2, &[]);
    let told = jpeg(3, 2, &[segment(0xe1, &[b"Exif\0\0", &exif(1)[..]].concat())]);
    assert!(told.windows(SECRET.len()).any(|window| window == SECRET));
    let expected = Inspected { kind: FileKind::Jpeg, active_content: Vec::new(), cleaned: None };
    assert_eq!(inspect("me.jpg", &plain).await, Ok(expected.clone()));
    assert_eq!(inspect("me.jpg", &told).await, Ok(Inspected { cleaned: Some(plain), ..expected }));
}

#[tokio::test]
async fn what_a_file_can_do_is_told_and_an_unknown_kind_is_left_to_the_domain() {
    let sheet = stored(&[("xl/workbook.xml", b"x")]);
    let document = docx_with("<w:p/>", &[("word/embeddings/a.xlsx", &sheet)]);
    let active_content = vec![ActiveContent::EmbeddedFile];
    let expected = Inspected { kind: FileKind::Docx, active_content, cleaned: None };
    assert_eq!(inspect("cv.docx", &document).await, Ok(expected));
    let expected = Inspected { kind: FileKind::Unknown, active_content: Vec::new(), cleaned: None };
    assert_eq!(inspect("cv.pdf", b"\x7fELF\x02\x01\x01\0").await, Ok(expected));
}

#[tokio::test]
async fn what_is_refused_is_refused_with_a_sentence() {
    let lying = refusal("cv.pdf", &docx_with("<w:p/>", &[])).await;
    assert!(lying.contains(".pdf") && lying.contains("DOCX"), "{lying}");
    let bomb = refusal("all.zip", &deflated(&[("zeros", &vec![0; 60 * 1024 * 1024])])).await;
    assert_eq!(bomb, "the file unpacks to more than 100 times its size");
    let broken = refusal("me.jpg", b"\xff\xd8\xff\xe0").await;
    assert!(broken.contains("JPEG file is broken"), "{broken}");
}

/// A PDF with text and a script.
fn scripted() -> Vec<u8> {
    pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript>>>>".into(),
        "<</Type/Pages/Count 1/Kids[4 0 R]/MediaBox[0 0 600 800]>>".into(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".into(),
        "<</Type/Page/Parent 2 0 R/Resources<</Font<</F 3 0 R>>>>/Contents 5 0 R>>".into(),
        stream("", page(&[(50, 700, "Zoe Lee"), (50, 680, "welder")]).as_bytes()),
    ])
}

#[tokio::test]
async fn a_text_is_the_same_from_a_child_and_in_process() {
    let expected = DocumentText {
        text: "Zoe Lee\nwelder".to_owned(),
        is_cut: false,
        needs_ocr: true,
        active_content: vec![ActiveContent::JavaScript, ActiveContent::OpenAction],
    };
    let readers: [&dyn TextReader; 2] = [&extractor(), &InProcessReader::default()];
    for reader in readers {
        assert_eq!(reader.read(FileKind::Pdf, &mut pieces(&scripted())).await, Ok(expected.clone()));
        let unreadable = TextError::Unreadable(ReadError::Broken(FileKind::Pdf).to_string());
        assert_eq!(reader.read(FileKind::Pdf, &mut pieces(b"%PDF-1.7")).await, Err(unreadable));
        let none = TextError::Unreadable("no text is read from PNG".to_owned());
        assert_eq!(reader.read(FileKind::Png, &mut pieces(b"x")).await, Err(none));
    }
}

#[tokio::test]
async fn a_child_that_dies_says_the_file_is_unreadable_and_one_that_never_was_says_to_try_again() {
    let died = Extractor::new(example("hostile"), "allocate").read(FileKind::Text, &mut pieces(b"x")).await;
    assert!(
        matches!(&died, Err(TextError::Unreadable(why)) if why.starts_with("reading the file ended with")),
        "{died:?}"
    );
    let missing = Extractor::new("/nowhere", "").read(FileKind::Text, &mut pieces(b"x")).await;
    assert!(
        matches!(&missing, Err(TextError::Content(ContentError::Unavailable(why))) if why.contains("cannot be started")),
        "{missing:?}"
    );
}

/// Content that does not come.
struct Gone;

#[async_trait::async_trait]
impl Chunks for Gone {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
        Err(ContentError::Missing)
    }
}

#[tokio::test]
async fn content_that_does_not_come_is_no_fault_of_the_file() {
    let name = FileName::new("cv.pdf").unwrap();
    let looked = FileInspector::default().inspect(&name, &mut Gone).await;
    assert_eq!(looked, Err(InspectError::Content(ContentError::Missing)));
    let readers: [&dyn TextReader; 2] = [&extractor(), &InProcessReader::default()];
    for reader in readers {
        let read = reader.read(FileKind::Text, &mut Gone).await;
        assert_eq!(read, Err(TextError::Content(ContentError::Missing)));
    }
}

/// Content that counts who asks for it, and comes once there is a permit for each.
#[derive(Clone)]
struct Gated {
    asked: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

#[async_trait::async_trait]
impl Chunks for Gated {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        Ok(None)
    }
}

/// How many of so many that begin together ask for their content, before the first is done; then all are done.
async fn asking<F>(many: usize, work: impl Fn(Gated) -> F) -> usize
where
    F: Future<Output = ()> + Send + 'static,
{
    let content = Gated { asked: Arc::default(), gate: Arc::new(Semaphore::new(0)) };
    let tasks: Vec<_> = (0..many).map(|_| tokio::spawn(work(content.clone()))).collect();
    for _ in 0..100 {
        yield_now().await;
    }
    let asked = content.asked.load(Ordering::SeqCst);
    content.gate.add_permits(many);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(content.asked.load(Ordering::SeqCst), many);
    asked
}

#[tokio::test]
async fn files_wait_for_their_turn_before_they_are_in_memory() {
    let inspector = FileInspector::default();
    let turns = available_parallelism().map_or(1, NonZero::get).max(2);
    let looking = |mut content: Gated| {
        let inspector = inspector.clone();
        async move {
            let empty = inspector.inspect(&FileName::new("cv.pdf").unwrap(), &mut content).await;
            assert_eq!(empty, Err(InspectError::Refused("the file is empty".to_owned())));
        }
    };
    assert_eq!(asking(turns + 2, looking).await, turns);
    let readers: [Arc<dyn TextReader>; 2] = [Arc::new(extractor()), Arc::new(InProcessReader::default())];
    for reader in readers {
        let reading = |mut content: Gated| {
            let reader = Arc::clone(&reader);
            async move { assert!(reader.read(FileKind::Text, &mut content).await.is_ok()) }
        };
        assert_eq!(asking(5, reading).await, 2);
    }
}
