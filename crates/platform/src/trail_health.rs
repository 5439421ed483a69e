//! The health of the audit trail: what the work on it found out, for whoever asks.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Whether the trail is what its checkpoints vouch for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Soundness {
    /// It is.
    Sound,
    /// It is not: something was altered.
    Altered,
    /// Nobody could tell, or nobody in this process looks.
    #[default]
    Unknown,
}

impl Soundness {
    /// The name it is sent under.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Altered => "altered",
            Self::Unknown => "unknown",
        }
    }
}

/// What is known of the trail. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct TrailHealth(Arc<Mutex<(Soundness, Option<Duration>)>>);

impl TrailHealth {
    /// Whether it is sound.
    pub fn soundness(&self) -> Soundness {
        self.known().0
    }

    /// How long the oldest event without a number has waited; `None` while nobody in this process measures it.
    pub fn lag(&self) -> Option<Duration> {
        self.known().1
    }

    /// Notes what was found.
    pub fn set_soundness(&self, soundness: Soundness) {
        self.known().0 = soundness;
    }

    /// Notes what was measured.
    pub fn set_lag(&self, lag: Option<Duration>) {
        self.known().1 = lag;
    }

    fn known(&self) -> MutexGuard<'_, (Soundness, Option<Duration>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
