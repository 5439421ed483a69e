#!/usr/bin/env bash
# What the audit trail costs and how fast it is verified. Needs wrk, psql, python3 and GNU time.
#   BASE=program   compares PATCH /v1/me with another build of this program, in turns; left out without it
#   ROUNDS (5; 0 leaves the changes out), SECONDS_EACH (10), CONNECTIONS (16), EVENTS (1000000) may be set
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-5} connections=${CONNECTIONS:-16} events=${EVENTS:-1000000}
cargo build --release --quiet
this="${CARGO_TARGET_DIR:-target}/release/touchstone"
work=$(mktemp -d); chmod 711 "$work"
servers=
trap 'kill $servers || true; wait || true; rm -rf "$work"' EXIT

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
metric() { curl -s http://127.0.0.1:18475/metrics | awk -v name="$1" '$1 == name { print $2 }'; }

start "$this" "$work/this" 18474 127.0.0.1:18475
servers=$server
api=http://127.0.0.1:18474

echo "== a change with the trail, $connections connections, $each s each, in turns"
people "$work/this" $api
if [ -n "${BASE:-}" ]; then
  start "$BASE" "$work/base" 18476 off
  servers="$servers $server"
  people "$work/base" http://127.0.0.1:18476
fi
sleep 2
printf '%5s %12s %10s %12s %10s %6s\n' round requests/s p99 base/s p99 ratio
for round in $(seq "$rounds"); do
  (while sleep 0.1; do metric audit_lag_seconds; done >>"$work/lag") & sampler=$!
  http patch "$connections" "$each" "$work/this" $api
  kill $sampler; wait $sampler 2>/dev/null || true
  tags "$work/this" $api
  own=$rate own_p99=$p99 rate= p99= ratio=
  if [ -n "${BASE:-}" ]; then
    http patch "$connections" "$each" "$work/base" http://127.0.0.1:18476
    tags "$work/base" http://127.0.0.1:18476
    ratio=$(awk "BEGIN { printf \"%.3f\", $own / $rate }")
    echo "$ratio" >>"$work/ratios"
  fi
  printf '%5s %12s %10s %12s %10s %6s\n' "$round" "$own" "$own_p99" "$rate" "$p99" "$ratio"
done
if [ -n "${BASE:-}" ]; then
  echo "median ratio: $(median <"$work/ratios")"
  kill "$server"; wait "$server" || true
  servers=${servers% *}
fi
touch "$work/lag"
sort -n "$work/lag" | awk '{ v[NR] = $1 } END { printf "lag while it went on: median %s s, p99 %s s, longest %s s\n",
  v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.5)], v[NR] }'

echo "== a log of $events events"
numbered() { sql "$work/this" -c 'SELECT count(*) FROM audit.leaves'; }
written() { sql "$work/this" -c 'SELECT count(*) FROM audit.events'; }
until [ "$(numbered)" = "$(written)" ]; do sleep 0.1; done
more=$((events - $(written)))
chunk=$((more / 10 + 1))
begun=$(date +%s.%N)
for first in $(seq 1 $chunk "$more"); do
  sql "$work/this" -c "INSERT INTO audit.events (id, occurred_at, organization_id, subject_id, actor_kind, actor_id, session_id, action,
      outcome, target_kind, target_id, target_version, difference, secrets, personal_key, personal_box, address_key, address_box,
      request_id, route, schema, salt)
    SELECT gen_random_uuid(), now() - interval '1 s' * n, account, account, 'account', account, account, 'membership.describe',
      'success', 'membership', account, n % 50 + 1,
      json_build_array(json_build_object('op', 'test', 'path', '/department', 'value', 'Department ' || n),
        json_build_object('op', 'replace', 'path', '/department', 'value', 'Division ' || n))::text::json,
      '{}', account, decode(repeat('5a', 120), 'hex'), account, decode(repeat('5a', 50), 'hex'), gen_random_uuid(),
      'PATCH /v1/organizations/{organization_id}/members/{account_id}', 1, uuid_send(gen_random_uuid())
    FROM generate_series($first, least($first + $chunk - 1, $more)) n,
      LATERAL (SELECT ('00000000-0000-4000-8000-' || lpad((n % 1000)::text, 12, '0'))::uuid AS account) a"
done
until [ "$(numbered)" = "$(written)" ]; do sleep 0.2; done
awk "BEGIN { s = $(date +%s.%N) - $begun; printf \"%d events were written and numbered in %.1f s: %.0f a second\n\", $more, s, $more / s }"
sql "$work/this" -c 'VACUUM ANALYZE audit.events, audit.leaves, audit.tiles'
until [ "$(sql "$work/this" -c 'SELECT max(size) FROM audit.checkpoints')" -ge "$events" ]; do sleep 0.2; done
for table in events leaves tiles; do
  printf '%s with indexes: %s\n' $table "$(sql "$work/this" -c "SELECT pg_size_pretty(pg_total_relation_size('audit.$table'))")"
done

timed() { # what, then a command
  local what=$1
  shift
  /usr/bin/time -f '%e %M' -o "$work/time" "$@" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
  awk -v what="$what" -v n="$events" '{ printf "%-34s %6.1f s %9.0f events/s %5d MiB\n", what, $1, n / $1, $2 / 1024 }' "$work/time"
}
settings=(--data "$work/this/data")
for round in 1 2 3; do timed 'verify, rows' "$this" audit verify "${settings[@]}"; done
timed 'export' "$this" audit export --output "$work/export.ndjson" "${settings[@]}"
ls -lh "$work/export.ndjson" | awk '{ print "the export is " $5 "B" }'
for round in 1 2 3; do timed 'verify, export' "$this" audit verify --export "$work/export.ndjson"; done
timed 'audit-verify.py, export' python3 docs/audit-verify.py "$work/export.ndjson"

echo "== inclusion proofs over HTTP"
sql "$work/this" -c "SELECT event_id FROM audit.leaves TABLESAMPLE system (1) ORDER BY random() LIMIT 5000" >"$work/ids"
for clients in 1 16; do
  wrk -t 1 -c "$clients" -d "${each}s" --latency -s tests/bench/proof.lua $api -- "$work/ids" \
    | awk -v c="$clients" '/50%/ { p50 = $2 } /99%/ { p99 = $2 } /Requests.sec/ { r = $2 } /Non-2xx|^answer/ { print }
        END { printf "%d connections: %s requests/s, median %s, p99 %s\n", c, r, p50, p99 }'
done
printf 'resident memory of the server: %s MiB\n' "$(resident "${servers%% *}")"
