#!/usr/bin/env bash
# What GET /v1/me and PATCH /v1/me cost: microseconds of CPU and context switches a request, of the server and of all
# processes of its PostgreSQL apart, what is done after the answers included. Needs wrk, psql and curl.
# SECONDS_EACH (10), ROUNDS (3) and CONNECTIONS (16) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-3} connections=${CONNECTIONS:-16}
cargo build --release --quiet
work=$(mktemp -d); chmod 711 "$work"
port=18478
api=http://127.0.0.1:$port
trap 'stop $server; rm -rf "$work"' EXIT
start "${CARGO_TARGET_DIR:-target}/release/touchstone" "$work" $port off
sleep 2
echo "resident memory of the server, idle: $(resident "$server") MiB"
people "$work" $api
sleep 2

# What processes have used so far: microseconds of CPU, voluntary and involuntary switches of their threads. CPU of
# children that ended is in their parent's; their switches are lost.
used() {
  cat $(printf '/proc/%s/stat /proc/%s/task/*/status ' $(for pid in "$@"; do echo "$pid" "$pid"; done)) 2>/dev/null |
    awk -v ticks="$(getconf CLK_TCK)" '
      /^[0-9]+ \(/ { sub(/^.*\) /, ""); cpu += ($12 + $13 + $14 + $15) * 1000000 / ticks }
      /^voluntary_ctxt/ { voluntary += $2 }
      /^nonvoluntary_ctxt/ { involuntary += $2 }
      END { printf "%.0f %d %d\n", cpu, voluntary, involuntary }' || true
}
each_request() { # used before, used after
  awk -v before="$1" -v after="$2" -v n="$requests" 'BEGIN { split(before, b); split(after, a)
    printf "%8.0f %9.2f %11.2f", (a[1] - b[1]) / n, (a[2] - b[2]) / n, (a[3] - b[3]) / n }'
}

used='CPU/us voluntary involuntary'
printf '%6s %9s %10s | %-30s | %s\n' '' '' '' 'server, a request' 'PostgreSQL, a request'
printf '%-6s %9s %10s | %8s %9s %11s | %8s %9s %11s\n' call requests requests/s $used $used
for call in get patch; do
  for _ in $(seq "$rounds"); do
    own=$(used "$server") database=$(used $(postgres_of "$work"))
    http $call "$connections" "$each" "$work" $api
    drained "$work"
    own=$(each_request "$own" "$(used "$server")") database=$(each_request "$database" "$(used $(postgres_of "$work"))")
    printf '%-6s %9s %10s | %s | %s\n' $call "$requests" "$rate" "$own" "$database"
    # Tags have moved on: read them again.
    tags "$work" $api
  done
done
echo "resident memory of the server, after it: $(resident "$server") MiB"
