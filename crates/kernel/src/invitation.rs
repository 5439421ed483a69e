//! Invitations: asking a person to do one thing, be they a member or whoever has an address, and letting them do it
//! without an account.
//!
//! A letter carries an [`InvitationLink`], which names whom it is for and what it is about. It is authentic by itself
//! and holds nothing that may change: whether it opens anything is asked of what is true when it is opened, and of
//! [`crate::letters::Links`]. It is exchanged for a [`GuestToken`], a bearer token that serves what it names alone.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{AccountId, Change, EmailAddress, Id, Name, OrganizationId, Secret, StoreError, Timestamp};

/// What an invitation is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Invited {
    /// Names the kind of thing: 1 an assignment of a campaign, 2 a coaching session, 3 joining an
    /// organisation. A number is never used again.
    pub kind: u8,
    /// Who invites.
    pub organization: OrganizationId,
    /// What the thing is found by, if it is part of another: the campaign of an assignment.
    pub parent: Option<Uuid>,
    /// Identifies the thing among its kind.
    pub id: Uuid,
}

impl Invited {
    /// Kind, organisation, parent (or zeros), id.
    const LENGTH: usize = 1 + 3 * 16;

    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![self.kind];
        for id in [self.organization.uuid(), self.parent.unwrap_or_default(), self.id] {
            bytes.extend(id.as_bytes());
        }
        bytes
    }

    /// Reads the beginning of a token, and hands on the rest.
    fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (head, rest) = bytes.split_at_checked(Self::LENGTH)?;
        let (kind, ids) = head.split_first()?;
        let id = |place: usize| Uuid::from_slice(ids.get(16 * place..16 * (place + 1))?).ok();
        let (organization, parent) = (Id::from_uuid(id(0)?), id(1).filter(|id| !id.is_nil()));
        Some((Self { kind: *kind, organization, parent, id: id(2)? }, rest))
    }
}

/// Invitations of addresses that nobody has registered yet: a part of the unit of every domain that invites people.
/// Once somebody proves an address to be theirs, each domain finds by it what it asked them for.
#[async_trait]
pub trait PendingInvitations: Send {
    /// Notes what each address was asked for. Again is no change. Scope: the inviting organisation's.
    async fn put_pending_email_invitations(
        &mut self,
        asked: &[(EmailAddress, Invited)],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// What an address, without regard to case, was asked for by invitations of these kinds, oldest first. Scope:
    /// worker.
    async fn pending_email_invitations(
        &mut self,
        email: &EmailAddress,
        kinds: &[u8],
    ) -> Result<Vec<Invited>, StoreError>;

    /// Forgets what an address was asked for by invitations of these kinds. Scope: worker.
    async fn delete_pending_email_invitations(
        &mut self,
        email: &EmailAddress,
        kinds: &[u8],
    ) -> Result<(), StoreError>;
}

/// Whoever is asked: a member of the organisation, or whoever has an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    /// The account: the member's, or, once it is known, that of whoever has the address.
    pub account: Option<AccountId>,
    /// The address that was asked; `None` for members, and once the person had their data erased.
    pub email: Option<EmailAddress>,
    /// How letters address the person.
    pub name: Option<Name>,
    /// When the letter was sent, or was to be.
    pub invited_at: Option<Timestamp>,
    /// When the person was last reminded.
    pub reminded_at: Option<Timestamp>,
}

impl Invitee {
    /// A member of the organisation.
    pub const fn member(account: AccountId) -> Self {
        Self { account: Some(account), email: None, name: None, invited_at: None, reminded_at: None }
    }

    /// Whoever has this address.
    pub const fn address(email: EmailAddress, name: Option<Name>) -> Self {
        Self { account: None, email: Some(email), name, invited_at: None, reminded_at: None }
    }

    /// Whom a change of the invitation is about: the person, or `invitation` in place of one who has no account.
    pub fn subject<T>(&self, invitation: Id<T>) -> Uuid {
        self.account.map_or(invitation.uuid(), Id::uuid)
    }

    /// When the newest letter was asked for.
    pub fn asked_at(&self) -> Option<Timestamp> {
        self.invited_at.max(self.reminded_at)
    }

    /// A letter is to be sent. Returns the change with what it does here.
    pub fn invite(&mut self, change: Change) -> Change {
        let now = Some(change.at);
        let before = std::mem::replace(&mut self.invited_at, now);
        change.plain("invited_at", &before, &now)
    }

    /// A reminder is to be sent. Returns the change with what it does here.
    pub fn remind(&mut self, change: Change) -> Change {
        let now = Some(change.at);
        let before = std::mem::replace(&mut self.reminded_at, now);
        change.plain("reminded_at", &before, &now)
    }

    /// Whoever has this address is asked in the place of whoever has the one before. Returns who was asked.
    pub fn readdress(&mut self, email: EmailAddress, name: Option<Name>) -> Self {
        let Self { invited_at, reminded_at, .. } = *self;
        std::mem::replace(self, Self { invited_at, reminded_at, ..Self::address(email, name) })
    }

    /// Nothing is kept of the person but when they were asked.
    pub fn forget(&mut self) {
        let Self { invited_at, reminded_at, .. } = *self;
        *self = Self { account: None, email: None, name: None, invited_at, reminded_at };
    }
}

/// What the token in a mailed link says: whom it is for, to what it invites, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationLink {
    /// To what it invites.
    pub invited: Invited,
    /// When it was made, to the microsecond.
    pub issued_at: Timestamp,
}

impl InvitationLink {
    /// How many bytes [`InvitationLink::to_bytes`] gives.
    pub const LENGTH: usize = Invited::LENGTH + 8;

    /// What it says as bytes, for [`GuestTokens`] to make authentic.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.invited.to_bytes();
        bytes.extend(self.issued_at.unix_micros().to_be_bytes());
        bytes
    }

    /// Reads [`InvitationLink::to_bytes`]; `None` for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (invited, micros) = Invited::split(bytes)?;
        let micros = i64::from_be_bytes(micros.try_into().ok()?);
        Some(Self { invited, issued_at: Timestamp::from_unix_micros(micros)? })
    }
}

/// What the token of a guest says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuestToken {
    /// To what its bearer was invited: it serves that alone.
    pub invited: Invited,
    /// Until when it serves, to the second.
    pub expires_at: Timestamp,
}

impl GuestToken {
    /// What every token of a guest begins with, so that people and scanners recognise one.
    pub const PREFIX: &str = "tsg_";
    /// How many bytes [`GuestToken::to_bytes`] gives.
    pub const LENGTH: usize = Invited::LENGTH + 8;

    /// What it says as bytes, for [`GuestTokens`] to make authentic.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.invited.to_bytes();
        bytes.extend(self.expires_at.unix_seconds().to_be_bytes());
        bytes
    }

    /// Reads [`GuestToken::to_bytes`]; `None` for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (invited, seconds) = Invited::split(bytes)?;
        let seconds = i64::from_be_bytes(seconds.try_into().ok()?);
        Some(Self { invited, expires_at: Timestamp::from_unix_seconds(seconds)? })
    }
}

/// Issues and reads what people without an account hold: the links of their letters, and the bearer tokens, "passes" in
/// the API, that a link is exchanged for. Each is authentic by itself and is not stored; whether what it names still
/// stands is looked up at every use.
pub trait GuestTokens: Send + Sync {
    /// The token in a mailed link.
    fn link(&self, link: &InvitationLink) -> Secret;
    /// What an authentic link says; `None` for any other text.
    fn read_link(&self, token: &str) -> Option<InvitationLink>;
    /// Issues a bearer token.
    fn issue(&self, guest: &GuestToken) -> Secret;
    /// What an authentic bearer token says; `None` for any other text.
    fn read(&self, token: &str) -> Option<GuestToken>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;

    fn invitations() -> [Invited; 2] {
        let id = Uuid::from_u128;
        let organization = Id::from_uuid(id(1));
        let assignment = Invited { kind: 1, organization, parent: Some(id(2)), id: id(3) };
        [assignment, Invited { kind: 2, parent: None, id: id(4), ..assignment }]
    }

    #[test]
    fn the_layout_is_that_of_the_letters_already_sent() {
        let [assignment, coaching] = invitations();
        let zeros = "00".repeat(15);
        let issued_at = Timestamp::from_unix_micros(1_800_000_000_000_001).unwrap();
        let link = InvitationLink { invited: assignment, issued_at };
        let expected = format!("01{zeros}01{zeros}02{zeros}030006651728988001");
        assert_eq!(encoding::hex(&link.to_bytes()), expected);
        let expires_at = Timestamp::from_unix_seconds(1_800_000_000).unwrap();
        let guest = GuestToken { invited: coaching, expires_at };
        let expected = format!("02{zeros}01{zeros}00{zeros}04000000006b49d200");
        assert_eq!(encoding::hex(&guest.to_bytes()), expected);
        assert_eq!(
            (guest.to_bytes().len(), link.to_bytes().len()),
            (GuestToken::LENGTH, InvitationLink::LENGTH)
        );
        assert_eq!(GuestToken::from_bytes(&guest.to_bytes()), Some(guest));
        assert_eq!(GuestToken::from_bytes(&guest.to_bytes()[1..]), None);
        assert_eq!(InvitationLink::from_bytes(&link.to_bytes()), Some(link));
        assert_eq!(InvitationLink::from_bytes(&link.to_bytes()[1..]), None);
    }
}
