//! Letters that ask people for something: what became of the newest, and which links of those before still open
//! anything.
//!
//! A newer letter takes the place of an earlier one only once a mail server has accepted it, and the earlier link works
//! for [`Links::GRACE`] beyond: who opens a letter while the next is on its way is not turned away.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{OrganizationId, StoreError, Timestamp, invitation::Invited};

crate::named! {
    /// How far a letter has come.
    pub enum LetterStatus {
        /// It waits to be handed to a mail server.
        Queued = "queued",
        /// A mail server accepted it; or the person has an account and is told in the product alone, as they prefer,
        /// which an organisation cannot tell apart: that an address has an account is nothing it may learn.
        Sent = "sent",
        /// The mail server refused it, or the person unsubscribed from the letters of the organisation.
        Refused = "refused",
        /// It came back after it was accepted (RFC 3464).
        Bounced = "bounced",
    }
}

impl LetterStatus {
    /// Whether the letter did not reach the person.
    pub const fn failed(self) -> bool {
        matches!(self, Self::Refused | Self::Bounced)
    }
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterOutcome {
    /// The letter: [`crate::Mail::id`].
    pub letter: Uuid,
    /// How far it has come.
    pub status: LetterStatus,
    /// What the mail server answered, such as `550 5.1.1`, or [`UNSUBSCRIBED`](crate::MailError::UNSUBSCRIBED); `None`
    /// where it accepted the letter.
    pub code: Option<String>,
    /// When it came so far.
    pub at: Timestamp,
}

/// The letters about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterHistory {
    /// What they are about.
    pub about: Invited,
    /// What became of the newest; `None` while that is not known of any.
    pub newest: Option<LetterOutcome>,
    /// Which of their links open anything.
    pub links: Links,
}

/// How far the newest letter has come, for whoever asked the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryStatus {
    /// How far.
    pub status: LetterStatus,
    /// What the mail server answered.
    pub code: Option<String>,
    /// Since when.
    pub at: Timestamp,
}

impl LetterHistory {
    /// No letter yet.
    pub const fn new(about: Invited) -> Self {
        Self { about, newest: None, links: Links { from: None, newest: None } }
    }

    /// What came of handing a letter to a mail server, whose link was issued then: it was accepted, or refused with
    /// this answer.
    pub fn settle(&mut self, letter: Uuid, issued_at: Timestamp, refusal: Option<String>, now: Timestamp) {
        match refusal {
            None => self.accept(letter, issued_at, now),
            Some(code) => self.refuse(letter, code, now),
        }
    }

    fn accept(&mut self, letter: Uuid, issued_at: Timestamp, now: Timestamp) {
        self.links.accept(issued_at, now);
        self.tell(letter, now);
    }

    /// No letter went, because the person is told in the product alone, as they prefer. Links of those before it keep
    /// working.
    pub fn tell(&mut self, letter: Uuid, now: Timestamp) {
        self.newest = Some(LetterOutcome { letter, status: LetterStatus::Sent, code: None, at: now });
    }

    /// Links of those before it keep working.
    fn refuse(&mut self, letter: Uuid, code: String, now: Timestamp) {
        self.newest =
            Some(LetterOutcome { letter, status: LetterStatus::Refused, code: Some(code), at: now });
    }

    /// A letter came back. Says whether that is news: of an earlier letter it is none.
    pub fn bounce(&mut self, letter: Uuid, code: String, now: Timestamp) -> bool {
        let newest = self.newest.as_mut();
        let found = newest.filter(|of| of.letter == letter && of.status == LetterStatus::Sent);
        let Some(outcome) = found else { return false };
        *outcome = LetterOutcome { letter, status: LetterStatus::Bounced, code: Some(code), at: now };
        true
    }

    /// How far the letter has come that was asked for then; `None` where none was.
    pub fn status(history: Option<&Self>, asked_at: Option<Timestamp>) -> Option<DeliveryStatus> {
        let asked_at = asked_at?;
        let outcome = history.and_then(|of| of.newest.as_ref()).filter(|of| asked_at <= of.at);
        Some(outcome.map_or(
            DeliveryStatus { status: LetterStatus::Queued, code: None, at: asked_at },
            |LetterOutcome { status, code, at, .. }| DeliveryStatus {
                status: *status,
                code: code.clone(),
                at: *at,
            },
        ))
    }
}

/// Which links open anything: a link says when it was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Links {
    /// Those issued before open nothing.
    pub from: Option<Timestamp>,
    /// When that of the newest accepted letter was issued, and until when earlier ones work beside it.
    pub newest: Option<(Timestamp, Timestamp)>,
}

impl Links {
    /// For so long an earlier link works beside that of a newer letter: 24 hours.
    pub const GRACE: Duration = Duration::from_secs(24 * 3600);

    /// A letter with a link issued then was accepted.
    fn accept(&mut self, issued_at: Timestamp, now: Timestamp) {
        match self.newest {
            Some((newest, _)) if issued_at <= newest => return,
            Some((newest, until)) if until <= now => self.from = Some(newest),
            _ => {}
        }
        self.newest = Some((issued_at, now.plus(Self::GRACE)));
    }

    /// None of those issued before now opens anything any more.
    pub fn revoke(&mut self, now: Timestamp) {
        *self = Self { from: Some(now), newest: None };
    }

    /// Whether one issued then opens anything.
    pub fn admit(&self, issued_at: Timestamp, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= issued_at)
            && self.newest.is_none_or(|(newest, until)| newest <= issued_at || now < until)
    }
}

/// The letters of a domain: a part of the unit of every domain that asks people for something.
#[async_trait]
pub trait Letters: Send {
    /// The letters about these things of an organisation, as far as there were any. Scope: the organisation's, or
    /// identity's.
    async fn letters(
        &mut self,
        organization: OrganizationId,
        about: &[Uuid],
    ) -> Result<Vec<LetterHistory>, StoreError>;
    /// The letters among which one of this id is the newest. Scope: worker.
    async fn letters_with(&mut self, letter: Uuid) -> Result<Option<LetterHistory>, StoreError>;
    /// Keeps them in place of what was kept of the same thing. Scope: the organisation's, identity's, or worker.
    async fn put_letters(&mut self, history: &LetterHistory) -> Result<(), StoreError>;
}

/// The letters about one thing; empty where there were none.
pub async fn letters_about<U: Letters + ?Sized>(
    unit: &mut U,
    about: Invited,
) -> Result<LetterHistory, StoreError> {
    let found = unit.letters(about.organization, &[about.id]).await?.pop();
    Ok(found.unwrap_or_else(|| LetterHistory::new(about)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: u64) -> Timestamp {
        Timestamp::EPOCH.plus(Duration::from_secs(3600 * hours))
    }

    #[test]
    fn an_earlier_link_works_until_a_day_after_the_newer_letter_was_accepted() {
        let mut links = Links::default();
        assert!(links.admit(at(0), at(1000)), "the first letter is on its way for long");
        links.accept(at(0), at(1));
        links.accept(at(10), at(12));
        assert!(links.admit(at(0), at(35)) && !links.admit(at(0), at(36)));
        assert!(links.admit(at(10), at(9_999)));
        links.accept(at(40), at(41));
        assert!(!links.admit(at(0), at(42)), "what was replaced stays so");
        assert!(links.admit(at(10), at(64)) && !links.admit(at(10), at(65)));
        links.accept(at(5), at(66));
        assert!(links.admit(at(40), at(200)), "an older letter that comes late replaces nothing");
        links.revoke(at(70));
        assert!(!links.admit(at(40), at(70)) && links.admit(at(70), at(71)));
    }

    #[test]
    fn the_status_is_that_of_the_letter_that_was_asked_for() {
        let organization = crate::Id::from_uuid(Uuid::nil());
        let about = Invited { kind: 1, organization, parent: None, id: Uuid::nil() };
        let status = |history: &LetterHistory, asked_at| {
            LetterHistory::status(Some(history), asked_at).map(|of| (of.status, of.code))
        };
        let [first, second] = [1, 2].map(Uuid::from_u128);
        let mut history = LetterHistory::new(about);
        assert_eq!(status(&history, None), None);
        assert_eq!(status(&history, Some(at(1))), Some((LetterStatus::Queued, None)));
        history.accept(first, at(1), at(2));
        assert_eq!(status(&history, Some(at(1))), Some((LetterStatus::Sent, None)));
        assert_eq!(status(&history, Some(at(3))), Some((LetterStatus::Queued, None)), "reminded");
        history.refuse(second, "550 5.1.1".to_owned(), at(4));
        let refused = Some((LetterStatus::Refused, Some("550 5.1.1".to_owned())));
        assert_eq!(status(&history, Some(at(3))), refused);
        assert!(history.links.admit(at(1), at(9_999)), "a refused letter replaces nothing");
        assert!(!history.bounce(first, "550".to_owned(), at(5)), "an earlier letter is no news");
        assert!(!history.bounce(second, "550".to_owned(), at(5)), "one that was refused never left");
        history.accept(second, at(6), at(6));
        assert!(history.bounce(second, "552 5.2.2".to_owned(), at(7)));
        assert_eq!(
            status(&history, Some(at(3))),
            Some((LetterStatus::Bounced, Some("552 5.2.2".to_owned())))
        );
    }
}
