//! Links: whoever has one reads one document for some minutes, without a session and without a row for it.

use std::time::Duration;

use kernel::{
    Ctx, Id, OrganizationId, Sealing, Secret, StoreError, Timestamp, document::DocumentId, encoding,
};
use uuid::Uuid;

use crate::{Document, Ports, actions};

const PURPOSE: &str = "document.link";

/// Where content is given out to whoever has a link; the ticket stands behind it.
const PATH: &str = "/v1/documents/content?link=";

/// A link, as whoever asked for it is given it.
#[derive(Debug, Clone)]
pub struct DocumentLink {
    /// The path with the ticket in it; before it comes the address of the API.
    pub path: Secret,
    /// When it works no more.
    pub until: Timestamp,
}

impl Ports {
    /// A link to the content of a document, which goes on record.
    pub(crate) async fn link(
        &self,
        ctx: &Ctx,
        document: &Document,
        life: Duration,
    ) -> Result<DocumentLink, StoreError> {
        let now = self.clock.now();
        let mut unit = self.store.begin(ctx).await?;
        unit.record(document.change(actions::LINK, now));
        unit.commit().await?;
        let until = now.plus(life);
        let link = Link { organization: document.organization, document: document.id, until };
        let path = Secret::new(format!("{PATH}{}", link.ticket(&*self.sealing).expose()));
        Ok(DocumentLink { path, until })
    }
}

/// What a link says: which document, and until when. It is nothing secret; that it is true, its MAC says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) organization: OrganizationId,
    pub(crate) document: DocumentId,
    pub(crate) until: Timestamp,
}

impl Link {
    const SAID: usize = 16 + 16 + 8;

    /// The text that stands in an address.
    pub(crate) fn ticket(self, sealing: &dyn Sealing) -> Secret {
        let said = self.said();
        let mac = sealing.mac(PURPOSE, &said);
        Secret::new(encoding::base64url(&[&said[..], &mac].concat()))
    }

    /// What a text says, if it is a link and its time is not over.
    pub(crate) fn read(ticket: &Secret, sealing: &dyn Sealing, now: Timestamp) -> Option<Self> {
        let bytes = encoding::from_base64url(ticket.expose())?;
        let (said, mac) = bytes.split_at_checked(Self::SAID)?;
        let (ids, until) = said.split_at(32);
        let id = |bytes: &[u8]| Uuid::from_slice(bytes).ok();
        let link = Self {
            organization: Id::from_uuid(id(&ids[..16])?),
            document: Id::from_uuid(id(&ids[16..])?),
            until: Timestamp::from_unix_seconds(i64::from_be_bytes(until.try_into().ok()?))?,
        };
        (sealing.verify_mac(PURPOSE, said, mac) && now < link.until).then_some(link)
    }

    fn said(self) -> [u8; Self::SAID] {
        let mut said = [0; Self::SAID];
        said[..16].copy_from_slice(self.organization.uuid().as_bytes());
        said[16..32].copy_from_slice(self.document.uuid().as_bytes());
        said[32..].copy_from_slice(&self.until.unix_seconds().to_be_bytes());
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ELSEWHERE, FakeSealing, HERE, id};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    fn bytes_of(ticket: &Secret) -> Vec<u8> {
        encoding::from_base64url(ticket.expose()).unwrap()
    }

    fn read(bytes: &[u8], now: i64) -> Option<Link> {
        Link::read(&Secret::new(encoding::base64url(bytes)), &FakeSealing, at(now))
    }

    fn link() -> Link {
        Link { organization: HERE, document: id(5), until: at(300) }
    }

    #[test]
    fn a_ticket_says_what_its_link_said_until_its_time_is_over() {
        let ticket = link().ticket(&FakeSealing);
        assert_eq!(Link::read(&ticket, &FakeSealing, at(299)), Some(link()));
        assert_eq!(Link::read(&ticket, &FakeSealing, at(300)), None);
        assert!(
            ticket.expose().chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)),
            "fit for a URL"
        );
    }

    #[test]
    fn a_ticket_that_was_altered_anywhere_says_nothing() {
        let bytes = bytes_of(&link().ticket(&FakeSealing));
        assert_eq!((bytes.len(), read(&bytes, 0)), (Link::SAID + 32, Some(link())));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut altered = bytes.clone();
                altered[at] ^= 1 << bit;
                assert_eq!(read(&altered, 0), None, "bit {bit} of byte {at}");
            }
            assert_eq!(read(&bytes[..at], 0), None, "{at} bytes");
        }
        assert_eq!(read(&[&bytes[..], &[0]].concat(), 0), None);
        for text in ["", "=", "no ticket", "AAAA"] {
            assert_eq!(Link::read(&Secret::new(text), &FakeSealing, at(0)), None, "{text:?}");
        }
    }

    #[test]
    fn no_mac_of_one_ticket_stands_under_what_another_says() {
        let mac = &bytes_of(&link().ticket(&FakeSealing))[Link::SAID..];
        let others = [
            Link { organization: ELSEWHERE, ..link() },
            Link { document: id(6), ..link() },
            Link { until: at(301), ..link() },
        ];
        for other in others {
            assert_eq!(read(&[&other.said()[..], mac].concat(), 0), None, "{other:?}");
        }
    }
}
