//! The statements on queues. $1 is the organisation in each, and $2 the endpoint, or the endpoints.
//!
//! Those that change deliveries follow a statement that locks the rows of their queues, in a transaction that reads
//! what is committed as each statement begins: so each sees what was done under the lock before.

/// Whether a delivery of the thing of `$thing` is on its way, other than this one.
macro_rules! on_its_way {
    ($thing:literal) => {
        concat!(
            "EXISTS (SELECT FROM webhook.deliveries other WHERE other.organization_id = $1
    AND other.endpoint_id = ",
            $thing,
            ".endpoint_id AND other.due_at IS NOT NULL
    AND other.target_kind = ",
            $thing,
            ".target_kind AND other.target_id = ",
            $thing,
            ".target_id AND other.id <> ",
            $thing,
            ".id)"
        )
    };
}

/// Makes the queues that are not there, and locks all of them, in the order of endpoints.
pub(super) const LOCK: &str = "
INSERT INTO webhook.queues AS q (organization_id, endpoint_id)
SELECT $1::uuid, endpoint_id FROM unnest($2::uuid[]) AS of (endpoint_id) ORDER BY endpoint_id
ON CONFLICT (organization_id, endpoint_id) DO UPDATE SET version = q.version + 1";

/// Of those of one thing that are new the earliest is on its way, unless another is.
pub(super) const ADD: &str = concat!(
    "
WITH given AS (
  SELECT DISTINCT ON (endpoint_id, event_id) *
  FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::text[], $8::uuid[], $9::bigint[],
    $10::text[], $11::text[], $12::int[], $13::timestamptz[], $14::timestamptz[], $15::jsonb[], $16::timestamptz[])
    AS given (endpoint_id, id, event_id, event_type, occurred_at, target_kind, target_id, target_version, body, status,
      attempts, due_at, replayed_at, record, created_at)
  ORDER BY endpoint_id, event_id
), new AS (
  SELECT *, row_number() OVER (PARTITION BY endpoint_id, target_kind, target_id, due_at IS NULL
    ORDER BY occurred_at, event_id) = 1 AS is_first
  FROM given WHERE NOT EXISTS (
    SELECT FROM webhook.deliveries there WHERE there.organization_id = $1
      AND there.endpoint_id = given.endpoint_id AND there.event_id = given.event_id)
), added AS (
  INSERT INTO webhook.deliveries (organization_id, endpoint_id, id, event_id, event_type, occurred_at, target_kind,
    target_id, target_version, body, status, attempts, due_at, replayed_at, record, created_at)
  SELECT $1::uuid, endpoint_id, id, event_id, event_type, occurred_at, target_kind, target_id, target_version, body, status,
    attempts, CASE WHEN is_first AND NOT ",
    on_its_way!("new"),
    " THEN due_at END, replayed_at, record, created_at
  FROM new RETURNING endpoint_id, due_at
), timed AS (
  UPDATE webhook.queues q SET due_at = least(q.due_at, first.due_at)
  FROM (SELECT endpoint_id, min(due_at) AS due_at FROM added GROUP BY endpoint_id) first
  WHERE q.organization_id = $1 AND q.endpoint_id = first.endpoint_id AND first.due_at IS NOT NULL
    AND q.taken_until IS NULL
)
SELECT count(*) AS added FROM added"
);

pub(super) const FAILING: &str = "
SELECT endpoint_id, failing_since FROM webhook.queues
WHERE organization_id = $1 AND endpoint_id = ANY($2) AND failing_since IS NOT NULL";

/// For the worker, in all organisations: $1 is the time, $2 and $3 the room of either kind.
pub(super) const DUE: &str = "
(SELECT organization_id, endpoint_id, false AS is_failing FROM webhook.queues
 WHERE due_at <= $1 AND failing_since IS NULL ORDER BY due_at LIMIT $2)
UNION ALL
(SELECT organization_id, endpoint_id, true FROM webhook.queues
 WHERE due_at <= $1 AND failing_since IS NOT NULL ORDER BY due_at LIMIT $3)";

/// Locks those of the queues $2 that are due at the time $3, and holds them until $4. One that is held is due when the
/// lease ends, and not before.
pub(super) const HOLD: &str = "
WITH due AS MATERIALIZED (
  SELECT endpoint_id FROM webhook.queues
  WHERE organization_id = $1 AND endpoint_id = ANY($2) AND due_at <= $3 ORDER BY endpoint_id FOR UPDATE
)
UPDATE webhook.queues q SET due_at = $4, taken_until = $4, version = q.version + 1
FROM due WHERE q.organization_id = $1 AND q.endpoint_id = due.endpoint_id
RETURNING q.endpoint_id, q.failing_since";

/// Of each of the queues $2 as many as $3 says.
pub(super) const DUE_DELIVERIES: &str = "
SELECT due.* FROM unnest($2::uuid[], $3::bigint[]) AS of (endpoint_id, most) CROSS JOIN LATERAL (
  SELECT * FROM webhook.deliveries d
  WHERE d.organization_id = $1 AND d.endpoint_id = of.endpoint_id AND d.status = 'waiting' AND d.due_at <= $4
  ORDER BY d.due_at NULLS FIRST, d.id LIMIT of.most
) due ORDER BY due.endpoint_id, due.due_at, due.id";

pub(super) const ENDPOINTS: &str =
    "SELECT * FROM webhook.endpoints WHERE organization_id = $1 AND id = ANY($2)";

/// Sets when the queue is due, and ends the hold on it, unless somebody has it at the time $3.
pub(super) const SET_TIME: &str = "
UPDATE webhook.queues SET taken_until = NULL, version = version + 1, due_at = (
  SELECT greatest(d.due_at, $3) FROM webhook.deliveries d
  WHERE d.organization_id = $1 AND d.endpoint_id = $2 AND d.status = 'waiting' AND d.due_at IS NOT NULL
  ORDER BY d.due_at NULLS FIRST LIMIT 1)
WHERE organization_id = $1 AND endpoint_id = $2 AND coalesce(taken_until <= $3, true)";

/// Locks those of the queues $2 that are held by the leases that end at $3.
pub(super) const LOCK_HELD: &str = "
SELECT q.endpoint_id FROM webhook.queues q
JOIN unnest($2::uuid[], $3::timestamptz[]) AS held (endpoint_id, until) ON held.endpoint_id = q.endpoint_id
WHERE q.organization_id = $1 AND q.taken_until = held.until ORDER BY q.endpoint_id FOR UPDATE OF q";

/// Of each of the queues $2: $3 is since when the endpoint fails, $4 whether the hold ends. $5 is the time.
pub(super) const SETTLE_QUEUES: &str = "
UPDATE webhook.queues q SET failing_since = settled.failing_since, version = q.version + 1,
  taken_until = CASE WHEN NOT settled.is_last THEN q.taken_until END,
  due_at = CASE WHEN NOT settled.is_last THEN q.due_at ELSE (
    SELECT greatest(d.due_at, $5) FROM webhook.deliveries d
    WHERE d.organization_id = $1 AND d.endpoint_id = q.endpoint_id AND d.status = 'waiting' AND d.due_at IS NOT NULL
    ORDER BY d.due_at NULLS FIRST LIMIT 1) END
FROM unnest($2::uuid[], $3::timestamptz[], $4::boolean[]) AS settled (endpoint_id, failing_since, is_last)
WHERE q.organization_id = $1 AND q.endpoint_id = settled.endpoint_id";

/// One that is tried again waits behind another of its thing that came on its way meanwhile.
pub(super) const SETTLE: &str = concat!(
    "
UPDATE webhook.deliveries d SET status = settled.status, attempts = settled.attempts, record = settled.record,
  version = d.version + 1, due_at = CASE WHEN settled.due_at IS NOT NULL AND NOT ",
    on_its_way!("d"),
    " THEN settled.due_at END
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::timestamptz[], $7::jsonb[])
  AS settled (endpoint_id, id, status, attempts, due_at, record)
WHERE d.organization_id = $1 AND d.endpoint_id = settled.endpoint_id AND d.id = settled.id"
);

/// Of each thing of the deliveries $3 of the endpoints $2 the earliest that waits is due at $4, unless one is on its
/// way.
pub(super) const RELEASE_NEXT: &str = concat!(
    "
UPDATE webhook.deliveries d SET due_at = $4, version = d.version + 1
FROM (
  SELECT DISTINCT s.endpoint_id, s.target_kind, s.target_id
  FROM unnest($2::uuid[], $3::uuid[]) AS ended (endpoint_id, id)
  JOIN webhook.deliveries s ON s.organization_id = $1 AND s.endpoint_id = ended.endpoint_id AND s.id = ended.id
) thing, LATERAL (
  SELECT endpoint_id, id FROM webhook.deliveries w
  WHERE w.organization_id = $1 AND w.endpoint_id = thing.endpoint_id AND w.status = 'waiting'
    AND w.target_kind = thing.target_kind AND w.target_id = thing.target_id
  ORDER BY w.occurred_at, w.event_id LIMIT 1
) next
WHERE d.organization_id = $1 AND d.endpoint_id = next.endpoint_id AND d.id = next.id AND d.due_at IS NULL AND NOT ",
    on_its_way!("d")
);

/// $3 is the delivery, $4 when it was asked for, and $5 the time.
pub(super) const REPLAY: &str = concat!(
    "
UPDATE webhook.deliveries d SET status = 'waiting', attempts = 0, replayed_at = $4, version = d.version + 1,
  due_at = CASE WHEN NOT ",
    on_its_way!("d"),
    " THEN $5::timestamptz END
WHERE d.organization_id = $1 AND d.endpoint_id = $2 AND d.id = $3 AND coalesce(d.replayed_at < $4, true)"
);

/// $3 is since when, $4 when it was asked for, $5 the time, and $6 how many at most.
pub(super) const RECOVER: &str = concat!(
    "
WITH found AS (
  SELECT id, row_number() OVER (PARTITION BY target_kind, target_id ORDER BY occurred_at, event_id) = 1 AS is_first
  FROM webhook.deliveries
  WHERE organization_id = $1 AND endpoint_id = $2 AND status IN ('given_up', 'dropped') AND occurred_at >= $3
    AND coalesce(replayed_at < $4, true)
  ORDER BY occurred_at, event_id LIMIT $6
)
UPDATE webhook.deliveries d SET status = 'waiting', attempts = 0, replayed_at = $4, version = d.version + 1,
  due_at = CASE WHEN found.is_first AND NOT ",
    on_its_way!("d"),
    " THEN $5::timestamptz END
FROM found WHERE d.organization_id = $1 AND d.endpoint_id = $2 AND d.id = found.id"
);

/// Those that wait behind others first, so that none is left behind when they are not all dropped at a time.
pub(super) const DROP_WAITING: &str = "
UPDATE webhook.deliveries SET status = 'dropped', due_at = NULL, version = version + 1
WHERE organization_id = $1 AND endpoint_id = $2 AND id = ANY(ARRAY(
  SELECT id FROM webhook.deliveries
  WHERE organization_id = $1 AND endpoint_id = $2 AND status = 'waiting' ORDER BY due_at NULLS FIRST LIMIT $3))";

/// For the worker, in all organisations.
pub(super) const ENDPOINTS_AFTER: &str = "
SELECT organization_id, id FROM webhook.endpoints WHERE (organization_id, id) > ($1, $2)
ORDER BY organization_id, id LIMIT $3";

/// For the worker. A delivery that is sent once more meanwhile stays.
pub(super) const FORGET_OLD: &str = "
DELETE FROM webhook.deliveries d USING (
  SELECT organization_id, endpoint_id, id FROM webhook.deliveries
  WHERE created_at < $1 AND status <> 'waiting' ORDER BY created_at LIMIT $2
) old
WHERE d.organization_id = old.organization_id AND d.endpoint_id = old.endpoint_id AND d.id = old.id
  AND d.status <> 'waiting'";

/// For the worker: what is left of endpoints that were deleted.
pub(super) const FORGET_QUEUES: &str = "
DELETE FROM webhook.queues q WHERE due_at IS NULL
  AND NOT EXISTS (SELECT FROM webhook.endpoints e
    WHERE e.organization_id = q.organization_id AND e.id = q.endpoint_id)
  AND NOT EXISTS (SELECT FROM webhook.deliveries d
    WHERE d.organization_id = q.organization_id AND d.endpoint_id = q.endpoint_id)";
