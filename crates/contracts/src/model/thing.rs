//! Any of the aggregates the model works with.

use identity::{
    Account, EndReason, Invitation, Membership, OneTimeToken, Organization, OrganizationProfile, Profile,
    Roles, Session, Unit,
};
use kernel::{Assurance, Keyed as _, StoreError, Timestamp};
use uuid::Uuid;

use super::{Kind, SLUGS, address, role};
use crate::{
    aggregate::Aggregate,
    samples::{name, slug},
};

macro_rules! things {
    ($($kind:ident: $thing:ident),+) => {
        #[derive(Debug, Clone)]
        pub(super) enum Thing {
            $($thing($thing)),+
        }

        impl Thing {
            pub(super) fn kind(&self) -> Kind {
                match self {
                    $(Self::$thing(_) => Kind::$kind),+
                }
            }

            pub(super) fn uuid(&self) -> Uuid {
                match self {
                    $(Self::$thing(it) => it.id()),+
                }
            }

            pub(super) fn shown(&self) -> String {
                match self {
                    $(Self::$thing(it) => it.shown()),+
                }
            }

            pub(super) fn is_new(&self) -> bool {
                match self {
                    $(Self::$thing(it) => it.version() == 0),+
                }
            }

            pub(super) async fn save(&mut self, unit: &mut Unit) -> Result<(), StoreError> {
                match self {
                    $(Self::$thing(it) => it.save(unit).await),+
                }
            }

            pub(super) async fn read(&self, unit: &mut Unit) -> Result<Option<Self>, StoreError> {
                match self {
                    $(Self::$thing(it) => Ok(it.read(unit).await?.map(Self::$thing))),+
                }
            }
        }

        $(impl From<$thing> for Thing {
            fn from(thing: $thing) -> Self {
                Self::$thing(thing)
            }
        })+
    };
}

things! {
    Account: Account,
    Invitation: Invitation,
    Membership: Membership,
    Organization: Organization,
    Session: Session,
    Token: OneTimeToken
}

impl Thing {
    /// Changes it in one of several ways; some change nothing and leave no record.
    pub(super) fn edit(&mut self, way: u8, now: Timestamp) {
        let (which, value) = (way % 4, way / 4);
        match (self, which) {
            (Self::Account(account), 0) => {
                let full_name = Some(name(if value.is_multiple_of(2) { "Ann" } else { "Anna" }));
                let profile = Profile { full_name, ..account.profile.clone() };
                account.edit_profile(profile, now);
            }
            (Self::Account(account), 1) => account.suspend(now),
            (Self::Account(account), 2) => account.reinstate(now),
            (Self::Account(account), _) => {
                account.request_email_change(address(value), true, now);
                account.confirm_email_change(now);
            }
            (Self::Organization(organization), 0) => organization.close(now),
            (Self::Organization(organization), _) => {
                let slug = SLUGS.get(usize::from(value) % (SLUGS.len() + 1)).map(|text| slug(text));
                organization.edit(OrganizationProfile { slug, ..organization.profile() }, now);
            }
            (Self::Membership(membership), 0) => membership.grant(Roles::only(role(value)), now),
            (Self::Membership(membership), 1) => membership.end(value.is_multiple_of(2), now),
            (Self::Membership(membership), 2) => membership.suspend(now),
            (Self::Membership(membership), _) => membership.rejoin(Roles::only(role(value)), now),
            (Self::Invitation(invitation), 0) => invitation.decline(now),
            (Self::Invitation(invitation), 1) => invitation.revoke(now),
            (Self::Invitation(invitation), 2) => invitation.forget_address(now),
            (Self::Invitation(invitation), _) => invitation.resend(true, now),
            (Self::Session(session), 0) => session.end(EndReason::Logout, now),
            (Self::Session(session), _) => session.stepped_up(Assurance::Aal2, now),
            (Self::OneTimeToken(token), _) => {
                let _used = token.use_up(now);
            }
        }
    }
}
