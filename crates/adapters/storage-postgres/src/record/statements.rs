//! The statements a record is written by, constant so that they stay prepared.
//!
//! Numbers of parameters: $1 to $24 an event, $25 to $33 its outbox row, then the keys, then the idempotency key.
//! One row is written from plain values, which spares the server a sixth of the work; any number from one array for
//! each column.

macro_rules! events {
    () => {
        "INSERT INTO audit.events (id, occurred_at, organization_id, subject_id, actor_kind, actor_id, session_id,
  action, outcome, reason, target_kind, target_id, target_version, difference, secrets, personal_key, personal_box,
  address_key, address_box, request_id, route, idempotency_claim, schema, salt)
"
    };
}

macro_rules! event {
    () => {
        concat!(
            events!(),
            "VALUES ($1::uuid, $2::timestamptz, $3::uuid, $4::uuid, $5::text, $6::uuid, $7::uuid, $8::text, $9::text,
  $10::text, $11::text, $12::uuid, $13::bigint, $14::text::json, string_to_array($15::text, E'\\n'), $16::uuid,
  $17::bytea, $18::uuid, $19::bytea, $20::uuid, $21::text, $22::uuid, $23::smallint, $24::bytea)"
        )
    };
}

macro_rules! all_events {
    () => {
        concat!(
            events!(),
            "SELECT id, occurred_at, organization_id, subject_id, actor_kind, actor_id, session_id, action, outcome,
  reason, target_kind, target_id, target_version, difference::json, string_to_array(secrets, E'\\n'), personal_key,
  personal_box, address_key, address_box, request_id, route, idempotency_claim, schema, salt
FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::uuid[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::uuid[], $13::bigint[], $14::text[], $15::text[], $16::uuid[],
    $17::bytea[], $18::uuid[], $19::bytea[], $20::uuid[], $21::text[], $22::uuid[], $23::smallint[], $24::bytea[])
  WITH ORDINALITY AS event (id, occurred_at, organization_id, subject_id, actor_kind, actor_id, session_id, action,
    outcome, reason, target_kind, target_id, target_version, difference, secrets, personal_key, personal_box,
    address_key, address_box, request_id, route, idempotency_claim, schema, salt, place)
ORDER BY place"
        )
    };
}

macro_rules! outbox {
    () => {
        "INSERT INTO platform.outbox (organization_id, topic, target_kind, target_id, data, occurred_at, due_at,
  lane, target_version)
"
    };
}

macro_rules! delivery {
    () => {
        concat!(
            outbox!(),
            "VALUES ($25::uuid, $26::text, $27::text, $28::uuid, $29::jsonb, $30::timestamptz, $31::timestamptz,
  $32::smallint, $33::bigint)"
        )
    };
}

macro_rules! all_deliveries {
    () => {
        concat!(
            outbox!(),
            "SELECT organization_id, topic, target_kind, target_id, data, occurred_at, due_at, lane, target_version
FROM unnest($25::uuid[], $26::text[], $27::text[], $28::uuid[], $29::jsonb[], $30::timestamptz[], $31::timestamptz[],
    $32::smallint[], $33::bigint[])
  WITH ORDINALITY AS change (organization_id, topic, target_kind, target_id, data, occurred_at, due_at, lane,
    target_version, place)
ORDER BY place"
        )
    };
}

macro_rules! all_keys {
    () => {
        "INSERT INTO audit.subject_keys (id, subject_id, wrapped, made_at)
SELECT * FROM unnest($34::uuid[], $35::uuid[], $36::bytea[], $37::timestamptz[])"
    };
}

/// The first unit of a request that saved something names its target. Where the key was given to another, which runs
/// the same request again, this divides by zero: nothing of the unit lasts, because it comes too late.
macro_rules! mark {
    ($idempotency_key:literal, $kind:literal, $id:literal, $version:literal) => {
        concat!(
            "UPDATE platform.idempotency_keys SET committed_at = coalesce(committed_at, now()),
  target_kind = CASE WHEN target_kind IS NULL THEN ",
            $kind,
            "::text ELSE target_kind END,
  target_id = CASE WHEN target_kind IS NULL THEN ",
            $id,
            "::uuid ELSE target_id END,
  target_version = CASE WHEN target_kind IS NULL THEN ",
            $version,
            "::bigint ELSE target_version END
WHERE id = ",
            $idempotency_key,
            "
RETURNING id"
        )
    };
}

/// An event alone.
pub(super) const INSERT_EVENT: &str = event!();

/// A change: its outbox row and its event.
pub(super) const INSERT_CHANGE: &str = concat!("WITH outbox_rows AS (", delivery!(), ")\n", event!());

/// Any number of changes, with keys.
pub(super) const INSERT_CHANGES: &str = concat!(
    "WITH outbox_rows AS (",
    all_deliveries!(),
    "), new_keys AS (",
    all_keys!(),
    ")\n",
    all_events!()
);

/// A change, marking the idempotency key of the request as done.
pub(super) const INSERT_CHANGE_AND_MARK: &str = concat!(
    "WITH outbox_rows AS (",
    delivery!(),
    "), new_events AS (",
    event!(),
    "), marked AS (",
    mark!("$34", "$35", "$36", "$37"),
    ")\nSELECT 1 / count(*) FROM marked"
);

/// Any number of changes, with keys, marking the idempotency key.
pub(super) const INSERT_CHANGES_AND_MARK: &str = concat!(
    "WITH outbox_rows AS (",
    all_deliveries!(),
    "), new_keys AS (",
    all_keys!(),
    "), new_events AS (",
    all_events!(),
    "), marked AS (",
    mark!("$38", "$39", "$40", "$41"),
    ")\nSELECT 1 / count(*) FROM marked"
);

/// Destroys the keys of erased subjects.
pub(crate) const DELETE_SUBJECT_KEYS: &str = "DELETE FROM audit.subject_keys WHERE subject_id = ANY($1)";
