//! Throttle counters: the row is made or locked, the step is taken by the domain's arithmetic, the row is written.

use async_trait::async_trait;
use identity::{
    Throttle,
    throttle::{Counter, Step, Verdict},
};
use kernel::{Scope, StoreError, Timestamp};
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::{PostgresStorage, driver::query, tx::Tx};

const LOCK: &str = "
INSERT INTO identity.auth_throttle AS held (key, count, since, last_at) VALUES ($1, 0, $2, $2)
ON CONFLICT (key) DO UPDATE SET version = held.version + 1
RETURNING count, since, last_at, locked_until, accounts";

const WRITE: &str = "
UPDATE identity.auth_throttle SET count = $2, since = $3, last_at = $4, locked_until = $5, accounts = $6
WHERE key = $1";

#[async_trait]
impl Throttle for PostgresStorage {
    async fn step(&self, key: &str, step: &Step, now: Timestamp) -> Result<Verdict, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        let lock = query(LOCK).bind(key).bind(now.to_offset_date_time());
        let row = tx.fetch_optional(lock).await?;
        let mut counter = row.map_or(Ok(Counter::fresh(now)), |row| read(&tx, &row))?;
        let verdict = counter.step(step, now);
        let Counter { count, since, last_at, locked_until, accounts } = counter;
        let write = query(WRITE)
            .bind(key)
            .bind(i64::from(count))
            .bind(since.to_offset_date_time())
            .bind(last_at.to_offset_date_time())
            .bind(locked_until.map(Timestamp::to_offset_date_time))
            .bind(accounts);
        tx.execute(write).await?;
        tx.commit().await?;
        Ok(verdict)
    }
}

fn read(tx: &Tx, row: &Row) -> Result<Counter, StoreError> {
    Ok(Counter {
        count: u32::try_from(tx.get::<i64>(row, "count")?).unwrap_or(u32::MAX),
        since: Timestamp::new(tx.get(row, "since")?),
        last_at: Timestamp::new(tx.get(row, "last_at")?),
        locked_until: tx.get::<Option<OffsetDateTime>>(row, "locked_until")?.map(Timestamp::new),
        accounts: tx.get(row, "accounts")?,
    })
}
