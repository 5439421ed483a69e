//! Where sealed files lie. Each implements [`document::ports::Objects`]:
//!
//! | Adapter | Keeps objects | Unfinished uploads |
//! |---|---|---|
//! | [`FolderObjects`] | as files, on disk before a write is done | [`Objects::clear_unfinished`] deletes them |
//! | [`S3Objects`] | in a bucket of S3, or of what speaks like it | a lifecycle rule of the bucket deletes them |
//! | [`MemoryObjects`] | until the process ends, for tests and `--store memory` | take no room |
//!
//! The path of an object is that of its key, `{organization}/{document}/{part}`. What lies elsewhere in the folder or
//! bucket is not of this program: it is neither listed nor deleted.
//!
//! ```
//! use document::{ObjectKey, ObjectPart, ports::Objects};
//! use kernel::{Id, document::ContentError};
//! use uuid::Uuid;
//!
//! async fn keep(objects: &dyn Objects) -> Result<(), ContentError> {
//!     let key = ObjectKey {
//!         organization: Id::from_uuid(Uuid::from_u128(1)),
//!         document: Id::from_uuid(Uuid::from_u128(2)),
//!         part: ObjectPart::Content,
//!     };
//!     let mut writer = objects.write(&key).await?;
//!     writer.write(b"sealed".to_vec()).await?;
//!     writer.finish().await?;
//!     let mut chunks = objects.read(&key, Some(2..100)).await?;
//!     assert_eq!(chunks.next().await?, Some(b"aled".to_vec()));
//!     objects.delete(&key).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ContentError> {
//! # let root = tempfile::tempdir().expect("there is room");
//! keep(&objects::FolderObjects::open(root.path())?).await
//! # }
//! ```
//!
//! A call fails within about a minute, with [`ContentError::Unavailable`] where the store does not answer and with
//! [`ContentError::Fault`] where it refuses, which trying again does not mend.
//!
//! [`ContentError::Unavailable`]: kernel::document::ContentError::Unavailable
//! [`ContentError::Fault`]: kernel::document::ContentError::Fault
//! [`Objects::clear_unfinished`]: document::ports::Objects::clear_unfinished
#![deny(missing_docs)]

mod backend;
mod folder;
mod memory;
mod s3;
mod transport;

pub use folder::FolderObjects;
pub use memory::MemoryObjects;
pub use s3::{S3Objects, S3Settings};
