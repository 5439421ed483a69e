#!/usr/bin/env bash
# GET /v1/me and PATCH /v1/me among a thousand accounts and among a million, in turns. Needs wrk, psql and curl.
# SECONDS_EACH (10), ROUNDS (3), CONNECTIONS (16) and ACCOUNTS (1000000) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-3} connections=${CONNECTIONS:-16} accounts=${ACCOUNTS:-1000000}
cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
servers=()
trap 'for server in "${servers[@]}"; do stop "$server"; done; rm -rf "$work"' EXIT
# Accounts, each with its key and a session: folder count.
fill() {
  sql "$1" <<SQL
BEGIN;
CREATE TEMP TABLE made ON COMMIT DROP AS SELECT n, gen_random_uuid() AS id, now() - interval '1 s' * n AS at
  FROM generate_series(1, $2) n;
INSERT INTO identity.accounts (id, email, email_normalized, password_hash, password_changed_at, status, platform_role,
    full_name, email_verified_at, created_at)
  SELECT made.id, 'person' || n || '@example.org', 'person' || n || '@example.org', password_hash, at, 'active', 'user',
    'Person ' || n, at, at
  FROM made, identity.accounts one WHERE one.email_normalized = 'bench0@example.org';
INSERT INTO identity.data_keys (account_id, wrapped_key, created_at)
  SELECT made.id, (SELECT wrapped_key FROM identity.data_keys LIMIT 1), at FROM made;
INSERT INTO identity.sessions (account_id, rotated_at, authenticated_at, assurance, expires_at, idle_expires_at,
    idle_seconds, created_at)
  SELECT id, at, at, 'aal1', now() + interval '30 days', now() + interval '30 days', 1209600, at FROM made;
COMMIT;
VACUUM ANALYZE identity.accounts, identity.data_keys, identity.sessions;
SQL
}
for count in 1000 "$accounts"; do
  at=${#servers[@]} folder="$work/${#servers[@]}"
  start "${CARGO_TARGET_DIR:-target}/release/touchstone" "$folder" $((18486 + at)) off
  servers+=("$server")
  people "$folder" "http://127.0.0.1:$((18486 + at))"
  fill "$folder" $((count - 65))
  sql "$folder" -c CHECKPOINT
  echo "$(sql "$folder" -c 'SELECT count(*) FROM identity.accounts') accounts:" \
    "$(sql "$folder" -c "SELECT pg_size_pretty(pg_total_relation_size('identity.accounts'))") with indexes"
done
sign_in "$work/0" http://127.0.0.1:18486
printf '%-6s %5s %12s %10s %12s %10s %6s\n' call round few/s p99 many/s p99 ratio
for call in get patch; do
  for round in $(seq "$rounds"); do
    for at in 0 1; do
      http $call "$connections" "$each" "$work/$at" "http://127.0.0.1:$((18486 + at))"
      drained "$work/$at"
      # Tags have moved on: read them again.
      tags "$work/$at" "http://127.0.0.1:$((18486 + at))"
      if [ $at = 0 ]; then few=$rate few_p99=$p99; fi
    done
    printf '%-6s %5s %12s %10s %12s %10s %6s\n' $call "$round" "$few" "$few_p99" "$rate" "$p99" \
      "$(awk "BEGIN { printf \"%.3f\", $rate / $few }")"
  done
done
