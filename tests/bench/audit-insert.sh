#!/usr/bin/env bash
# What the audit trail costs a change: the statements of PATCH /v1/me by pgbench, with its event and without, on the embedded
# cluster in the same roles with the same policies, interleaved. Needs psql and pgbench. SECONDS_EACH (10) and ROUNDS (5) may
# be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-5}
. tests/bench/lib.sh
cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
start "${CARGO_TARGET_DIR:-target}/release/touchstone" "$work" 18484 off
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
socket=$(sed -n 5p "$work/data/postgres/postmaster.pid")
# The sequencer of the server waits as long as this session lasts: its work is another measurement.
exec {session}> >(sql "$work" >/dev/null)
echo "SELECT pg_advisory_lock(7310579611);" >&$session
sql "$work" >/dev/null -c "INSERT INTO identity.accounts (id, email, email_normalized, password_hash, password_changed_at, status,
    platform_role, created_at)
  SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'client' || n || '@example.org',
    'client' || n || '@example.org', 'none', now(), 'active', 'user', now() FROM generate_series(0, 15) n"

columns=$(sql "$work" -c "SELECT string_agg(column_name, ', ') FROM information_schema.columns
  WHERE table_schema = 'identity' AND table_name = 'accounts' AND column_name <> 'updated_at'")
same=$(sql "$work" -c "SELECT string_agg(column_name || ' = ' || column_name, ', ') FROM information_schema.columns
  WHERE table_schema = 'identity' AND table_name = 'accounts' AND column_name NOT IN ('id', 'updated_at', 'version', 'display_name')")
id="('00000000-0000-4000-8000-' || lpad((:client_id)::text, 12, '0'))::uuid"
ordered="(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
  substr(md5(random()::text), 1, 19))::uuid"
begin="BEGIN;
SELECT set_config('role', 'touchstone_account', true), set_config('app.tenant_id', '', true),
  set_config('app.account_id', ($id)::text, true), set_config('app.idempotency_id', '', true);
SELECT $columns FROM identity.accounts WHERE id = $id;
UPDATE identity.accounts SET $same, display_name = 'Ann', version = version + 1 WHERE id = $id;"
outbox="INSERT INTO platform.outbox (organization_id, topic, target_kind, target_id, data, occurred_at, due_at)
  VALUES (NULL, 'account.edit_profile', 'account', $id, 'null', now(), now() + interval '1 day')"
event="INSERT INTO audit.events (id, occurred_at, subject_id, actor_kind, actor_id, session_id, action, outcome, target_kind,
    target_id, target_version, difference, secrets, personal_key, personal_box, address_key, address_box, request_id, route,
    schema, salt)
  VALUES ($ordered, now(), $id, 'account', $id, $id, 'account.edit_profile', 'success', 'account', $id, 7, '[]', '{}', $id,
    decode(repeat('ab', 180), 'hex'), $id, decode(repeat('cd', 40), 'hex'), $ordered, 'PATCH /v1/me', 1,
    decode(repeat('ef', 16), 'hex'))"
printf '%s\n%s;\nCOMMIT;\n' "$begin" "$outbox" >"$work/without.sql"
printf '%s\nWITH told AS (%s)\n%s;\nCOMMIT;\n' "$begin" "$outbox" "$event" >"$work/with.sql"

printf '%-8s %6s %10s %14s\n' event round changes/s 'WAL octets each'
for round in $(seq "$rounds"); do
  for script in without with; do
    sql "$work" -c "DELETE FROM platform.outbox" -c "VACUUM platform.outbox, identity.accounts" -c CHECKPOINT
    before=$(sql "$work" -c "SELECT pg_current_wal_lsn()")
    pgbench -h "$socket" -U touchstone_app -n -M prepared -c 16 -j 2 -T "$each" -f "$work/$script.sql" touchstone \
      >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
    count=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$work/out")
    printf '%-8s %6s %10s %14s\n' $script "$round" "$(sed -n 's/^tps = \([0-9]*\).*/\1/p' "$work/out")" \
      "$(sql "$work" -c "SELECT round(pg_wal_lsn_diff(pg_current_wal_lsn(), '$before') / $count)")"
  done
done
sql "$work" -c "SELECT count(*) || ' events, ' || pg_size_pretty(pg_table_size('audit.events')) || ', indexes '
  || pg_size_pretty(pg_indexes_size('audit.events')) FROM audit.events"
