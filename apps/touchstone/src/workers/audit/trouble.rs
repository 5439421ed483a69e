//! Trouble that lasts: told when it begins, when it becomes another, and when it is over; tried again less and less often.

use std::{fmt::Display, time::Duration};

use tracing::{error, info, warn};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// What is done, and what is wrong with it at the moment.
pub(super) struct Trouble {
    with: &'static str,
    told: Option<String>,
    pause: Duration,
}

impl Trouble {
    /// There is none yet.
    pub(super) fn with(with: &'static str) -> Self {
        Self { with, told: None, pause: FIRST }
    }

    /// Something is wrong; tells after which pause to try again.
    pub(super) fn warn(&mut self, cause: &impl Display) -> Duration {
        let with = self.with;
        self.goes_on(cause, |cause| warn!(%cause, "trouble {with}; it is tried again"))
    }

    /// Something is wrong that a person must look into.
    pub(super) fn alarm(&mut self, cause: &impl Display) -> Duration {
        let with = self.with;
        self.goes_on(cause, |cause| error!(%cause, "trouble {with}"))
    }

    /// Nothing is wrong.
    pub(super) fn is_over(&mut self) {
        if self.told.take().is_some() {
            info!("no more trouble {}", self.with);
        }
        self.pause = FIRST;
    }

    fn goes_on(&mut self, cause: &impl Display, tell: impl FnOnce(&str)) -> Duration {
        let cause = cause.to_string();
        if self.told.as_ref() != Some(&cause) {
            tell(&cause);
            self.told = Some(cause);
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
        let mut trouble = Trouble::with("testing");
        let mut told = Vec::new();
        let mut next = |trouble: &mut Trouble, cause: &str| {
            trouble.goes_on(&cause, |cause| told.push(cause.to_owned())).as_millis()
        };
        let pauses: Vec<u128> = (0..8).map(|_| next(&mut trouble, "away")).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(next(&mut trouble, "worse"), 30_000);
        trouble.is_over();
        assert_eq!(next(&mut trouble, "worse"), 500);
        assert_eq!(told, ["away", "worse", "worse"]);
    }
}
