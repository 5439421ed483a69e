//! What clamd is sent, and what its answers mean: against one that says what a test wants.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the finding")]

use std::{future, time::Duration};

use document::{Verdict, ports::Scanner as _};
use kernel::document::{Chunks, ContentError};
use scanning::ClamdScanner;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufStream},
    net::{TcpListener, TcpSocket, TcpStream, UnixListener},
    task::{JoinHandle, yield_now},
    time::Instant,
};

/// What scanners find, to try them (eicar.org), in two parts, so that they do not find it here.
const EICAR: [&[u8]; 2] = [br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD", b"-ANTIVIRUS-TEST-FILE!$H+H*"];

/// How much of a file a clamd takes before it answers.
#[derive(Debug, Clone, Copy)]
enum Takes {
    All,
    /// So many bytes, and then it closes.
    Some(usize),
    /// So many bytes, and then it answers and reads no more, and keeps the connection.
    Stalls(usize),
}

/// Takes a command and a file, and answers in pieces. Gives back both.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    takes: Takes,
    pieces: Vec<&'static [u8]>,
) -> (String, Vec<u8>) {
    let mut stream = BufStream::new(stream);
    let (mut command, mut file) = (Vec::new(), Vec::new());
    stream.read_until(0, &mut command).await.unwrap();
    if command == b"zINSTREAM\0" {
        loop {
            let length = stream.read_u32().await.unwrap();
            let at = file.len();
            file.resize(at + usize::try_from(length).unwrap(), 0);
            stream.read_exact(&mut file[at..]).await.unwrap();
            match takes {
                Takes::Some(most) | Takes::Stalls(most) if file.len() >= most => break,
                _ if length == 0 => break,
                _ => {}
            }
        }
    }
    for piece in pieces {
        stream.write_all(piece).await.unwrap();
        stream.flush().await.unwrap();
        yield_now().await;
    }
    if matches!(takes, Takes::Stalls(_)) {
        future::pending::<()>().await;
    }
    (String::from_utf8(command).unwrap(), file)
}

const LONG: Duration = Duration::from_secs(30);

/// A clamd on a port, for one connection.
async fn clamd(
    takes: Takes,
    pieces: &[&'static [u8]],
    timeout: Duration,
) -> (ClamdScanner, JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let pieces = pieces.to_vec();
    let served = tokio::spawn(async move { answer(listener.accept().await.unwrap().0, takes, pieces).await });
    (ClamdScanner::new(&address, timeout).unwrap(), served)
}

fn content(chunks: &[&[u8]]) -> std::vec::IntoIter<Vec<u8>> {
    chunks.iter().map(|chunk| chunk.to_vec()).collect::<Vec<_>>().into_iter()
}

/// What comes of a scan of a small file.
async fn scan(pieces: &[&'static [u8]]) -> Result<Verdict, ContentError> {
    let (scanner, _) = clamd(Takes::All, pieces, LONG).await;
    scanner.scan(&mut content(&[b"Zoe"])).await
}

fn fault(outcome: Result<impl std::fmt::Debug, ContentError>) -> String {
    match outcome {
        Err(ContentError::Fault(sentence)) => sentence,
        outcome => panic!("{outcome:?}"),
    }
}

fn unavailable(outcome: Result<impl std::fmt::Debug, ContentError>) -> String {
    match outcome {
        Err(ContentError::Unavailable(sentence)) => sentence,
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_file_is_sent_whole_and_what_is_found_is_named() {
    let found = &[&b"stream: Eicar-Test-Sig"[..], b"nature FOUND", b"\0"];
    let (scanner, served) = clamd(Takes::All, found, LONG).await;
    let verdict = scanner.scan(&mut content(&EICAR)).await;
    assert_eq!(verdict, Ok(Verdict::Harmful("Eicar-Test-Signature".to_owned())));
    assert_eq!(served.await.unwrap(), ("zINSTREAM\0".to_owned(), EICAR.concat()));
    let (scanner, served) = clamd(Takes::All, &[b"stream: OK\0"], LONG).await;
    let large: Vec<u8> = (0..1_000_000_u32).map(|number| number.to_be_bytes()[3]).collect();
    assert_eq!(scanner.scan(&mut content(&[&large, b"end"])).await, Ok(Verdict::Clean));
    assert_eq!(served.await.unwrap().1, [&large[..], b"end"].concat());
}

#[tokio::test]
async fn a_socket_in_a_folder_serves_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clamd.ctl");
    let scanner = ClamdScanner::new(&format!("unix:{}", path.display()), LONG).unwrap();
    let sentence = unavailable(scanner.scan(&mut content(&[b"Zoe"])).await);
    assert!(sentence.contains("clamd.ctl does not answer"), "{sentence}");
    let listener = UnixListener::bind(&path).unwrap();
    for (takes, file) in [(Takes::All, 3), (Takes::Some(1), 8_000_000)] {
        let mut file = content(&[&vec![b'x'; file]]);
        let answered =
            async { answer(listener.accept().await.unwrap().0, takes, vec![b"stream: Test FOUND\0"]).await };
        let (scanned, _) = tokio::join!(scanner.scan(&mut file), answered);
        assert_eq!(scanned, Ok(Verdict::Harmful("Test".to_owned())), "{takes:?}");
    }
}

#[tokio::test]
async fn what_is_no_verdict_is_a_fault_that_says_what_came() {
    for answer in
        [&b"stream: OK FOUNDLING\0"[..], b"OK\0", b"stream: \0", b"stream: OK", b"INSTREAM: no ERROR\0"]
    {
        let said = String::from_utf8_lossy(answer.strip_suffix(b"\0").unwrap_or(answer));
        let sentence = fault(scan(&[answer]).await);
        assert!(
            sentence.starts_with("clamd at tcp://127.0.0.1:") && sentence.ends_with(&*said),
            "{sentence}"
        );
    }
    let sentence = fault(scan(&[&[b'x'; 8 * 1024]]).await);
    assert!(sentence.len() < 200, "{sentence}");
    let sentence = unavailable(scan(&[]).await);
    assert!(sentence.ends_with("it closed the connection"), "{sentence}");
}

#[tokio::test]
async fn a_clamd_that_answers_before_it_has_all_is_heard() {
    let large = vec![b'x'; 8 * 1024 * 1024];
    for takes in [Takes::Some(1), Takes::Stalls(1)] {
        let (scanner, _) = clamd(takes, &[b"INSTREAM size limit exceeded. ERROR\0"], LONG).await;
        let sentence = fault(scanner.scan(&mut content(&[&large])).await);
        assert!(sentence.contains("StreamMaxLength"), "{takes:?}: {sentence}");
        let (scanner, _) = clamd(takes, &[b"stream: OK\0"], LONG).await;
        let sentence = fault(scanner.scan(&mut content(&[&large])).await);
        assert!(sentence.contains("before it had the whole file"), "{takes:?}: {sentence}");
    }
}

// Where nothing else is to be done, the time of these tests goes on by itself.

#[tokio::test(start_paused = true)]
async fn a_clamd_that_hangs_is_given_up_after_the_time_it_is_given() {
    for takes in [Takes::Stalls(0), Takes::Stalls(usize::MAX)] {
        let (scanner, _) = clamd(takes, &[], ClamdScanner::TIMEOUT).await;
        let started = Instant::now();
        let sentence = unavailable(scanner.scan(&mut content(&[&vec![b'x'; 8 * 1024 * 1024]])).await);
        assert!(sentence.ends_with("it was not done after 60 s"), "{sentence}");
        assert_eq!(started.elapsed().as_secs(), 60);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_clamd_that_takes_no_connection_is_given_up_sooner() {
    // The one place in its queue is taken, and Linux lets others wait before it.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _first = TcpStream::connect(address).await.unwrap();
    let scanner = ClamdScanner::new(&format!("tcp://{address}"), ClamdScanner::TIMEOUT).unwrap();
    let started = Instant::now();
    let sentence = unavailable(scanner.version().await);
    assert!(sentence.ends_with("does not answer: timed out"), "{sentence}");
    assert_eq!(started.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn a_clamd_that_is_not_there_is_unavailable() {
    let (scanner, served) = clamd(Takes::All, &[], LONG).await;
    served.abort();
    assert!(served.await.unwrap_err().is_cancelled());
    let sentence = unavailable(scanner.version().await);
    assert!(sentence.contains("refused"), "{sentence}");
}

/// Content that ends too early.
struct Cut;

#[async_trait::async_trait]
impl Chunks for Cut {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
        Err(ContentError::Altered)
    }
}

#[tokio::test]
async fn content_that_does_not_come_is_no_fault_of_the_scanner() {
    let (scanner, _) = clamd(Takes::All, &[b"stream: OK\0"], LONG).await;
    assert_eq!(scanner.scan(&mut Cut).await, Err(ContentError::Altered));
}

#[tokio::test]
async fn clamd_says_its_version() {
    let (scanner, served) = clamd(Takes::All, &[b"ClamAV 1.4.3/27", b"800\0"], LONG).await;
    assert_eq!(scanner.version().await, Ok("ClamAV 1.4.3/27800".to_owned()));
    assert_eq!(served.await.unwrap().0, "zVERSION\0");
    let (scanner, _) = clamd(Takes::All, &[b"PONG\0"], LONG).await;
    let sentence = fault(scanner.version().await);
    assert!(sentence.ends_with("says: PONG"), "{sentence}");
}
