//! `touchstone audit verify`: what is verified, and what it is held against.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use audit::{
    Report, Source, Verifier,
    ports::{Checkpoints, Ledger},
};
use kernel::{Clock as _, StoreError};
use system::SystemClock;
use tokio::task::block_in_place;

use super::{
    evidence::{Evidence, Keys, Notes, is_there},
    findings::{Extent, Findings, counted, grouped},
    inclusion,
    rows::Rows,
    tiles::Tiles,
    unproven, verify_export,
};
use crate::{
    cli::VerifyAudit,
    commands::{attach::persistent_folder, progress::over_events},
    config::Settings,
    database::{Database, OpenMode},
    exit::{Exit, Failure},
    options,
};

/// How many checkpoints are read at a time.
const PAGE: u32 = 1_000;

pub(super) async fn run(settings: &Settings, what: &VerifyAudit) -> Result<(), Failure> {
    match (&what.proof, &what.export) {
        (Some(proof), _) => block_in_place(|| inclusion::saved(what, proof)),
        (None, Some(export)) => block_in_place(|| verify_export::verify(what, export)),
        (None, None) => stored(settings, what).await,
    }
}

/// What storage could not tell.
pub(super) fn not_read(error: StoreError) -> Failure {
    match error {
        StoreError::Unavailable(why) => Failure::new(Exit::DatabaseUnreachable, why),
        error => unproven(format!("the audit trail cannot be read: {error}")),
    }
}

async fn stored(settings: &Settings, what: &VerifyAudit) -> Result<(), Failure> {
    let folder = persistent_folder(settings)?;
    if settings.database.url.is_none() && !folder.has_cluster() {
        return Err(unproven(format!(
            "there is no database in {}; name its folder with --data, or a file with --export",
            folder.path().display()
        )));
    }
    let usual = options::checkpoint_file(settings, &folder)?;
    let database = Database::open(settings, &folder, OpenMode::Attach).await?;
    let storage = Arc::new(database.storage.clone());
    let stored = StoredLog { ledger: storage.clone(), checkpoints: storage, usual: usual.as_deref() };
    let verified = stored.verify(what).await;
    drop(stored);
    let closed = database.close().await;
    verified.and(closed)
}

/// A log in its tables.
pub(super) struct StoredLog<'a> {
    pub(super) ledger: Arc<dyn Ledger>,
    checkpoints: Arc<dyn Checkpoints>,
    /// Where this installation keeps its checkpoints.
    usual: Option<&'a Path>,
}

impl StoredLog<'_> {
    async fn verify(&self, what: &VerifyAudit) -> Result<(), Failure> {
        let mut findings = Findings::default();
        let evidence = self.evidence(what, &mut findings).await?;
        if let Some(event) = what.event.as_deref() {
            return inclusion::of_row(self, &evidence, event, findings, what.quiet).await;
        }
        let report = self.compare(&evidence, &mut findings, what.quiet).await?;
        findings.take(&report);
        self.what_has_no_number(&mut findings).await?;
        if let Some(newer) =
            report.vouched.map(|vouched| report.size.saturating_sub(vouched)).filter(|newer| *newer > 0)
        {
            findings.remark(format!("no checkpoint covers the newest {} yet", counted(newer, "event")));
        }
        let extent =
            Extent { what: "audit trail", size: report.size, vouched: report.vouched, key: evidence.key() };
        findings.print(&extent, what.quiet)
    }

    /// Everything the log is held against. It is read before the log, which may grow meanwhile.
    async fn evidence(&self, what: &VerifyAudit, findings: &mut Findings) -> Result<Evidence, Failure> {
        let file = what.checkpoints.as_deref().or(self.usual);
        let there = file.map(is_there).transpose()?.unwrap_or(false);
        let mut evidence = Evidence::under(self.keys(what, file, findings).await?);
        let mut in_file = Notes::new();
        match file {
            Some(file) if there || what.checkpoints.is_some() => {
                in_file = evidence.admit_file(file, findings)?;
            }
            _ => {}
        }
        let mut in_database = BTreeSet::new();
        loop {
            let after = in_database.last().copied().unwrap_or(0);
            let rows = self.checkpoints.checkpoints(after, PAGE).await.map_err(not_read)?;
            if rows.is_empty() {
                break;
            }
            evidence.admit_rows(&rows, &in_file, findings);
            in_database.extend(rows.iter().map(|row| row.size));
        }
        if !there && !in_database.is_empty() {
            nothing_outside(what, file)?;
        }
        for size in in_file.keys().filter(|size| !in_database.contains(size)) {
            findings
                .add(format!("the checkpoint of {} is in the file, and its row is missing", grouped(*size)));
        }
        // A file somebody made themselves need not have all of them; ours has, up to its last.
        if what.checkpoints.is_none()
            && let Some((last, _)) = in_file.last_key_value()
        {
            for size in in_database.range(..last).filter(|size| !in_file.contains_key(size)) {
                findings.add(format!("the checkpoint of {} was removed from the file", grouped(*size)));
            }
        }
        Ok(evidence)
    }

    async fn keys(
        &self,
        what: &VerifyAudit,
        file: Option<&Path>,
        findings: &mut Findings,
    ) -> Result<Keys, Failure> {
        let signer = self.checkpoints.signer().await.map_err(not_read)?;
        Keys::choose(what.key.as_deref(), file, || {
            let signer =
                signer.ok_or_else(|| unproven("no checkpoint was signed yet, and there is no key"))?;
            findings.remark(
                "the key is the database's own, so that this trusts the database; keep the key elsewhere, and name it with \
                 --key",
            );
            Keys::of(&signer.verifier)
        })
    }

    async fn compare(
        &self,
        evidence: &Evidence,
        findings: &mut Findings,
        quiet: bool,
    ) -> Result<Report, Failure> {
        let size = self.ledger.size().await.map_err(not_read)?;
        let bar = over_events(size, quiet);
        let mut verifier = Verifier::new(Source::Tables, evidence.checkpoints());
        let mut tiles = Tiles::of(self.ledger.clone());
        let mut rows = Rows::of(self.ledger.clone(), size);
        while let Some(entries) = rows.next().await? {
            for entry in &entries {
                if let Some(fault) = &entry.fault {
                    findings.remark(format!("entry {}: {fault}", entry.index));
                }
                verifier.feed(entry.piece());
                tiles.feed(entry.index, entry.stored);
            }
            tiles.compare(findings).await.map_err(not_read)?;
            bar.inc(entries.len() as u64);
        }
        tiles.finish(findings).await.map_err(not_read)?;
        bar.finish_and_clear();
        Ok(verifier.finish())
    }

    async fn what_has_no_number(&self, findings: &mut Findings) -> Result<(), Failure> {
        let passed_over = self.ledger.passed_over().await.map_err(not_read)?;
        if passed_over > 0 {
            findings.add(format!(
                "{} in the tables, older than the newest numbered one, without a place in the log: put there \
                 afterwards, or robbed of its leaf",
                counted(passed_over, "event")
            ));
        }
        let lag = self.ledger.sequencing_lag(SystemClock.now()).await.map_err(not_read)?;
        if !lag.is_zero() {
            findings
                .remark(format!("newer events wait for their number, the oldest for {} s", lag.as_secs()));
        }
        Ok(())
    }
}

/// Checkpoints were signed, and the file they are written to is gone: the database would vouch for itself.
fn nothing_outside(what: &VerifyAudit, file: Option<&Path>) -> Result<(), Failure> {
    if what.key.is_some() {
        return Ok(());
    }
    let file = file.map_or_else(String::new, |file| format!(" {}", file.display()));
    Err(unproven(format!(
        "the file of checkpoints{file} is missing, so that only the database vouches for itself; name a copy \
         with --checkpoints, or the key with --key"
    )))
}
