//! Throttle counters: the row is made or locked, the step is taken by the domain's arithmetic, the row is written.

use async_trait::async_trait;
use identity::{
    Throttle,
    throttle::{Counter, Step, Verdict},
};
use kernel::{Page, PageRequest, Scope, StoreError, Timestamp};
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::{PostgresStorage, driver::query, page::fetch_limit, tx::Tx};

const LOCK: &str = "
INSERT INTO identity.auth_throttle AS held (key, count, since, last_at) VALUES ($1, 0, $2, $2)
ON CONFLICT (key) DO UPDATE SET version = held.version + 1
RETURNING *";

const WRITE: &str = "
UPDATE identity.auth_throttle SET count = $2, since = $3, last_at = $4, locked_until = $5, accounts = $6, failed_at = $7,
  under_way = $8
WHERE key = $1";

const LOCKED: &str =
    "SELECT * FROM identity.auth_throttle WHERE locked_until > $1 AND key > $2 ORDER BY key LIMIT $3";

/// Names the list for cursors.
const LIST: &str = "throttle";

#[async_trait]
impl Throttle for PostgresStorage {
    async fn step(&self, key: &str, step: &Step, now: Timestamp) -> Result<Verdict, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        let lock = query(LOCK).bind(key).bind(now.to_offset_date_time());
        let row = tx.fetch_optional(lock).await?;
        let mut counter = row.map_or(Ok(Counter::fresh(now)), |row| read(&tx, &row))?;
        let verdict = counter.step(step, now);
        let Counter { count, since, last_at, locked_until, failed, under_way } = counter;
        let (accounts, failed_at): (Vec<_>, Vec<_>) =
            failed.into_iter().map(|(account, at)| (account, at.to_offset_date_time())).unzip();
        let under_way: Vec<_> = under_way.into_iter().map(Timestamp::to_offset_date_time).collect();
        let write = query(WRITE)
            .bind(key)
            .bind(i64::from(count))
            .bind(since.to_offset_date_time())
            .bind(last_at.to_offset_date_time())
            .bind(locked_until.map(Timestamp::to_offset_date_time))
            .bind(accounts)
            .bind(failed_at)
            .bind(under_way);
        tx.execute(write).await?;
        tx.commit().await?;
        Ok(verdict)
    }

    async fn locked(
        &self,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<(String, Counter)>, StoreError> {
        let after = page.key::<String>(&LIST)?.unwrap_or_default();
        let limit = i64::try_from(fetch_limit(page)).unwrap_or(i64::MAX);
        let tx = self.internal(Scope::Identity).await?;
        let rows =
            tx.fetch_all(query(LOCKED).bind(now.to_offset_date_time()).bind(after).bind(limit)).await?;
        let listed = rows.iter().map(|row| Ok((tx.get(row, "key")?, read(&tx, row)?)));
        let listed: Vec<(String, Counter)> = listed.collect::<Result<_, StoreError>>()?;
        Ok(Page::cut(listed, page, &LIST, |(key, _)| key.clone()))
    }

    async fn lift(&self, key: &str) -> Result<bool, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        let lifted = tx.execute(query("DELETE FROM identity.auth_throttle WHERE key = $1").bind(key)).await?;
        tx.commit().await?;
        Ok(lifted > 0)
    }
}

fn read(tx: &Tx, row: &Row) -> Result<Counter, StoreError> {
    let times = |column| -> Result<_, StoreError> {
        Ok(tx.get::<Vec<OffsetDateTime>>(row, column)?.into_iter().map(Timestamp::new))
    };
    Ok(Counter {
        count: u32::try_from(tx.get::<i64>(row, "count")?).unwrap_or(u32::MAX),
        since: Timestamp::new(tx.get(row, "since")?),
        last_at: Timestamp::new(tx.get(row, "last_at")?),
        locked_until: tx.get::<Option<OffsetDateTime>>(row, "locked_until")?.map(Timestamp::new),
        failed: tx.get::<Vec<String>>(row, "accounts")?.into_iter().zip(times("failed_at")?).collect(),
        under_way: times("under_way")?.collect(),
    })
}
