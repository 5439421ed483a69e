//! Trouble that lasts: told when it begins, when it becomes another, and when it is over; tried again less and less
//! often.

use std::{fmt::Display, time::Duration};

use tracing::{error, info, warn};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// What is done, and what is wrong with it at the moment.
pub(super) struct FailureLog {
    with: &'static str,
    logged: Option<String>,
    pause: Duration,
}

impl FailureLog {
    /// There is none yet.
    pub(super) fn of(with: &'static str) -> Self {
        Self { with, logged: None, pause: FIRST }
    }

    /// Something is wrong; tells after which pause to try again.
    pub(super) fn warn(&mut self, cause: &impl Display) -> Duration {
        let with = self.with;
        self.log(cause, |cause| warn!(%cause, "trouble {with}; it is tried again"))
    }

    /// Something is wrong that a person must look into.
    pub(super) fn alarm(&mut self, cause: &impl Display) -> Duration {
        let with = self.with;
        self.log(cause, |cause| error!(%cause, "trouble {with}"))
    }

    /// Nothing is wrong.
    pub(super) fn recovered(&mut self) {
        if self.logged.take().is_some() {
            info!("no more trouble {}", self.with);
        }
        self.pause = FIRST;
    }

    fn log(&mut self, cause: &impl Display, write: impl FnOnce(&str)) -> Duration {
        let cause = cause.to_string();
        if self.logged.as_ref() != Some(&cause) {
            write(&cause);
            self.logged = Some(cause);
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lasting_trouble_is_told_once_and_tried_less_and_less_often() {
        let mut failures = FailureLog::of("testing");
        let mut logged = Vec::new();
        let mut next = |failures: &mut FailureLog, cause: &str| {
            failures.log(&cause, |cause| logged.push(cause.to_owned())).as_millis()
        };
        let pauses: Vec<u128> = (0..8).map(|_| next(&mut failures, "away")).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(next(&mut failures, "worse"), 30_000);
        failures.recovered();
        assert_eq!(next(&mut failures, "worse"), 500);
        assert_eq!(logged, ["away", "worse", "worse"]);
    }
}
