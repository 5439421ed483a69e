//! `touchstone assessment`: what can be done with a file alone, without settings and database, and what is done
//! with what an organisation stored.

mod check;
mod explained;
mod files;
mod fmt;
mod new;
mod rescore;
mod score;

use crate::{
    cli::Assessment,
    config::Settings,
    exit::{Exit, Failure},
    output,
};

/// Does what needs a file alone; `None` for the rest.
pub(super) fn alone(command: &Assessment) -> Option<Result<(), Failure>> {
    match command {
        Assessment::New(what) => Some(new::run(what)),
        Assessment::Check(what) => Some(check::run(what)),
        Assessment::Fmt(what) => Some(fmt::run(what)),
        Assessment::Score(what) => Some(score::run(what)),
        Assessment::Rescore(_) => None,
    }
}

/// Does the rest.
pub(super) async fn run(settings: &Settings, command: &Assessment) -> Result<(), Failure> {
    match command {
        Assessment::Rescore(what) => rescore::run(settings, what).await,
        file => alone(file).unwrap_or(Ok(())),
    }
}

/// What became of the files named.
#[derive(Debug, Default)]
struct Tally {
    /// How many do not keep the rules.
    faulty: usize,
    /// Why others could not be read or written.
    unusable: Vec<Failure>,
}

impl Tally {
    /// Counts a file: whether it is sound, or why that cannot be told.
    fn count(&mut self, file: Result<bool, Failure>) {
        match file {
            Ok(sound) => self.faulty += usize::from(!sound),
            Err(failure) => self.unusable.push(failure),
        }
    }

    /// How it ends; `fault` says what the faulty ones have in common.
    fn end(mut self, fault: &str) -> Result<(), Failure> {
        let Some(last) = self.unusable.pop() else {
            let faulty = counted(self.faulty, "file", "files");
            return if self.faulty == 0 { Ok(()) } else { Err(self::faulty(format!("{faulty} {fault}"))) };
        };
        self.unusable.iter().for_each(output::notice);
        Err(last)
    }
}

fn faulty(message: String) -> Failure {
    Failure::new(Exit::AssessmentFaulty, message)
}

/// `1 file`, `2 files`.
fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
