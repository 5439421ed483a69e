//! What was said in a session as rows: answers, turns and ratings. A person keeps answers of their own; whether they
//! see them is the session's to say.

use std::cmp::Ordering;

use assessment_engine::InterviewSessionId;
use assessment_format::{Rater, Rating, Slug, interview::Turn, rating::Target, session::StoredAnswer};
use kernel::{AccountId, OrganizationId, Scope};

use super::rows::tenant_only;
use crate::{
    key::{Key, RowId},
    row::{Access, AnyRow, OnConflict, Row, if_allowed, typed},
};

/// What was answered to an item.
#[derive(Clone)]
pub(super) struct AnswerRow {
    pub(super) session: InterviewSessionId,
    pub(super) organization: OrganizationId,
    pub(super) account: Option<AccountId>,
    pub(super) item: Slug,
    pub(super) answer: StoredAnswer,
}

/// What was said at once.
#[derive(Clone)]
pub(super) struct TurnRow {
    pub(super) session: InterviewSessionId,
    pub(super) organization: OrganizationId,
    pub(super) turn: Turn,
}

/// What somebody concluded.
#[derive(Clone)]
pub(super) struct RatingRow {
    pub(super) session: InterviewSessionId,
    pub(super) organization: OrganizationId,
    pub(super) target: Target,
    pub(super) rater: Rater,
    pub(super) rating: Rating,
}

impl Row for AnswerRow {
    fn row_id(&self) -> RowId {
        RowId::named(self.session.uuid(), self.item.as_str().as_bytes())
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::parent(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        let own = self.account.is_some_and(|account| scope == Scope::Account(account));
        tenant_only(scope, self.organization).max(if_allowed(own, Access::Full))
    }

    /// The higher number stays, whoever commits last. Two replies under one number are for the sender to sort out.
    fn on_conflict(&self, found: &AnyRow) -> OnConflict {
        let Some(found) = typed::<Self>(found) else { return OnConflict::Replace };
        match self.answer.sequence.cmp(&found.answer.sequence) {
            Ordering::Greater => OnConflict::Replace,
            Ordering::Equal if self.answer.reply != found.answer.reply => OnConflict::Fail,
            Ordering::Equal | Ordering::Less => OnConflict::KeepExisting,
        }
    }
}

impl Row for TurnRow {
    fn row_id(&self) -> RowId {
        RowId::numbered(self.session, self.turn.number)
    }
    fn revision(&self) -> i64 {
        1
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::parent(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for RatingRow {
    fn row_id(&self) -> RowId {
        RowId::named(self.session.uuid(), format!("{:?} {:?}", self.target, self.rater).as_bytes())
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::parent(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}
