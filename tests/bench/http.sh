#!/usr/bin/env bash
# GET /v1/me and PATCH /v1/me on the embedded cluster, beside pgbench running the same statements in the same roles with the
# same settings, all in one run. Needs wrk, psql and pgbench. SECONDS_EACH (10) and ROUNDS (3) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/bench
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-3}
export PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)"
cargo build --release --quiet
binary="${CARGO_TARGET_DIR:-target}/release/touchstone"
work=$(mktemp -d); chmod 711 "$work"
port=18473
"$binary" --data "$work/data" --listen 127.0.0.1:$port --admin-listen off --set limits.rate_limits=false \
  --set log.filter=warn >"$work/log" 2>&1 &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
api=http://127.0.0.1:$port
until curl -sf $api/readyz >/dev/null; do kill -0 $server; sleep 0.1; done

password=plinth-orbit-walnut-sieve
json='Content-Type: application/json'
curl -sSf $api/v1/auth/register -H "$json" -d "{\"email\":\"bench0@example.org\",\"password\":\"$password\"}"
until ls "$work"/data/mail/*verify-email*.eml >/dev/null 2>&1; do sleep 0.1; done
token=$(grep -ohE 'token=[A-Za-z0-9_-]{43}' "$work"/data/mail/*verify-email*.eml | head -n 1 | cut -d= -f2)
curl -sSf $api/v1/auth/verify-email -H "$json" -d "{\"token\":\"$token\"}"

socket=$(sed -n 5p "$work/data/postgres/postmaster.pid")
sql() { psql -XqAt -h "$socket" -U postgres -d touchstone "$@"; }
# The 64 accounts of the clients: a password hash is bound to no account.
sql -c "INSERT INTO identity.accounts (id, email, email_normalized, password_hash, password_changed_at, status, platform_role,
    timezone, preferences, email_verified_at, created_at, version)
  SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'client' || n || '@example.org',
    'client' || n || '@example.org', password_hash, password_changed_at, status, platform_role, timezone, preferences,
    email_verified_at, created_at, 1
  FROM identity.accounts, generate_series(0, 63) n WHERE email_normalized = 'bench0@example.org'"
for n in $(seq 0 63); do
  access=$(curl -sSf $api/v1/auth/login -H "$json" -d "{\"email\":\"client$n@example.org\",\"password\":\"$password\"}" \
    | sed -E 's/.*"access_token":"([^"]+)".*/\1/')
  tag=$(curl -sSf -D - -o /dev/null $api/v1/me -H "Authorization: Bearer $access" | tr -d '\r' | sed -n 's/^etag: //p')
  echo "$access $tag"
done >"$work/accounts"
sleep 2

# What the server sends for the two calls, statement by statement, prepared. ROLLBACK ends its reads. pgbench always has 16
# clients: the private cluster has few connections to spare, and two cores are busy with those.
columns=$(sql -c "SELECT string_agg(column_name, ', ') FROM information_schema.columns
  WHERE table_schema = 'identity' AND table_name = 'accounts' AND column_name <> 'updated_at'")
same=$(sql -c "SELECT string_agg(column_name || ' = ' || column_name, ', ') FROM information_schema.columns
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
INSERT INTO platform.outbox (organization_id, topic, target_kind, target_id, data, occurred_at, due_at)
  SELECT NULL, 'account.edit_profile', 'account', $id, 'null'::jsonb, now(), now() + interval '1 day';
COMMIT;
SQL

database() { # script connections
  pgbench -h "$socket" -U touchstone_app -n -M prepared -c "$2" -j 2 -T "$each" -f "$work/$1.sql" touchstone 2>&1 \
    | sed -n 's/^tps = \([0-9]*\).*/\1/p'
}
http() { # script connections
  wrk -t "$2" -c "$2" -d "${each}s" --latency -s "$here/$1.lua" $api/v1/me -- "$work/accounts" >"$work/wrk"
  if grep -q 'Non-2xx' "$work/wrk"; then grep 'Non-2xx' "$work/wrk" >&2; fi
  rate=$(sed -n 's/^Requests\/sec: *\([0-9]*\).*/\1/p' "$work/wrk")
  p99=$(sed -n 's/^ *99% *//p' "$work/wrk")
}
printf '%-6s %12s %5s %10s %10s %10s %6s\n' call connections round requests/s p99 pgbench/s ratio
for connections in 16 64; do
  for call in get patch; do
    for round in $(seq "$rounds"); do
      http $call $connections
      tps=$(database $call 16)
      # What pgbench left in the outbox is not for the workers.
      sql -c "DELETE FROM platform.outbox WHERE due_at > now() + interval '1 hour'" >/dev/null
      # Tags have moved on: read them again.
      while read -r access _; do
        tag=$(curl -sSf -D - -o /dev/null $api/v1/me -H "Authorization: Bearer $access" | tr -d '\r' | sed -n 's/^etag: //p')
        echo "$access $tag"
      done <"$work/accounts" >"$work/next" && mv "$work/next" "$work/accounts"
      printf '%-6s %12s %5s %10s %10s %10s %6s\n' $call $connections "$round" "$rate" "$p99" "$tps" \
        "$(awk "BEGIN { printf \"%.2f\", $rate / $tps }")"
    done
  done
done
printf 'resident memory after it: %s MiB\n' "$(($(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' /proc/$server/status) / 1024))"
