//! One event: that it is in the log, shown by a proof.

use std::{fs, path::Path};

use audit::{Checkpoint, Hash, InclusionProof, event::EventId, prove_inclusion};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    evidence::{Evidence, Keys},
    export_line::{LONGEST, Spelling, leaf},
    findings::{Extent, Findings, grouped},
    unproven,
    verify::{StoredLog, not_read},
};
use crate::{cli::VerifyAudit, exit::Failure};

/// The id an event is looked for by.
pub(super) fn event_id(text: &str) -> Result<Uuid, Failure> {
    Uuid::try_parse(text).map_err(|_| unproven(format!("--event {text} is no id of an event")))
}

/// Where an event stands in a log that was read whole.
pub(super) fn entry_line(event: Uuid, index: u64, leaf: Hash) -> String {
    format!("the event {event} is entry {index}, its leaf {leaf}")
}

/// Whether a checkpoint covers an entry of a log that was read whole.
pub(super) fn covered(event: Uuid, index: u64, vouched: Option<u64>) -> Result<(), Failure> {
    if vouched.is_some_and(|vouched| index < vouched) {
        return Ok(());
    }
    Err(unproven(format!("no checkpoint covers the event {event} yet, which is entry {index}")))
}

/// One event of the tables: its row, its leaf, and the way from there to a checkpoint.
pub(super) async fn of_row(
    stored: &StoredLog<'_>,
    evidence: &Evidence,
    event: &str,
    mut findings: Findings,
    quiet: bool,
) -> Result<(), Failure> {
    let id = event_id(event)?;
    let placed = stored.ledger.leaf_of(EventId::from_uuid(id)).await.map_err(not_read)?;
    let placed = placed.ok_or_else(|| unproven(format!("no event of the id {id} has a place in the log")))?;
    let index = placed.index;
    let entry = stored.ledger.entries(index, 1).await.map_err(not_read)?.pop();
    let read = entry.filter(|entry| entry.leaf.index == index).map(|entry| entry.event);
    let computed = match read {
        Some(Ok(event)) => event.leaf().map_err(|error| error.to_string()),
        Some(Err(fault)) => Err(fault),
        None => Err("its leaf is missing".to_owned()),
    };
    match computed {
        Ok(leaf) if leaf == placed.hash => {}
        Ok(_) => findings.add(format!("entry {index} and its leaf disagree: one of them was altered")),
        Err(fault) => findings.add(format!("entry {index} cannot be read: {fault}")),
    }
    let covering = evidence.checkpoints().iter().filter(|checkpoint| checkpoint.size > index);
    let Some(checkpoint) = covering.min_by_key(|checkpoint| checkpoint.size) else {
        findings.remark(entry_line(id, index, placed.hash));
        let extent = Extent { what: "audit trail", size: index + 1, vouched: None, key: evidence.key() };
        return findings.print(&extent, quiet);
    };
    let proof = prove_inclusion(&*stored.ledger, index, checkpoint.size).await;
    match proof {
        Ok(proof) => lead(&proof, placed.hash, checkpoint, &mut findings),
        Err(error) => findings.add(format!("no proof can be made from the tiles: {error}")),
    }
    findings.remark(entry_line(id, index, placed.hash));
    let extent = Extent { what: "audit trail", size: 1, vouched: Some(checkpoint.size), key: evidence.key() };
    findings.print(&extent, quiet)
}

fn lead(proof: &InclusionProof, leaf: Hash, checkpoint: &Checkpoint, findings: &mut Findings) {
    if let Err(error) = proof.verify(leaf, checkpoint.root) {
        findings.add(format!(
            "entry {} is not what the checkpoint of {} vouches for: {error}",
            proof.index,
            grouped(checkpoint.size)
        ));
    }
}

/// An answer of `GET /v1/audit/events/{id}/proof`.
#[derive(Deserialize)]
struct SavedProof {
    event_id: Uuid,
    #[serde(flatten)]
    proof: InclusionProof,
    checkpoint: String,
    key: String,
}

/// A saved answer, with the event in another file: an item of the list, a line of an export, or the bare event.
pub(super) fn saved(what: &VerifyAudit, answer: &Path) -> Result<(), Failure> {
    let unreadable = |error: String| unproven(format!("{} cannot be read: {error}", answer.display()));
    let SavedProof { event_id, proof, checkpoint, key } =
        serde_json::from_slice(&short(answer)?).map_err(|error| unreadable(error.to_string()))?;
    let mut findings = Findings::default();
    let keys = Keys::choose(what.key.as_deref(), what.checkpoints.as_deref(), || {
        findings.remark(
            "the key is the answer's own, so that this trusts whoever gave it; name the log's with --key",
        );
        Keys::of(&key)
    })?;
    let mut evidence = Evidence::under(keys);
    evidence.admit_note("the answer", &checkpoint, &mut findings);
    let of_answer = evidence.checkpoints().last().cloned();
    if let Some(file) = &what.checkpoints {
        evidence.admit_file(file, &mut findings)?;
    }
    let Some(of_answer) = of_answer else { return findings.print(&nothing(&evidence), what.quiet) };
    let others = evidence.checkpoints().iter().filter(|other| other.size == of_answer.size);
    if others.into_iter().any(|other| other.root != of_answer.root) {
        findings.add(format!("another checkpoint of {} events was saved", grouped(of_answer.size)));
    }
    if proof.size != of_answer.size {
        findings.add("the proof is not for the size of its checkpoint");
    }
    let (id, leaf) = event_in(Path::new(what.event.as_deref().unwrap_or_default()))?;
    if id != event_id {
        findings.add(format!("it is a proof of the event {event_id}, and the event is {id}"));
    }
    lead(&proof, leaf, &of_answer, &mut findings);
    findings.remark(entry_line(id, proof.index, leaf));
    let extent = Extent { what: "proof", size: 1, vouched: Some(of_answer.size), key: evidence.key() };
    findings.print(&extent, what.quiet)
}

fn nothing(evidence: &Evidence) -> Extent<'_> {
    Extent { what: "proof", size: 1, vouched: None, key: evidence.key() }
}

/// The event in a file, with its id and its leaf.
fn event_in(path: &Path) -> Result<(Uuid, Hash), Failure> {
    #[derive(Deserialize)]
    struct Holding<'a> {
        #[serde(borrow)]
        event: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Claiming {
        id: Uuid,
    }
    let no_event = |error: String| unproven(format!("{} holds no event: {error}", path.display()));
    let octets = short(path)?;
    let text = std::str::from_utf8(&octets).map_err(|error| no_event(error.to_string()))?;
    let holding: Holding<'_> = serde_json::from_str(text).map_err(|error| no_event(error.to_string()))?;
    let event = holding.event.map_or(text, RawValue::get);
    let leaf = leaf(event, Spelling::Canonical).map_err(no_event)?;
    let Claiming { id } = serde_json::from_str(event).map_err(|error| no_event(error.to_string()))?;
    Ok((id, leaf))
}

/// A file that holds little.
fn short(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: String| unproven(format!("{} cannot be read: {error}", path.display()));
    let length = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if length > LONGEST as u64 {
        return Err(unreadable("it is longer than 1 MiB".to_owned()));
    }
    fs::read(path).map_err(|error| unreadable(error.to_string()))
}
