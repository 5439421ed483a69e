//! Verifies an export, on any machine: nothing is asked but the file, the saved checkpoints and the key.

use std::{
    fs::File,
    io::{BufRead, BufReader, Seek as _, stdin},
    path::Path,
};

use audit::{Hash, Piece, Report, Source, Verdict, Verifier};
use indicatif::ProgressBar;
use uuid::Uuid;

use super::{
    evidence::{Evidence, Keys},
    export_line::{Header, Line, Spelling},
    findings::{Extent, Findings, counted},
    inclusion,
    line_reader::{ReadOptions, each_line, next_line},
    unproven,
};
use crate::{cli::VerifyAudit, commands::progress::over_bytes, exit::Failure};

/// How much is read from a file at a time.
const BUFFER: usize = 256 * 1024;

pub(super) fn verify(what: &VerifyAudit, export: &Path) -> Result<(), Failure> {
    let event = what.event.as_deref().map(inclusion::event_id).transpose()?;
    if export == Path::new("-") {
        let options = ReadOptions { spelling: Spelling::AsItStands, event };
        let mut read =
            Pass::over(BufReader::with_capacity(BUFFER, stdin()), what, options, &ProgressBar::hidden())?;
        if !read.is_sound() {
            read.findings
                .remark("standard input cannot be read twice: if it was spelled anew, verify it as a file");
        }
        return read.print(what, event);
    }
    let unreadable =
        |error: std::io::Error| unproven(format!("{} cannot be read: {error}", export.display()));
    let mut file = File::open(export).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    let mut pass = |spelling| {
        file.rewind().map_err(unreadable)?;
        let bar = over_bytes(length, what.quiet);
        let input = BufReader::with_capacity(BUFFER, bar.wrap_read(&file));
        let read = Pass::over(input, what, ReadOptions { spelling, event }, &bar);
        bar.finish_and_clear();
        read
    };
    let mut read = pass(Spelling::AsItStands)?;
    if !read.is_sound() {
        let again = pass(Spelling::Canonical)?;
        if again.is_sound() {
            read = again;
            read.findings
                .remark("the events are not spelled as they were exported; what they say is what was signed");
        }
    }
    read.print(what, event)
}

/// What one reading came to.
struct Pass {
    evidence: Evidence,
    report: Report,
    findings: Findings,
    /// Where the event that is looked for stands.
    found: Option<(u64, Hash)>,
}

impl Pass {
    fn over(
        mut input: impl BufRead + Send,
        what: &VerifyAudit,
        options: ReadOptions,
        bar: &ProgressBar,
    ) -> Result<Self, Failure> {
        let mut first = Vec::new();
        next_line(&mut input, &mut first)
            .map_err(|why| unproven(format!("the first line cannot be read: {why}")))?;
        let header = Header::read(&first)?;
        let mut findings = Findings::default();
        let evidence = bar.suspend(|| evidence(what, &header, &mut findings))?;
        let mut verifier = Verifier::new(Source::Export, evidence.checkpoints());
        let (mut events, mut found, mut end) = (0, None, None);
        each_line(input, options, |taken| {
            let number = taken.number;
            match taken.line {
                _ if end.is_some() => {
                    findings.add(format!("line {number} follows the last"));
                    return false;
                }
                Ok(Line::Piece(piece)) => {
                    verifier.feed(piece);
                    if let Piece::Entry { index, computed: Some(leaf), .. } = piece {
                        events += 1;
                        found = found.or_else(|| taken.wanted.then_some((index, leaf)));
                    }
                }
                Ok(Line::End { events, size }) => end = Some((events, size)),
                Err(why) => {
                    findings.add(format!("line {number} cannot be read: {why}"));
                    return false;
                }
            }
            true
        });
        match end {
            None => findings.add("it has no last line: it was cut off"),
            Some(said) if said != (events, header.size) => findings.add(format!(
                "its last line speaks of {} of a log of {}, and there are {} of {}",
                counted(said.0, "event"),
                said.1,
                counted(events, "event"),
                header.size
            )),
            Some(_) => {}
        }
        let report = verifier.finish();
        if report.size > header.size {
            findings
                .add(format!("it goes on behind the {} of its first line", counted(header.size, "event")));
        }
        findings.take(&report);
        if report.skipped > 0 {
            findings.remark(format!(
                "{} could not be compared: at its size, part of the log is told as one hash",
                counted(report.skipped, "saved checkpoint")
            ));
        }
        let others = report.size.saturating_sub(events);
        if others > 0 {
            findings
                .remark(format!("{} told whole, {others} by their hashes alone", counted(events, "event")));
        }
        Ok(Self { evidence, report, findings, found })
    }

    fn is_sound(&self) -> bool {
        self.findings.is_sound() && self.report.verdict() != Verdict::Broken
    }

    fn print(self, what: &VerifyAudit, event: Option<Uuid>) -> Result<(), Failure> {
        let Self { evidence, report, mut findings, found } = self;
        if let (Some(event), Some((index, leaf))) = (event, found) {
            findings.remark(inclusion::entry_line(event, index, leaf));
        }
        let extent =
            Extent { what: "export", size: report.size, vouched: report.vouched, key: evidence.key() };
        findings.print(&extent, what.quiet)?;
        match (event, found) {
            (None, _) => Ok(()),
            (Some(event), None) => Err(unproven(format!("the export does not hold the event {event}"))),
            (Some(event), Some((index, _))) => inclusion::covered(event, index, report.vouched),
        }
    }
}

/// The saved checkpoints, and the one the export brings along.
fn evidence(what: &VerifyAudit, header: &Header, findings: &mut Findings) -> Result<Evidence, Failure> {
    let keys = Keys::choose(what.key.as_deref(), what.checkpoints.as_deref(), || {
        let own = header.key.as_deref();
        let own = own.ok_or_else(|| unproven("the export brings no key; name the log's with --key"))?;
        findings.remark(
            "the key is the export's own, so that this trusts whoever made it; name the log's with --key",
        );
        Keys::of(own)
    })?;
    let mut evidence = Evidence::under(keys);
    if !evidence.key().name().as_str().ends_with(&header.log.to_string()) {
        findings.add(format!(
            "it is an export of the log {}, and the key is that of {}",
            header.log,
            evidence.key().name()
        ));
    }
    if let Some(file) = &what.checkpoints {
        evidence.admit_file(file, findings)?;
        evidence.leave_out_later_than(header.size, findings);
    }
    if let Some(note) = &header.checkpoint
        && evidence.admit_note("the first line", note, findings).is_some_and(|size| size != header.size)
    {
        findings.add("the checkpoint in the first line is of another size than the export");
    }
    Ok(evidence)
}
