//! The answers of a person, each with the number under which the client sent it.

use std::collections::BTreeMap;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::Reply;
use crate::slug::Slug;

/// What is kept of an item: the newest reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// The number under which the client sent it; from 0 to 2^53 - 1, the most a JSON number keeps exactly.
    pub sequence: u64,
    /// The reply; `None` where the person took it back.
    pub reply: Option<Reply>,
    /// When it was accepted.
    pub at: Timestamp,
}

/// What became of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "outcome")]
pub enum SaveOutcome {
    /// It is the answer now.
    Stored,
    /// It was the answer already: the same reply came again under the same number.
    Repeated,
    /// The client sent a newer one before: that stays the answer.
    Superseded {
        /// The number of the newer one.
        by: u64,
    },
}

/// Another reply came under a number that was used: taking it as a repetition would lose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) struct Clash;

/// The answers of a person, by item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<Slug, StoredAnswer>);

impl Answers {
    /// The largest sequence number.
    pub const MAX_SEQUENCE: u64 = (1 << 53) - 1;

    /// The reply to an item, where there is one.
    pub fn reply(&self, item: &Slug) -> Option<&Reply> {
        self.0.get(item)?.reply.as_ref()
    }

    /// What is kept of an item, taken back or not.
    pub fn stored(&self, item: &Slug) -> Option<&StoredAnswer> {
        self.0.get(item)
    }

    /// The replies there are, by item in ascending order.
    pub fn replies(&self) -> impl Iterator<Item = (&Slug, &Reply)> {
        self.0.iter().filter_map(|(item, stored)| Some((item, stored.reply.as_ref()?)))
    }

    /// All that is kept, by item in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (&Slug, &StoredAnswer)> {
        self.0.iter()
    }

    pub(in crate::session) fn save(&mut self, item: &Slug, new: StoredAnswer) -> Result<SaveOutcome, Clash> {
        match self.0.get_mut(item) {
            Some(stored) if stored.sequence > new.sequence => {
                Ok(SaveOutcome::Superseded { by: stored.sequence })
            }
            Some(stored) if stored.sequence == new.sequence && stored.reply == new.reply => {
                Ok(SaveOutcome::Repeated)
            }
            Some(stored) if stored.sequence == new.sequence => Err(Clash),
            Some(stored) => {
                *stored = new;
                Ok(SaveOutcome::Stored)
            }
            None => {
                self.0.insert(item.clone(), new);
                Ok(SaveOutcome::Stored)
            }
        }
    }
}

/// Puts together what storage kept.
impl FromIterator<(Slug, StoredAnswer)> for Answers {
    fn from_iter<I: IntoIterator<Item = (Slug, StoredAnswer)>>(stored: I) -> Self {
        Self(stored.into_iter().collect())
    }
}

/// Answers that came otherwise than one by one: all under number 0, at the epoch.
impl FromIterator<(Slug, Reply)> for Answers {
    fn from_iter<I: IntoIterator<Item = (Slug, Reply)>>(replies: I) -> Self {
        let stored = |reply| StoredAnswer { sequence: 0, reply: Some(reply), at: Timestamp::EPOCH };
        replies.into_iter().map(|(item, reply)| (item, stored(reply))).collect()
    }
}
