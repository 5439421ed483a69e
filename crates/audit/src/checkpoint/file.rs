//! A file of checkpoints: note after note, an empty line after each. It only grows, so that a crash can tear the last
//! one; anything else that is wrong with it was done to it.

use super::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::note::line_at;

/// What was read from a file of checkpoints. Signatures are not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointFile {
    /// The checkpoints that could be read, in the order they stand.
    pub checkpoints: Vec<SignedCheckpoint>,
    /// How many bytes from the start are whole: after a crash, where to cut before appending again.
    pub sound: usize,
    /// On which line, from 1, the last checkpoint begins whose writing was interrupted; `None` when none was.
    pub torn: Option<usize>,
    /// What was damaged, other than by an interrupted writing.
    pub damages: Vec<Damage>,
}

/// A place of the file that cannot be read and is followed by more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the checkpoints: {reason}")]
pub struct Damage {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: CheckpointError,
}

impl CheckpointFile {
    /// Reads what can be read.
    ///
    /// A checkpoint's text has no empty lines, so that empty lines cut the file into blocks: texts and signatures in
    /// turn. Where two blocks are no checkpoint, the next two may be one again.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut file = Self { checkpoints: Vec::new(), sound: 0, torn: None, damages: Vec::new() };
        let mut in_damage = false;
        let mut lines = Lines { bytes, place: 0, line: 1 };
        let mut start = 0;
        let mut text_end = block_end(bytes, start);
        while let Some(text) = text_end {
            let signatures = block_end(bytes, text);
            let Some(end) = signatures else { break };
            // The note ends before the empty line that follows it.
            match SignedCheckpoint::parse(&bytes[start..end - 1]) {
                Ok(checkpoint) => {
                    file.checkpoints.push(checkpoint);
                    in_damage = false;
                    start = end;
                    text_end = block_end(bytes, start);
                    if file.damages.is_empty() {
                        file.sound = start;
                    }
                }
                Err(reason) => {
                    if !in_damage {
                        let line = lines.of(start) + reason.line().unwrap_or(1) - 1;
                        file.damages.push(Damage { line, reason });
                    }
                    in_damage = true;
                    start = text;
                    text_end = signatures;
                }
            }
        }
        // A block that is left over belongs to the damage before it, unless it is the text of the torn one.
        if let Some(end) = text_end
            && in_damage
            && !is_text(&bytes[start..end - 1])
        {
            start = end;
        }
        if start < bytes.len() {
            file.torn = Some(lines.of(start));
        }
        file
    }

    /// Whether nothing is wrong with the file, but perhaps a last checkpoint that was interrupted.
    pub const fn is_undamaged(&self) -> bool {
        self.damages.is_empty()
    }
}

fn is_text(block: &[u8]) -> bool {
    str::from_utf8(block).is_ok_and(|text| Checkpoint::parse(text).is_ok())
}

/// Where the next block begins, if this one ends in an empty line.
fn block_end(bytes: &[u8], start: usize) -> Option<usize> {
    let end = bytes[start..].windows(2).position(|pair| pair == b"\n\n")?;
    Some(start + end + 2)
}

/// Counts lines once, in passing.
struct Lines<'a> {
    bytes: &'a [u8],
    place: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, place: usize) -> usize {
        self.line += line_at(&self.bytes[self.place..], place - self.place) - 1;
        self.place = place;
        self.line
    }
}
