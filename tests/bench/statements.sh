#!/usr/bin/env bash
# Which statements GET /v1/me and PATCH /v1/me are made of, and what each costs PostgreSQL, by pg_stat_statements. Needs
# wrk, psql, curl and that module. SECONDS_EACH (10), CONNECTIONS (16) and TOP (12) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
each=${SECONDS_EACH:-10} connections=${CONNECTIONS:-16} top=${TOP:-12}
cargo build --release --quiet
this="${CARGO_TARGET_DIR:-target}/release/touchstone"
work=$(mktemp -d); chmod 711 "$work"
port=18479
api=http://127.0.0.1:$port
trap 'stop $server; rm -rf "$work"' EXIT
start "$this" "$work" $port off
sql "$work" -c "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'"
stop "$server"
start "$this" "$work" $port off
sql "$work" -c 'CREATE EXTENSION pg_stat_statements'
people "$work" $api
sleep 2
for call in get patch; do
  sql "$work" -c 'SELECT pg_stat_statements_reset()' >/dev/null
  http $call "$connections" "$each" "$work" $api
  drained "$work"
  echo "== $call: $requests requests, $rate a second"
  printf '%12s %13s %9s %8s  %s\n' calls/request us/request us/call rows/call statement
  sql "$work" -F $'\t' -c "SELECT calls::numeric / $requests, total_exec_time * 1000 / $requests, mean_exec_time * 1000,
      rows::numeric / calls, left(regexp_replace(query, '\s+', ' ', 'g'), 110)
    FROM pg_stat_statements WHERE userid <> 'postgres'::regrole ORDER BY total_exec_time DESC LIMIT $top" |
    awk -F '\t' '{ printf "%12.3f %13.1f %9.1f %8.2f  %s\n", $1, $2, $3, $4, $5 }'
  sql "$work" -F ' ' -c "SELECT sum(calls)::numeric / $requests, sum(total_exec_time) * 1000 / $requests
    FROM pg_stat_statements WHERE userid <> 'postgres'::regrole" |
    awk '{ printf "%12.3f %13.1f  all of them\n", $1, $2 }'
  tags "$work" $api
done
