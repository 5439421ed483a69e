//! What an organisation says about its sessions.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// What the campaign says about its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// How many minutes a person has from the start; without them there is no limit.
    pub minutes: Option<u16>,
    /// When the campaign closes: no session starts after it, no time limit reaches beyond it. Only time
    /// granted by hand does.
    pub closes_at: Option<Timestamp>,
    /// Whether a session may pause.
    pub pauses: Option<Pauses>,
    /// What becomes of a session whose deadline passes.
    #[serde(rename = "lapse")]
    pub on_deadline: OnDeadline,
}

/// How a session may pause. The clock stands still meanwhile, until the minutes are spent; then it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pauses {
    /// How often.
    pub most: u8,
    /// How many minutes, in all.
    pub minutes: u16,
}

kernel::named! {
    /// What becomes of a session whose deadline passes.
    pub enum OnDeadline {
        /// What was answered is submitted.
        Submit = "submit",
        /// It is abandoned: nothing is scored, unless someone reopens it.
        Abandon = "abandon",
    }
}
