//! The text of a file, read in the process that asks.

mod docx;
mod flow;
mod html;
mod odt;
mod pdf;
mod rtf;
mod xml;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Extracted, FileKind, Rejection, encoding};

/// Why there is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum ReadError {
    /// Files of this kind have no text.
    #[error("no text is read from {}", .0.label())]
    NoText(FileKind),
    /// Only with a password could it be read.
    #[error("the file is encrypted")]
    Encrypted,
    /// It unpacks to more than [`Rejection::MAX_INFLATED`], or more than [`Rejection::MAX_RATIO`] times its size.
    #[error("the file unpacks to too much")]
    TooLarge,
    /// The structure does not hold together.
    #[error("the {} file is broken", .0.label())]
    Broken(FileKind),
}

/// The text of a file of that kind.
///
/// Call it in a process that may end at any moment, as [`Extractor`](crate::Extractor) does: a PDF that was made to
/// can exhaust the stack or the memory, which no program survives.
pub fn read(content: &[u8], kind: FileKind) -> Result<Extracted, ReadError> {
    let refused = |rejection: Rejection| match rejection {
        Rejection::Encrypted => ReadError::Encrypted,
        Rejection::TooLarge | Rejection::TooCompressed => ReadError::TooLarge,
        _ => ReadError::Broken(kind),
    };
    match kind {
        FileKind::Pdf => pdf::read(content),
        FileKind::Docx => docx::read(content).map(flow::Flow::finish).map_err(refused),
        FileKind::Odt => odt::read(content).map(flow::Flow::finish).map_err(refused),
        FileKind::Rtf => rtf::read(content).map(flow::Flow::finish).ok_or(ReadError::Broken(kind)),
        FileKind::Html => Ok(html::read(content).finish()),
        FileKind::Text => {
            encoding::text(content).map(|text| Extracted::new(&text)).ok_or(ReadError::Broken(kind))
        }
        _ => Err(ReadError::NoText(kind)),
    }
}
