//! Word of inboxes that changed.

use std::collections::BTreeSet;

use async_trait::async_trait;
use kernel::{AccountId, Id};
use notification::ports::{Announced, Announcements};
use uuid::Uuid;

use crate::{PostgresStorage, broadcast::Message};

/// How many ids go into one text: each has 36 octets and a space.
const MOST_NAMED: usize = 200;
/// With more, everybody looks.
const MOST: usize = 5 * MOST_NAMED;

/// Whose inboxes changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    named: BTreeSet<Uuid>,
    /// Whether there are too many to name.
    any: bool,
}

impl Message for Accounts {
    const CHANNEL: &'static str = "touchstone_inboxes";

    fn add(&mut self, other: Self) {
        self.named.extend(other.named);
        self.any |= other.any || self.named.len() > MOST;
        if self.any {
            self.named.clear();
        }
    }

    fn payloads(self) -> Vec<String> {
        if self.any {
            return vec![String::new()];
        }
        let ids: Vec<String> = self.named.iter().map(Uuid::to_string).collect();
        ids.chunks(MOST_NAMED).map(|ids| ids.join(" ")).collect()
    }

    fn heard(payload: Option<&str>) -> Self {
        match payload.unwrap_or_default() {
            "" => Self { named: BTreeSet::new(), any: true },
            ids => {
                let named = ids.split(' ').filter_map(|id| Uuid::try_parse(id).ok()).collect();
                Self { named, any: false }
            }
        }
    }
}

#[async_trait]
impl Announcements for PostgresStorage {
    fn announce(&self, account: AccountId) {
        self.inbox_changes.tell(Accounts { named: BTreeSet::from([account.uuid()]), any: false });
    }

    async fn announced(&self) -> Announced {
        let Accounts { named, any } = self.inbox_changes.heard().await;
        if any {
            Announced::Anybody
        } else {
            Announced::Accounts(named.into_iter().map(Id::from_uuid).collect())
        }
    }

    fn hears_others(&self) -> bool {
        self.inbox_changes.hears_others()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts(numbers: std::ops::Range<u128>) -> Accounts {
        Accounts { named: numbers.map(Uuid::from_u128).collect(), any: false }
    }

    #[test]
    fn texts_fit_and_say_what_was_told() {
        assert!(Accounts::default().payloads().is_empty());
        let payloads = accounts(0..450).payloads();
        assert_eq!(payloads.len(), 3);
        assert!(payloads.iter().all(|text| text.len() < 7900));
        let mut heard = Accounts::default();
        for text in &payloads {
            heard.add(Accounts::heard(Some(text)));
        }
        assert_eq!(heard.named, accounts(0..450).named);
        heard.add(accounts(450..2000));
        assert!(heard.any && heard.payloads() == [""], "so many are not named");
        assert!(Accounts::heard(Some("")).any && Accounts::heard(None).any);
    }
}
