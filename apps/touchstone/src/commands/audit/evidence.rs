//! What a log is held against: the checkpoints that were saved, and the key that shows who signed them.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    num::NonZero,
    panic::resume_unwind,
    path::Path,
    thread::{self, available_parallelism},
};

use audit::{
    Checkpoint, CheckpointError, CheckpointFile, Hash, SignedCheckpoint, VerifierKey, ports::KeptCheckpoint,
};
use platform::witness::key_path;

use super::{
    findings::{Findings, counted, grouped},
    unproven,
};
use crate::exit::Failure;

/// The longest file of keys.
const MOST_KEYS: u64 = 64 * 1024;

/// The keys a log's checkpoints may be signed with; at least one, all of one name.
#[derive(Debug, Clone)]
pub(super) struct Keys(Vec<VerifierKey>);

impl Keys {
    /// A key as it is given on the command line, or a file that holds some.
    fn given(text: &str) -> Result<Self, Failure> {
        match text.parse::<VerifierKey>() {
            Ok(key) => Ok(Self(vec![key])),
            Err(_) if Path::new(text).exists() => Self::in_file(Path::new(text)),
            Err(error) => Err(unproven(format!("--key {text} is neither a key nor a file: {error}"))),
        }
    }

    /// The keys given, else those kept beside the file of checkpoints, else whatever the log itself names.
    pub(super) fn choose(
        given: Option<&str>,
        checkpoints: Option<&Path>,
        own: impl FnOnce() -> Result<Self, Failure>,
    ) -> Result<Self, Failure> {
        match (given, checkpoints.map(key_path).filter(|path| path.exists())) {
            (Some(given), _) => Self::given(given),
            (None, Some(beside)) => Self::in_file(&beside),
            (None, None) => own(),
        }
    }

    /// A key somebody else than the verifier's user names.
    pub(super) fn of(text: &str) -> Result<Self, Failure> {
        text.parse()
            .map(|key| Self(vec![key]))
            .map_err(|error| unproven(format!("{text:?} is no key: {error}")))
    }

    fn in_file(path: &Path) -> Result<Self, Failure> {
        let bad = |why: String| unproven(format!("the key file {}: {why}", path.display()));
        let size = fs::metadata(path).map_err(|error| bad(error.to_string()))?.len();
        if size > MOST_KEYS {
            return Err(bad("it is too long".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Vec<VerifierKey> = lines
            .map(|line| line.parse().map_err(|error| bad(format!("{error}"))))
            .collect::<Result<_, _>>()?;
        match keys.split_first() {
            None => Err(bad("there is no key in it".to_owned())),
            Some((first, others)) if others.iter().any(|key| key.name() != first.name()) => {
                Err(bad("its keys are of several logs".to_owned()))
            }
            Some(_) => Ok(Self(keys)),
        }
    }

    /// The first of them, which names the log.
    pub(super) fn first(&self) -> &VerifierKey {
        &self.0[0]
    }
}

/// Checkpoints whose signatures were checked.
#[derive(Debug)]
pub(super) struct Evidence {
    keys: Keys,
    checkpoints: Vec<Checkpoint>,
}

impl Evidence {
    /// None yet, of the log these keys sign for.
    pub(super) fn under(keys: Keys) -> Self {
        Self { keys, checkpoints: Vec::new() }
    }

    pub(super) fn key(&self) -> &VerifierKey {
        self.keys.first()
    }

    pub(super) fn checkpoints(&self) -> &[Checkpoint] {
        &self.checkpoints
    }

    /// Takes in those that are of this log and signed by its key; `place` is where each stood.
    fn admit(&mut self, signed: &[SignedCheckpoint], place: impl Fn(u64) -> String, findings: &mut Findings) {
        for (signed, believed) in signed.iter().zip(believed(signed, &self.keys.0)) {
            let checkpoint = signed.unverified();
            match believed {
                Ok(()) => self.checkpoints.push(checkpoint.clone()),
                Err(error) => findings.add(format!(
                    "the checkpoint of {} events in {} is not believed: {error}",
                    grouped(checkpoint.size),
                    place(checkpoint.size)
                )),
            }
        }
    }

    /// Takes in a checkpoint that stands alone, and tells its size.
    pub(super) fn admit_note(&mut self, place: &str, note: &str, findings: &mut Findings) -> Option<u64> {
        match SignedCheckpoint::parse(note.as_bytes()) {
            Ok(signed) => {
                self.admit(std::slice::from_ref(&signed), |_| place.to_owned(), findings);
                Some(signed.unverified().size)
            }
            Err(error) => {
                findings.add(format!("{place} is not what was signed: {error}"));
                None
            }
        }
    }

    /// Takes in a file of checkpoints, and tells what stands in it.
    pub(super) fn admit_file(&mut self, path: &Path, findings: &mut Findings) -> Result<Notes, Failure> {
        let place = path.display();
        let bytes = fs::read(path)
            .map_err(|error| unproven(format!("the checkpoints {place} cannot be read: {error}")))?;
        let file = CheckpointFile::parse(&bytes);
        for damage in &file.damages {
            findings.add(format!("{place}, {damage}"));
        }
        if let Some(line) = file.torn {
            findings.remark(format!(
                "{place}: the checkpoint that begins in line {line} was not written to its end, as a crash leaves it"
            ));
        }
        self.admit(&file.checkpoints, |_| place.to_string(), findings);
        let digest = |signed: &SignedCheckpoint| (signed.unverified().size, digest(&signed.to_string()));
        Ok(file.checkpoints.iter().map(digest).collect())
    }

    /// Takes in rows of the database. Those that stand in the file, too, were looked at there.
    pub(super) fn admit_rows(&mut self, rows: &[KeptCheckpoint], in_file: &Notes, findings: &mut Findings) {
        let place = |size| format!("the row {} of audit.checkpoints", grouped(size));
        let mut signed = Vec::new();
        for KeptCheckpoint { size, note, .. } in rows {
            if in_file.get(size) == Some(&digest(note)) {
                continue;
            }
            match SignedCheckpoint::parse(note.as_bytes()) {
                Ok(note) => {
                    if note.unverified().size != *size {
                        findings.add(format!("{} holds the checkpoint of another size", place(*size)));
                    }
                    signed.push(note);
                }
                Err(error) => findings.add(format!("{} is not what was signed: {error}", place(*size))),
            }
        }
        self.admit(&signed, place, findings);
    }

    /// Leaves out checkpoints of more than `size` events, which say nothing of an older export.
    pub(super) fn leave_out_later_than(&mut self, size: u64, findings: &mut Findings) {
        let before = self.checkpoints.len();
        self.checkpoints.retain(|checkpoint| checkpoint.size <= size);
        let left_out = (before - self.checkpoints.len()) as u64;
        if left_out > 0 {
            let saved = counted(left_out, "saved checkpoint");
            findings.remark(format!(
                "{saved} of more than {} events cannot be compared with this",
                grouped(size)
            ));
        }
    }
}

/// What stands in a file, by size: a digest of each note.
pub(super) type Notes = BTreeMap<u64, Hash>;

fn digest(note: &str) -> Hash {
    Hash::of_leaf(note.as_bytes())
}

/// Whether each is signed as it must be. A signature takes some time, and a file of a year has many: all cores check.
fn believed(signed: &[SignedCheckpoint], keys: &[VerifierKey]) -> Vec<Result<(), CheckpointError>> {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let share = signed.len().div_ceil(threads).max(64);
    let check = |share: &[SignedCheckpoint]| -> Vec<_> {
        share.iter().map(|signed| signed.verify(keys).map(|_| ())).collect()
    };
    thread::scope(|scope| {
        let shares: Vec<_> = signed.chunks(share).map(|share| scope.spawn(move || check(share))).collect();
        shares
            .into_iter()
            .flat_map(|share| share.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

/// The file of checkpoints, unless there is none.
pub(super) fn is_there(path: &Path) -> Result<bool, Failure> {
    match fs::metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unproven(format!("the checkpoints {} cannot be read: {error}", path.display()))),
    }
}
