//! Interview sessions with their answers, turns and ratings as rows. A person keeps answers of his own; whether he
//! sees them is the session's to say.

use std::cmp::Ordering;

use assessment_engine::{
    Rater, Rating, Slug,
    custom::{InterviewSession, unit::SESSION},
    interview::Turn,
    rating::Target,
    session::Kept,
};
use kernel::{AccountId, Digest, OrganizationId, Scope, Timestamp, Unique};
use uuid::Uuid;

use super::{assessment::tenants, if_reached};
use crate::table::{Access, Key, Meeting, Row};

/// What was answered to an item.
#[derive(Clone)]
pub(crate) struct Answered {
    pub(crate) session: Uuid,
    pub(crate) organization: OrganizationId,
    pub(crate) account: Option<AccountId>,
    pub(crate) item: Slug,
    pub(crate) kept: Kept,
}

/// What was said at once.
#[derive(Clone)]
pub(crate) struct Spoken {
    pub(crate) session: Uuid,
    pub(crate) organization: OrganizationId,
    pub(crate) turn: Turn,
}

/// What somebody concluded.
#[derive(Clone)]
pub(crate) struct Rated {
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
        tenants(scope, self.organization).max(if_reached(own, Access::Read))
    }
}

impl Answered {
    pub(crate) fn id_of(session: Uuid, item: &Slug) -> <Self as Row>::Id {
        (session, Digest::of(item.as_str().as_bytes()))
    }
}

impl Row for Answered {
    type Id = (Uuid, Digest);

    fn id(&self) -> Self::Id {
        Self::id_of(self.session, &self.item)
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Under(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        let own = self.account.is_some_and(|account| scope == Scope::Account(account));
        tenants(scope, self.organization).max(if_reached(own, Access::Keep))
    }

    /// The higher number stays, whoever commits last. Two replies under one number are for the sender to sort out.
    fn meets(&self, found: &Self) -> Meeting {
        match self.kept.sequence.cmp(&found.kept.sequence) {
            Ordering::Greater => Meeting::Replaces,
            Ordering::Equal if self.kept.reply != found.kept.reply => Meeting::Clashes,
            Ordering::Equal | Ordering::Less => Meeting::Yields,
        }
    }
}

impl Row for Spoken {
    type Id = (Uuid, u32);

    fn id(&self) -> Self::Id {
        (self.session, self.turn.number)
    }
    fn revision(&self) -> i64 {
        1
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Under(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenants(scope, self.organization)
    }
}

impl Row for Rated {
    type Id = (Uuid, Digest);

    fn id(&self) -> Self::Id {
        (self.session, Digest::of(format!("{:?} {:?}", self.target, self.rater).as_bytes()))
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Under(self.session)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenants(scope, self.organization)
    }
}
