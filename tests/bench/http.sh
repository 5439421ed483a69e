#!/usr/bin/env bash
# GET /v1/me and PATCH /v1/me on the embedded cluster, beside pgbench running the same statements in the same roles with the
# same settings, all in one run. Needs wrk, psql and pgbench. SECONDS_EACH (10) and ROUNDS (3) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-3}
cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
port=18473
api=http://127.0.0.1:$port
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
start "${CARGO_TARGET_DIR:-target}/release/touchstone" "$work" $port off
people "$work" $api
sleep 2

# What the server sends for the two calls, statement by statement, prepared. ROLLBACK ends its reads. pgbench always has 16
# clients: the private cluster has few connections to spare, and two cores are busy with those.
columns=$(sql "$work" -c "SELECT string_agg(column_name, ', ') FROM information_schema.columns
  WHERE table_schema = 'identity' AND table_name = 'accounts' AND column_name <> 'updated_at'")
same=$(sql "$work" -c "SELECT string_agg(column_name || ' = ' || column_name, ', ') FROM information_schema.columns
  WHERE table_schema = 'identity' AND table_name = 'accounts' AND column_name NOT IN ('id', 'updated_at', 'version', 'display_name')")
id="('00000000-0000-4000-8000-' || lpad((:client_id)::text, 12, '0'))::uuid"
begin="BEGIN;
SELECT set_config('role', 'touchstone_account', true), set_config('app.tenant_id', '', true),
  set_config('app.account_id', ($id)::text, true), set_config('app.idempotency_id', '', true);"
cat >"$work/get.sql" <<SQL
$begin
SELECT $columns FROM identity.accounts WHERE id = $id;
ROLLBACK;
SQL
cat >"$work/patch.sql" <<SQL
$begin
SELECT $columns FROM identity.accounts WHERE id = $id;
UPDATE identity.accounts SET $same, display_name = 'Ann', version = version + 1 WHERE id = $id;
WITH told AS (INSERT INTO platform.outbox (organization_id, topic, target_kind, target_id, data, occurred_at, due_at)
  VALUES (NULL, 'account.edit_profile', 'account', $id, 'null'::jsonb, now(), now() + interval '1 day'))
INSERT INTO audit.events (id, occurred_at, organization_id, subject_id, actor_kind, actor_id, session_id, action, outcome, reason,
    target_kind, target_id, target_version, difference, secrets, personal_key, personal_box, address_key, address_box, request_id,
    route, idempotency_claim, schema, salt)
  VALUES (gen_random_uuid(), now(), NULL, $id, 'account', $id, gen_random_uuid(), 'account.edit_profile', 'success', NULL,
    'account', $id, 2, '[]', '{}', gen_random_uuid(), decode(repeat('5a', 180), 'hex'), gen_random_uuid(),
    decode(repeat('5a', 50), 'hex'), gen_random_uuid(), 'PATCH /v1/me', NULL, 1, uuid_send(gen_random_uuid()));
COMMIT;
SQL

database() { # script connections
  pgbench -h "$(sed -n 5p "$work/data/postgres/postmaster.pid")" -U touchstone_app -n -M prepared -c "$2" -j 2 -T "$each" \
    -f "$work/$1.sql" touchstone 2>&1 | sed -n 's/^tps = \([0-9]*\).*/\1/p'
}
printf '%-6s %12s %5s %10s %10s %10s %6s\n' call connections round requests/s p99 pgbench/s ratio
for connections in 16 64; do
  for call in get patch; do
    for round in $(seq "$rounds"); do
      http $call $connections "$each" "$work" $api
      tps=$(database $call 16)
      # What pgbench left in the outbox is not for the workers.
      sql "$work" -c "DELETE FROM platform.outbox WHERE due_at > now() + interval '1 hour'" >/dev/null
      # Tags have moved on: read them again.
      tags "$work" $api
      printf '%-6s %12s %5s %10s %10s %10s %6s\n' $call $connections "$round" "$rate" "$p99" "$tps" \
        "$(awk "BEGIN { printf \"%.2f\", $rate / $tps }")"
    done
  done
done
printf 'resident memory after it: %s MiB\n' "$(resident "$server")"
