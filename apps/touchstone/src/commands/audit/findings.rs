//! What a verification came to, in words for a person.

use std::fmt;

use audit::{Report, VerifierKey};

use super::unproven;
use crate::{
    exit::{Exit, Failure},
    output,
};

/// How many findings are printed; more are counted.
const SHOWN: usize = 100;

/// What was found so far, and what a reader ought to know besides.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    faults: Vec<String>,
    more: u64,
    remarks: Vec<String>,
    more_remarks: u64,
}

impl Findings {
    /// Something is wrong.
    pub(super) fn add(&mut self, finding: impl Into<String>) {
        if self.faults.len() < SHOWN {
            self.faults.push(finding.into());
        } else {
            self.more += 1;
        }
    }

    /// Something to know.
    pub(super) fn remark(&mut self, remark: impl Into<String>) {
        if self.remarks.len() < SHOWN {
            self.remarks.push(remark.into());
        } else {
            self.more_remarks += 1;
        }
    }

    /// Takes over what a verifier found in the log itself, before everything else.
    pub(super) fn take(&mut self, report: &Report) {
        let others = std::mem::take(&mut self.faults);
        report.findings.iter().for_each(|finding| self.add(finding.to_string()));
        self.more += report.found - report.findings.len() as u64;
        for finding in others {
            self.add(finding);
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// Prints it all; the outcome is a failure unless everything is sound and vouched for.
    pub(super) fn print(self, what: &Extent<'_>, quiet: bool) -> Result<(), Failure> {
        for finding in &self.faults {
            output::line(format_args!("broken: {finding}"));
        }
        if self.more > 0 {
            output::line(format_args!("broken: and {} more like these", grouped(self.more)));
        }
        if !quiet {
            self.remarks.iter().for_each(|remark| output::line(format_args!("note: {remark}")));
            if self.more_remarks > 0 {
                output::line(format_args!("note: and {} more like these", grouped(self.more_remarks)));
            }
        }
        let found = self.faults.len() as u64 + self.more;
        if found > 0 {
            let good = what.vouched.filter(|vouched| *vouched > 0).map_or_else(String::new, |vouched| {
                format!("; up to the checkpoint of {} it is what was signed", grouped(vouched))
            });
            let message = format!("the {} is broken: {}{good}", what.what, counted(found, "finding"));
            return Err(Failure::new(Exit::TrailAltered, message));
        }
        match what.vouched {
            Some(vouched) if vouched > 0 => {
                if !quiet {
                    output::line(format_args!("sound: {what}"));
                }
                Ok(())
            }
            _ => {
                let events = counted(what.size, "event");
                Err(unproven(format!(
                    "no checkpoint vouches for any of the {events}: nothing seems wrong, and nothing is shown"
                )))
            }
        }
    }
}

/// How much was read, and how far checkpoints vouch for it.
pub(super) struct Extent<'a> {
    /// The audit trail, or what was taken from it.
    pub(super) what: &'static str,
    pub(super) size: u64,
    pub(super) vouched: Option<u64>,
    pub(super) key: &'a VerifierKey,
}

impl fmt::Display for Extent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what: _, size, vouched, key } = self;
        let vouched = grouped(vouched.unwrap_or(0));
        let events = counted(*size, "event");
        write!(
            f,
            "{events}, vouched for by the checkpoint of {vouched} (signed by {}+{})",
            key.name(),
            key.id()
        )
    }
}

/// `1,204 events`, `1 event`.
pub(super) fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `1,204`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        let numbers = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!([counted(1, "event"), counted(2, "event")], ["1 event", "2 events"]);
    }

    #[test]
    fn what_is_too_much_to_print_is_counted() {
        let mut findings = Findings::default();
        (0..250).for_each(|n| findings.add(format!("finding {n}")));
        assert_eq!((findings.faults.len(), findings.more), (SHOWN, 150));
    }
}
