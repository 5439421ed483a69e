//! Time that is taken. An exclusion constraint sees the rows of all organisations, and readers their own.

use async_trait::async_trait;
use kernel::{
    Scope, StoreError, Target, Timestamp,
    claims::{Claim, ClaimUpkeep, Claims, NotFree},
    digest::Digest,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    PostgresStorage,
    driver::{Query, query},
    unit::PostgresUnit,
};

/// Waits until no other unit is about to take or give back any of this. Inserts alone would wait for each other in the
/// order in which they came, and some of them for ever.
const LOCK: &str = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) key";

/// Takes what is free, under the same locks, and tells what that was.
const TAKE: &str = "
WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) key)
INSERT INTO platform.claims (organization_id, target_kind, target_id, lane, resource_id, starts_at, ends_at,
  blocked_from, blocked_until, held_until)
SELECT $2, $3, $4, asked.*
FROM (SELECT count(*) FROM locked) waited, unnest($5::text[], $6::uuid[], $7::timestamptz[], $8::timestamptz[],
  $9::timestamptz[], $10::timestamptz[], $11::timestamptz[]) asked
ON CONFLICT DO NOTHING RETURNING lane, resource_id, blocked_from";

const TAKEN: &str = "
SELECT lane, resource_id FROM platform.claims
WHERE organization_id = $1 AND target_kind = $2 AND target_id = $3";

const RELEASE: &str = "
DELETE FROM platform.claims WHERE organization_id = $1 AND target_kind = $2 AND target_id = $3";

/// By what numbers units wait for each other, in the one order in which all of them do.
fn keys<'a>(of: impl Iterator<Item = (&'a str, Uuid)>) -> Vec<i64> {
    let key = |(lane, id): (&str, Uuid)| {
        let Digest(digest) = Digest::of(format!("time of {lane} {id}").as_bytes());
        i64::from_le_bytes(std::array::from_fn(|at| digest[at]))
    };
    let mut keys: Vec<i64> = of.map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl PostgresUnit {
    /// A statement about what a meeting has taken.
    fn of_meeting(&self, sql: &'static str, of: &Target) -> Result<Query<'static>, StoreError> {
        let organization = self.tenant()?;
        Ok(query(sql).bind(organization.uuid()).bind(of.kind).bind(of.id))
    }

    async fn take(&self, of: &Target, all: &[Claim]) -> Result<NotFree, StoreError> {
        let organization = self.tenant()?;
        if all.is_empty() {
            return Ok(NotFree::default());
        }
        all.iter().try_for_each(Claim::ensure_sound).map_err(|error| self.tx.fail(error))?;
        let times = |of: fn(&Claim) -> Timestamp| -> Vec<OffsetDateTime> {
            all.iter().map(|claim| of(claim).to_offset_date_time()).collect()
        };
        let held: Vec<Option<OffsetDateTime>> =
            all.iter().map(|claim| claim.held_until.map(Timestamp::to_offset_date_time)).collect();
        let take = query(TAKE)
            .bind(keys(all.iter().map(|claim| (claim.resource.lane(), claim.resource.id()))))
            .bind(organization.uuid())
            .bind(of.kind)
            .bind(of.id)
            .bind(all.iter().map(|claim| claim.resource.lane()).collect::<Vec<_>>())
            .bind(all.iter().map(|claim| claim.resource.id()).collect::<Vec<_>>())
            .bind(times(|claim| claim.starts_at))
            .bind(times(Claim::ends_at))
            .bind(times(Claim::blocked_from))
            .bind(times(Claim::blocked_until))
            .bind(held);
        let mut taken = Vec::new();
        for row in self.tx.fetch_all(take).await? {
            let (lane, id): (String, Uuid) = (self.tx.get(&row, "lane")?, self.tx.get(&row, "resource_id")?);
            taken.push((lane, id, Timestamp::new(self.tx.get(&row, "blocked_from")?)));
        }
        let not_free = NotFree::of(all, |claim| {
            let (resource, from) = (claim.resource, claim.blocked_from());
            taken.iter().any(|(lane, id, at)| lane == resource.lane() && *id == resource.id() && *at == from)
        });
        if !not_free.is_empty() {
            self.tx.fail(StoreError::Failed);
        }
        Ok(not_free)
    }
}

#[async_trait]
impl Claims for PostgresUnit {
    async fn claim(&mut self, of: &Target, all: &[Claim]) -> Result<NotFree, StoreError> {
        self.take(of, all).await
    }

    async fn move_claims(&mut self, of: &Target, all: &[Claim]) -> Result<NotFree, StoreError> {
        let before = self.tx.fetch_all(self.of_meeting(TAKEN, of)?).await?;
        let mut named: Vec<(&str, Uuid)> =
            all.iter().map(|claim| (claim.resource.lane(), claim.resource.id())).collect();
        for row in &before {
            named.push((self.tx.get(row, "lane")?, self.tx.get(row, "resource_id")?));
        }
        self.tx.execute_late(query(LOCK).bind(keys(named.into_iter()))).await?;
        self.tx.execute_late(self.of_meeting(RELEASE, of)?).await?;
        self.take(of, all).await
    }

    async fn release_claims(&mut self, of: &Target) -> Result<(), StoreError> {
        self.tx.execute_late(self.of_meeting(RELEASE, of)?).await
    }
}

impl PostgresStorage {
    async fn forget_by(&self, sql: &str, at: Timestamp) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        tx.execute_alone(query(sql).bind(at.to_offset_date_time())).await
    }
}

#[async_trait]
impl ClaimUpkeep for PostgresStorage {
    async fn lapse_holds(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.forget_by("DELETE FROM platform.claims WHERE held_until <= $1", now).await
    }

    async fn forget_claims(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.forget_by("DELETE FROM platform.claims WHERE ends_at < $1", before).await
    }
}
