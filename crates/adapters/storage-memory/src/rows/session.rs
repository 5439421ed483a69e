//! Interview sessions with their answers, turns and ratings as rows. A person keeps answers of his own; whether he
//! sees them is the session's to say.

use std::cmp::Ordering;

use assessment_engine::{InterviewSession, unit::SESSION};
use assessment_format::{Rater, Rating, Slug, interview::Turn, rating::Target, session::StoredAnswer};
use kernel::{AccountId, Digest, OrganizationId, Scope, Timestamp, Unique};
use uuid::Uuid;

use super::{assessment::tenant_only, if_allowed};
use crate::table::{Access, Key, OnConflict, Row};

/// What was answered to an item.
#[derive(Clone)]
pub(crate) struct AnswerRow {
    pub(crate) session: Uuid,
    pub(crate) organization: OrganizationId,
    pub(crate) account: Option<AccountId>,
    pub(crate) item: Slug,
    pub(crate) answer: StoredAnswer,
}

/// What was said at once.
#[derive(Clone)]
pub(crate) struct TurnRow {
    pub(crate) session: Uuid,
    pub(crate) organization: OrganizationId,
    pub(crate) turn: Turn,
}

/// What somebody concluded.
#[derive(Clone)]
pub(crate) struct RatingRow {
    pub(crate) session: Uuid,
    pub(crate) organization: OrganizationId,
    pub(crate) target: Target,
    pub(crate) rater: Rater,
    pub(crate) rating: Rating,
}

impl Row for InterviewSession {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        vec![(SESSION, Key::Origin(self.origin.id()))]
    }
    fn access(&self, scope: Scope) -> Access {
        let own = self.account.is_some_and(|account| scope == Scope::Account(account));
        tenant_only(scope, self.organization).max(if_allowed(own, Access::Read))
    }
}

impl AnswerRow {
    pub(crate) fn id_of(session: Uuid, item: &Slug) -> <Self as Row>::Id {
        (session, Digest::of(item.as_str().as_bytes()))
    }
}

impl Row for AnswerRow {
    type Id = (Uuid, Digest);

    fn id(&self) -> Self::Id {
        Self::id_of(self.session, &self.item)
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Parent(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        let own = self.account.is_some_and(|account| scope == Scope::Account(account));
        tenant_only(scope, self.organization).max(if_allowed(own, Access::Full))
    }

    /// The higher number stays, whoever commits last. Two replies under one number are for the sender to sort out.
    fn on_conflict(&self, found: &Self) -> OnConflict {
        match self.answer.sequence.cmp(&found.answer.sequence) {
            Ordering::Greater => OnConflict::Replace,
            Ordering::Equal if self.answer.reply != found.answer.reply => OnConflict::Fail,
            Ordering::Equal | Ordering::Less => OnConflict::KeepExisting,
        }
    }
}

impl Row for TurnRow {
    type Id = (Uuid, u32);

    fn id(&self) -> Self::Id {
        (self.session, self.turn.number)
    }
    fn revision(&self) -> i64 {
        1
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Parent(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for RatingRow {
    type Id = (Uuid, Digest);

    fn id(&self) -> Self::Id {
        (self.session, Digest::of(format!("{:?} {:?}", self.target, self.rater).as_bytes()))
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Parent(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}
