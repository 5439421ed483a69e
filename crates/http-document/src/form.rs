//! A form with a file in it (`multipart/form-data`, RFC 7578), taken in piece by piece as it comes.

use std::time::{Duration, Instant};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, http::StatusCode, web::Bytes};
use async_trait::async_trait;
use document::{Received, Uploader};
use futures_util::{StreamExt as _, future::join};
use http_shell::{Deadline, Problem};
use kernel::document::{Chunks, ContentError};
use tokio::sync::mpsc;

/// How many bytes a field has that is no file.
const LONGEST_FIELD: usize = 1024;

/// How long the next bytes may take to arrive.
const PAUSE: Duration = Duration::from_secs(8);

/// How long all of them may take.
const WHOLE: Duration = Duration::from_mins(10);

/// How long it may take besides to keep what came.
const KEEPING: Duration = Duration::from_mins(1);

/// What came.
#[derive(Default)]
pub(crate) struct Form {
    /// The file as it is called.
    pub(crate) file_name: Option<String>,
    /// Its content, once it was taken in.
    pub(crate) file: Option<Received>,
    /// All other fields, each once.
    pub(crate) fields: Vec<(String, String)>,
}

/// The clock of a form: it may take long as a whole, and no pause in it may. A slow object store makes no pause: what
/// it is at is not waited for here.
struct Patience {
    until: Instant,
}

impl Patience {
    async fn wait<T>(&self, next: impl Future<Output = T>) -> Result<T, Problem> {
        let pause = PAUSE.min(self.until.saturating_duration_since(Instant::now()));
        let next = tokio::time::timeout(pause, next).await;
        next.map_err(|_| {
            Problem::new(StatusCode::REQUEST_TIMEOUT, "request.too_slow", "the file took too long to arrive")
        })
    }
}

/// Takes in a form, whose file the uploader receives, wherever in the form it comes. Of a form that is refused nothing
/// is left.
pub(crate) async fn take(
    req: &HttpRequest,
    form: Multipart,
    known: &[&str],
    uploader: &Uploader,
) -> Result<Form, Problem> {
    Deadline::of(req)?.allow(WHOLE + KEEPING);
    let mut taken = Form::default();
    let whole = fill(&mut taken, form, known, uploader).await;
    match (whole, taken.file.take()) {
        (Ok(()), file) => Ok(Form { file, ..taken }),
        (Err(problem), file) => {
            if let Some(received) = file {
                uploader.discard(received).await;
            }
            Err(problem)
        }
    }
}

async fn fill(
    taken: &mut Form,
    mut form: Multipart,
    known: &[&str],
    uploader: &Uploader,
) -> Result<(), Problem> {
    let patience = Patience { until: Instant::now() + WHOLE };
    while let Some(field) = patience.wait(form.next()).await? {
        let mut field = field.map_err(|error| broken(&error))?;
        let name = field.name().unwrap_or_default().to_owned();
        let twice =
            || Problem::invalid(vec![(format!("/{name}"), "is there twice; send it once".to_owned())]);
        if name == "file" {
            let file_name = field.content_disposition().and_then(|disposition| disposition.get_filename());
            taken.file_name = file_name.map(str::to_owned);
            if taken.file.is_some() {
                return Err(twice());
            }
            let (sender, receiver) = mpsc::channel(1);
            // The pieces end with whoever takes them: what is sent of a refused file waits for nobody then.
            let received = async {
                let mut pieces = Pieces(receiver);
                uploader.receive(&mut pieces).await
            };
            let (passed, received) = join(pass_on(&mut field, &patience, sender), received).await;
            passed?;
            taken.file = Some(received.map_err(super::problem)?);
            continue;
        }
        if !known.contains(&&*name) {
            let sentence = format!("is none of the fields; they are file, {}", known.join(", "));
            return Err(Problem::invalid(vec![(format!("/{name}"), sentence)]));
        }
        if taken.fields.iter().any(|(other, _)| *other == name) {
            return Err(twice());
        }
        let text = text(&mut field, &patience, &name).await?;
        taken.fields.push((name, text));
    }
    Ok(())
}

async fn next(field: &mut Field, patience: &Patience) -> Result<Option<Bytes>, Problem> {
    patience.wait(field.next()).await?.transpose().map_err(|error| broken(&error))
}

async fn text(field: &mut Field, patience: &Patience, name: &str) -> Result<String, Problem> {
    let wrong = |sentence: &str| Problem::invalid(vec![(format!("/{name}"), sentence.to_owned())]);
    let mut text = Vec::new();
    while let Some(piece) = next(field, patience).await? {
        text.extend_from_slice(&piece);
        if text.len() > LONGEST_FIELD {
            return Err(wrong("is longer than 1 KiB"));
        }
    }
    String::from_utf8(text).map_err(|_| wrong("is no UTF-8"))
}

/// The pieces of a connection stay on its thread, and what takes them in may go to others: a channel lies between. What
/// takes them in is told where they end too early, so that it does not take them for the whole.
async fn pass_on(
    field: &mut Field,
    patience: &Patience,
    sender: mpsc::Sender<Result<Vec<u8>, ContentError>>,
) -> Result<(), Problem> {
    loop {
        match next(field, patience).await {
            Ok(Some(piece)) => {
                if sender.send(Ok(piece.into())).await.is_err() {
                    // Nobody takes more of a file that is refused already.
                    return Ok(());
                }
            }
            Ok(None) => return Ok(()),
            Err(problem) => {
                let _ = sender.send(Err(ContentError::Interrupted(problem.to_string()))).await;
                return Err(problem);
            }
        }
    }
}

struct Pieces(mpsc::Receiver<Result<Vec<u8>, ContentError>>);

#[async_trait]
impl Chunks for Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
        loop {
            match self.0.recv().await.transpose()? {
                Some(piece) if piece.is_empty() => {}
                piece => return Ok(piece),
            }
        }
    }
}

fn broken(error: &MultipartError) -> Problem {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible
        | MultipartError::BoundaryMissing => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "request.unsupported_media_type",
            "send a form as `multipart/form-data` with a boundary, and the file in its field `file`",
        ),
        error => Problem::new(
            StatusCode::BAD_REQUEST,
            "request.malformed",
            format!("the form cannot be read: {error}"),
        ),
    }
}
