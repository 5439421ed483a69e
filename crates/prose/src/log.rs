//! What was found to be wrong, before its places are turned into lines or pointers.

use crate::{
    code::{Code, Rule},
    diagnostic::{Diagnostic, Place, Severity},
    tree::At,
};

/// Something that is wrong, before its place is turned into lines or pointers.
#[derive(Debug, Clone)]
pub struct Fault<C> {
    /// How bad it is.
    pub severity: Severity,
    /// Which rule it is about.
    pub code: C,
    /// Where it is.
    pub at: At,
    /// What is wrong: a clause without a full stop.
    pub what: String,
    /// How to mend it, where that can be said.
    pub hint: Option<String>,
}

/// Everything that was found to be wrong, up to a limit.
#[derive(Debug)]
pub struct Log<C> {
    pub(crate) faults: Vec<Fault<C>>,
    /// How many more there were.
    pub(crate) dropped: usize,
}

impl<C> Default for Log<C> {
    fn default() -> Self {
        Self { faults: Vec::new(), dropped: 0 }
    }
}

impl<C: Code> Log<C> {
    /// The most faults that are told.
    pub const MAX: usize = 1_000;

    /// Notes an error; an empty hint is none.
    pub fn error(&mut self, code: impl Into<C>, at: &At, what: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Error, code.into(), at, what.into(), hint.into());
    }

    /// Notes a warning; an empty hint is none.
    pub fn warn(&mut self, code: impl Into<C>, at: &At, what: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Warning, code.into(), at, what.into(), hint.into());
    }

    /// Notes something good to know; an empty hint is none.
    pub fn note(&mut self, code: impl Into<C>, at: &At, what: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Note, code.into(), at, what.into(), hint.into());
    }

    fn add(&mut self, severity: Severity, code: C, at: &At, what: String, hint: String) {
        if self.faults.len() == Self::MAX {
            self.dropped += 1;
            return;
        }
        let hint = Some(hint).filter(|hint| !hint.is_empty());
        self.faults.push(Fault { severity, code, at: at.clone(), what, hint });
    }

    /// Takes faults that were noted elsewhere.
    pub(crate) fn append(&mut self, faults: Vec<Fault<C>>, dropped: usize) {
        let room = Self::MAX - self.faults.len();
        self.dropped += dropped + faults.len().saturating_sub(room);
        self.faults.extend(faults.into_iter().take(room));
    }

    /// The faults, in the order in which they were noted.
    pub fn faults(&self) -> &[Fault<C>] {
        &self.faults
    }

    /// Whether there is a document all the same.
    pub fn has_errors(&self) -> bool {
        self.dropped > 0 || self.faults.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// What is told of the faults, in the order of their places.
    pub(crate) fn into_diagnostics(mut self, place: impl Fn(&At) -> Place) -> Vec<Diagnostic<C>> {
        self.faults.sort_by_key(|fault| match &fault.at {
            At::Span(span) => span.start,
            At::Pointer(_) => 0,
        });
        let end = self.faults.last().map(|fault| place(&fault.at));
        let told = self.faults.into_iter().map(|fault| Diagnostic {
            severity: fault.severity,
            code: fault.code,
            place: place(&fault.at),
            what: fault.what,
            hint: fault.hint,
        });
        let mut told: Vec<Diagnostic<C>> = told.collect();
        told.dedup();
        if let (1.., Some(place)) = (self.dropped, end) {
            let what = format!("{} more faults were found and are not shown", self.dropped);
            let hint = Some("mend those above first".to_owned());
            let code = Rule::TooManyFaults.into();
            told.push(Diagnostic { severity: Severity::Error, code, place, what, hint });
        }
        told
    }
}
