//! What a file is, by its content, and what it says.
//!
//! [`sniff`] tells the kind of a file, and refuses what is dangerous to keep: bombs, broken structures, two kinds in
//! one. [`check_extension`] holds its name against that, [`without_metadata`] takes out of a picture what it tells
//! about people.
//!
//! ```
//! use extraction::{FileKind, Rejection, check_extension, sniff};
//!
//! let sniffed = sniff("Zoë Lee, welder".as_bytes())?;
//! assert_eq!(sniffed.kind, FileKind::Text);
//! let refused = check_extension("zoe.pdf", sniffed.kind).unwrap_err();
//! assert_eq!(refused, Rejection::WrongExtension { extension: "pdf".to_owned(), kind: FileKind::Text });
//! # Ok::<(), Rejection>(())
//! ```
//!
//! [`Extractor`] reads the text of a file in a child process, since readers of documents are large, and documents come
//! from strangers: [`child_main`], which the child calls first, takes away its memory, its time and whatever else it
//! does not need. A file that takes the child down leaves an error behind and nothing else. [`read`] is what happens
//! in there.
//!
//! ```no_run
//! # async fn example(content: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! use extraction::{Extractor, FileKind};
//!
//! // `main` begins with: if the first argument is `extract`, return `extraction::child_main()`.
//! let extractor = Extractor::new(std::env::current_exe()?, "extract");
//! let extracted = extractor.extract(FileKind::Pdf, content).await?;
//! for line in extracted.pages().flat_map(|page| page.lines) {
//!     eprintln!("{}: {}", line.offset, line.text);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The domain of documents has ports for both: [`FileInspector`] is its `Inspector`, [`Extractor`] its `TextReader`.
//! [`InProcessReader`] is one for tests and for programs without a child.
#![deny(missing_docs)]

mod active_content;
mod archive;
mod canonical;
mod child;
mod encoding;
mod extracted;
mod extractor;
mod image;
mod inspector;
mod read;
mod reader;
mod rejection;
mod sniff;
mod turns;

pub use child::{child_main, lower_limits};
pub use document::{ActiveContent, FileKind};
pub use extracted::{Extracted, Line, Page};
pub use extractor::{ExtractError, Extractor};
pub use image::{Dimensions, without_metadata};
pub use inspector::FileInspector;
pub use read::{ReadError, read};
pub use reader::InProcessReader;
pub use rejection::Rejection;
pub use sniff::{Sniffed, check_extension, sniff};
