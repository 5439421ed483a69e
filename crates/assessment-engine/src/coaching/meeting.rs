//! Whose time the meeting of a coaching session takes.

use kernel::{
    Target, Timestamp,
    claims::{Claim, Resource},
};
use serde::{Deserialize, Serialize};

use crate::coaching::coaching_session::CoachingSession;

/// How long coach and coachee meet: 5 to 480 minutes, 60 unless told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct MeetingMinutes(u16);

/// A length that no meeting has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a meeting takes 5 to 480 minutes")]
pub struct NoMeeting;

impl MeetingMinutes {
    /// Checks the range.
    pub const fn new(minutes: u16) -> Result<Self, NoMeeting> {
        if minutes >= 5 && minutes <= 480 { Ok(Self(minutes)) } else { Err(NoMeeting) }
    }

    /// From 5 to 480.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for MeetingMinutes {
    fn default() -> Self {
        Self(60)
    }
}

impl From<MeetingMinutes> for u16 {
    fn from(minutes: MeetingMinutes) -> Self {
        minutes.0
    }
}

impl TryFrom<u16> for MeetingMinutes {
    type Error = NoMeeting;

    fn try_from(minutes: u16) -> Result<Self, NoMeeting> {
        Self::new(minutes)
    }
}

impl CoachingSession {
    /// What its time is taken for.
    pub(crate) fn target(&self) -> Target {
        Target::new(Self::KIND, self.id)
    }

    /// The time that its meeting takes, if that lies ahead: the coach's, and where they have an account the coachee's.
    /// Whether the coachee is free is nothing that the organisation may learn.
    pub(crate) fn claims(&self, now: Timestamp) -> Vec<Claim> {
        let Some(starts_at) = self.arrangement.scheduled_at.filter(|at| *at > now) else { return Vec::new() };
        let claim = |resource| Claim::new(resource, starts_at, self.arrangement.duration.get());
        let coachee = self.coachee.account.map(|account| claim(Resource::Guest(account)).as_courtesy());
        [claim(Resource::Host(self.coach))].into_iter().chain(coachee).collect()
    }
}
