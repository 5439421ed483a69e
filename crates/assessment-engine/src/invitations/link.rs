//! The token in a mailed link: it tells where to look, and proves that its bearer had the letter.

use kernel::{Digest, Id, OrganizationId, Random, Secret, encoding};
use uuid::Uuid;

use crate::sessions::interview_session::Origin;

/// What the token in a link says. Whether it opens anything is for the invitee's [`Token`](super::invitee::Token).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationLink {
    /// Who invites.
    pub organization: OrganizationId,
    /// To what.
    pub origin: Origin,
    /// Of its secret.
    pub digest: Digest,
}

const CAMPAIGN: u8 = 1;
const COACHING: u8 = 2;
const SECRET: usize = 32;
/// Kind, organisation, campaign (or zeros), assignment or coaching session; the secret follows.
const HEAD: usize = 1 + 3 * 16;

impl InvitationLink {
    /// A token with a new secret, and what is kept of that.
    pub fn mint(organization: OrganizationId, origin: Origin, random: &dyn Random) -> (Secret, Digest) {
        let (kind, campaign) = match origin {
            Origin::Campaign { campaign, .. } => (CAMPAIGN, campaign.uuid()),
            Origin::Coaching(_) => (COACHING, Uuid::nil()),
        };
        let secret: [u8; SECRET] = random.bytes();
        let mut bytes = Vec::with_capacity(HEAD + SECRET);
        bytes.push(kind);
        for id in [organization.uuid(), campaign, origin.id()] {
            bytes.extend(id.as_bytes());
        }
        bytes.extend(secret);
        (Secret::new(encoding::base64url(&bytes)), Digest::of(&secret))
    }

    /// Reads a token; `None` for any other text.
    pub fn read(token: &str) -> Option<Self> {
        let bytes = encoding::from_base64url(token)?;
        let (head, secret) = bytes.split_at_checked(HEAD).filter(|(_, secret)| secret.len() == SECRET)?;
        let id = |place: usize| Uuid::from_slice(head.get(1 + 16 * place..17 + 16 * place)?).ok();
        let origin = match *head.first()? {
            CAMPAIGN => {
                Origin::Campaign { campaign: Id::from_uuid(id(1)?), assignment: Id::from_uuid(id(2)?) }
            }
            COACHING => Origin::Coaching(Id::from_uuid(id(2)?)),
            _ => return None,
        };
        Some(Self { organization: Id::from_uuid(id(0)?), origin, digest: Digest::of(secret) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Random for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_token_reads_back_and_nothing_else_does() {
        let id = Uuid::from_u128;
        let organization = Id::from_uuid(id(1));
        let campaign = Origin::Campaign { campaign: Id::from_uuid(id(2)), assignment: Id::from_uuid(id(3)) };
        for origin in [campaign, Origin::Coaching(Id::from_uuid(id(4)))] {
            let (token, digest) = InvitationLink::mint(organization, origin, &Sevens);
            let read = InvitationLink::read(token.expose());
            assert_eq!(read, Some(InvitationLink { organization, origin, digest }));
            assert_eq!(InvitationLink::read(&token.expose()[1..]), None);
            assert_eq!(InvitationLink::read(&format!("{}AAAA", token.expose())), None);
        }
        assert_eq!(InvitationLink::read(""), None);
        assert_eq!(InvitationLink::read("no link"), None);
    }
}
