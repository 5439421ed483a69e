//! What happened, by whom, and the proof that nobody altered it since.
//!
//! # The tree
//!
//! The hash of every event is a leaf of a Merkle tree ([`struct@Hash`], RFC 9162). A [`TreeAppender`] appends
//! leaves and gives full [`Tile`]s to be stored; from [`Tiles`], [`prove_inclusion`] and [`prove_consistency`] make
//! proofs that need no trust. A [`Checkpoint`] says what the root was at a size; signed with a [`SignerKey`] it is
//! a [`SignedCheckpoint`], which is kept where the database's owner cannot reach. A [`Verifier`] reads a whole log
//! and compares.
//!
//! ```
//! use audit::{Checkpoint, Hash, Piece, SignedCheckpoint, SignerKey, Source, TreeAppender, Verdict, Verifier};
//!
//! let events = ["registered", "signed in", "changed their password"];
//! let leaves = events.map(|event| Hash::of_leaf(event.as_bytes()));
//! let mut appender = TreeAppender::empty();
//! leaves.into_iter().for_each(|leaf| appender.push(leaf));
//!
//! let key = SignerKey::from_seed("example.org/log", &[7; 32])?;
//! let saved = SignedCheckpoint::sign(appender.size(), appender.root(), &key).to_string();
//!
//! let checkpoint = Checkpoint::open(&saved, &[key.verifier()])?;
//! let mut verifier = Verifier::new(Source::Tables, [&checkpoint]);
//! let entries = ["registered", "signed in", "changed nothing"];
//! for ((index, leaf), entry) in (0..).zip(leaves).zip(entries) {
//!     let computed = Some(Hash::of_leaf(entry.as_bytes()));
//!     verifier.feed(Piece::Entry { index, stored: Some(leaf), computed });
//! }
//! let report = verifier.finish();
//! assert_eq!(report.verdict(), Verdict::Broken);
//! assert_eq!(report.findings[0].to_string(), "entry 2 and its leaf disagree: the entry was altered");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

pub mod checkpoint;
pub mod checkpoint_signer;
mod domain;
pub mod event;
pub mod export;
pub mod frontier;
pub mod hash;
pub mod key;
pub mod note;
pub mod ports;
pub mod proof;
pub mod prover;
pub mod recorder;
pub mod refusal;
pub mod rule;
pub mod sealing;
pub mod sequencer;
pub mod tile;
pub mod trail;
pub mod tree_appender;
pub mod verify;

pub use checkpoint::{Checkpoint, CheckpointError, CheckpointFile, Damage, Origin, SignedCheckpoint};
pub use checkpoint_signer::{CheckpointSigner, CheckpointSignerError};
pub use domain::DOMAIN;
pub use event::{Difference, Event, EventActor, EventId, EventTarget, RequestOrigin, Sealed};
pub use export::Export;
pub use frontier::{Frontier, FrontierError};
pub use hash::{Hash, ParseHashError};
pub use key::{KeyError, KeyId, KeyName, SignerKey, VerifierKey};
pub use note::{Note, NoteError, NoteSignature};
pub use proof::{
    ConsistencyProof, InclusionProof, ProofError, ProveError, Tiles, prove_consistency, prove_inclusion,
    root_at,
};
pub use prover::{Inclusion, Prover, Vouched};
pub use recorder::{EventRecorder, Record, RecordedChange};
pub use refusal::Refused;
pub use rule::Action;
pub use sealing::{Sealer, SubjectKey};
pub use sequencer::{Sequencer, Step};
pub use tile::{Tile, TileError, TileId};
pub use trail::{Opened, Ports, ReadEvent, Trail, Whose};
pub use tree_appender::TreeAppender;
pub use verify::{Altered, Finding, Piece, Report, Source, Verdict, Verifier};
