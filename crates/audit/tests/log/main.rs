//! The log: its tree, its proofs, its checkpoints, and what the verifier finds.

mod checkpoints;
mod notes;
mod oracle;
mod proofs;
mod support;
mod vectors;
mod verifier;
