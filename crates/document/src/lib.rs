//! Keeping files.
//!
//! A [`Document`] is a file that an organisation keeps: its bytes lie in an object store, sealed with a key of its own
//! ([`sealing`]), and the row names what it is. [`DocumentService`] takes files in and gives them out; what a document
//! belongs to decides who may ([`kernel::document::DocumentGuard`]). [`TrustedDocuments`] is what other domains use.
//! [`DocumentReactions`] does what follows: scanning, reading out text, deleting what was shredded. [`DocumentUpkeep`]
//! compares the rows with the object store.
//!
//! Shredding forgets the key. Copies of the bytes, in backups of the object store say, are then nothing but noise.
#![deny(missing_docs)]

mod actions;
mod attaching;
mod document;
mod domain;
mod file_kind;
mod keeping;
mod link;
pub mod ports;
mod reactions;
mod refusal;
mod rule;
pub mod sealing;
mod service;
#[cfg(test)]
mod testing;
mod trusted;
mod upkeep;
mod vault;

pub use attaching::{attach, detach};
pub use document::{Document, DocumentState};
pub use domain::DOMAIN;
pub use file_kind::{ActiveContent, FileKind, file_name};
pub use link::DocumentLink;
pub use ports::{
    DocumentFilter, DocumentText, Inspected, ObjectKey, ObjectPart, Ports, Quotas, SizeLimits, StoredObject,
    Unit, Verdict,
};
pub use reactions::DocumentReactions;
pub use refusal::Refused;
pub use rule::{Action, DOCUMENTS_READ, DOCUMENTS_WRITE};
pub use service::{DocumentService, Readable, Received, Upload, Uploader};
pub use trusted::TrustedDocuments;
pub use upkeep::{DocumentFault, DocumentUpkeep};
