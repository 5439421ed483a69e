#!/usr/bin/env bash
# GET /v1/me and PATCH /v1/me of several builds of the program in turns, each beside the first: builds.sh BINARY BINARY...
# Needs wrk, psql and curl. SECONDS_EACH (10), ROUNDS (5) and CONNECTIONS (16) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-5} connections=${CONNECTIONS:-16}
work=$(mktemp -d); chmod 711 "$work"
servers=()
trap 'kill "${servers[@]}"; wait "${servers[@]}" || true; rm -rf "$work"' EXIT
for binary in "$@"; do
  at=${#servers[@]}
  start "$binary" "$work/$at" $((18480 + at)) off
  servers+=("$server")
  echo "build $at: $binary, resident when ready: $(resident "$server") MiB"
  people "$work/$at" "http://127.0.0.1:$((18480 + at))"
done
sleep 2
printf '%-6s %5s %5s %10s %10s %6s\n' call round build requests/s p99 ratio
for call in get patch; do
  for round in $(seq "$rounds"); do
    for at in "${!servers[@]}"; do
      api=http://127.0.0.1:$((18480 + at))
      http $call "$connections" "$each" "$work/$at" "$api"
      if [ "$at" = 0 ]; then first=$rate; fi
      # Tags have moved on: read them again.
      tags "$work/$at" "$api"
      printf '%-6s %5s %5s %10s %10s %6s\n' $call "$round" "$at" "$rate" "$p99" \
        "$(awk "BEGIN { printf \"%.2f\", $rate / $first }")"
    done
  done
done
