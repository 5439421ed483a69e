//! Rows of the trail and what they mean. Somebody may have altered them: no value is taken for granted, and nothing
//! panics.

use std::{error::Error, fmt};

use ::audit::{
    Difference, Event, EventActor, EventId, EventTarget, Hash, RequestOrigin, Sealed,
    ports::{Entry, Leaf},
};
use kernel::{Named as _, OrganizationId, Outcome, Timestamp};
use time::OffsetDateTime;
use tokio_postgres::{
    Row,
    types::{FromSql, Type},
};
use uuid::Uuid;

/// The columns of an event, in the order [`Columns::event`] reads them.
macro_rules! event {
    () => {
        "e.id, e.occurred_at, e.organization_id, e.subject_id, e.actor_kind, e.actor_id, e.session_id, e.action,
  e.outcome, e.reason, e.target_kind, e.target_id, e.target_version, e.difference, e.secrets, e.personal_key,
  e.personal_box, e.address_key, e.address_box, e.request_id, e.route, e.idempotency_claim, e.schema, e.salt"
    };
}
pub(super) use event;

/// Why a row is not what was written.
#[derive(Debug)]
pub(super) struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<tokio_postgres::Error> for Unreadable {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(error.to_string())
    }
}

/// Reads columns by their places, one after the other: looking up names would take longer than the rest.
pub(super) struct Columns<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r Row) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn next<T: FromSql<'r>>(&mut self) -> Result<T, Unreadable> {
        self.next += 1;
        Ok(self.row.try_get(self.next - 1)?)
    }

    /// JSON as it stands there.
    fn json(&mut self) -> Result<String, Unreadable> {
        let Octets(text) = self.next()?;
        Ok(str::from_utf8(text).map_err(|error| Unreadable(error.to_string()))?.to_owned())
    }

    /// A time, from microseconds since 2000. The driver's own way panics when it is out of range, such as `infinity`.
    pub(super) fn time(&mut self) -> Result<Timestamp, Unreadable> {
        const EPOCH_2000: i128 = 946_684_800_000_000;
        let wrong = || Unreadable("its time is out of range".to_owned());
        let Octets(octets) = self.next()?;
        let micros = i64::from_be_bytes(octets.try_into().map_err(|_| wrong())?);
        let nanos = (EPOCH_2000 + i128::from(micros)) * 1000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).map(Timestamp::new).map_err(|_| wrong())
    }

    pub(super) fn hash(&mut self) -> Result<Hash, Unreadable> {
        Hash::from_slice(self.next()?).map_err(|_| Unreadable("its leaf is no hash".to_owned()))
    }

    fn sealed(&mut self) -> Result<Option<Sealed>, Unreadable> {
        match (self.next()?, self.next()?) {
            (Some(key), Some(sealed)) => Ok(Some(Sealed { key, sealed })),
            (None, None) => Ok(None),
            _ => Err(Unreadable("a key and what it sealed do not come together".to_owned())),
        }
    }

    /// The event behind [`event!`].
    pub(super) fn event(&mut self) -> Result<Event, Unreadable> {
        let salt = |octets: &[u8]| octets.try_into().map_err(|_| Unreadable("its salt is cut".to_owned()));
        Ok(Event {
            id: EventId::from_uuid(self.next()?),
            occurred_at: self.time()?,
            organization: self.next::<Option<Uuid>>()?.map(OrganizationId::from_uuid),
            subject: self.next()?,
            actor: EventActor { kind: self.next()?, id: self.next()?, session: self.next()? },
            action: self.next()?,
            outcome: outcome(self.next()?)?,
            reason: self.next()?,
            target: EventTarget { kind: self.next()?, id: self.next()?, version: self.next()? },
            difference: Difference::from_canonical(self.json()?),
            secrets: self.next()?,
            personal: self.sealed()?,
            address: self.sealed()?,
            origin: RequestOrigin {
                request: self.next()?,
                route: self.next()?,
                idempotency_key: self.next()?,
            },
            schema: self.next()?,
            salt: salt(self.next()?)?,
        })
    }
}

/// A value as PostgreSQL sends it.
struct Octets<'r>(&'r [u8]);

impl<'r> FromSql<'r> for Octets<'r> {
    fn from_sql(_: &Type, octets: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(octets))
    }

    fn accepts(of: &Type) -> bool {
        [Type::JSON, Type::TIMESTAMPTZ].contains(of)
    }
}

fn outcome(name: &str) -> Result<Outcome, Unreadable> {
    Outcome::from_name(name).ok_or_else(|| Unreadable(format!("its outcome is {name:?}")))
}

/// A leaf with the event behind it, from `index, event_id, hash` and [`event!`]. A negative index is no leaf's and left
/// out.
pub(super) fn entry(row: &Row) -> Option<Entry> {
    let mut columns = Columns::of(row);
    let index = u64::try_from(columns.next::<i64>().ok()?).ok()?;
    let event = EventId::from_uuid(columns.next().ok()?);
    let hash = columns.hash();
    let there = row.try_get::<_, Option<Uuid>>(columns.next).ok().flatten().is_some();
    let read = if there {
        columns.event().map_err(|error| format!("its row cannot be read: {error}"))
    } else {
        Err("its row is missing".to_owned())
    };
    Some(match hash {
        Ok(hash) => Entry { leaf: Leaf { index, event, hash }, event: read },
        Err(error) => Entry { leaf: Leaf { index, event, hash: Hash::EMPTY }, event: Err(error.to_string()) },
    })
}
