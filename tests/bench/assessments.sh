#!/usr/bin/env bash
# Saving answers over HTTP beside pgbench running the same statements; summaries and lists of many results; scoring them
# anew. Needs wrk, psql, pgbench, python3 and GNU time. SECONDS_EACH (10), ROUNDS (3), RESULTS (1000000, at least 100000)
# may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-3} results=${RESULTS:-1000000}
items=8 connections=16
cargo build --release --quiet
this="${CARGO_TARGET_DIR:-target}/release/touchstone"
work=$(mktemp -d); chmod 711 "$work"
port=18477
api=http://127.0.0.1:$port
trap 'kill $server || true; wait $server || true; rm -rf "$work"' EXIT
start "$this" "$work" $port off
people "$work" $api
field() { python3 -c 'import json, sys; value = json.load(sys.stdin)
for name in sys.argv[1].split("."): value = value[int(name) if name.isdigit() else name]
print(value)' "$1"; }

owner=$(head -n 1 "$work/accounts" | cut -d' ' -f1)
call() { # method path, then what curl takes; as the owner
  local method=$1 path=$2
  shift 2
  curl -sSf -X "$method" "$api$path" -H "Authorization: Bearer $owner" "$@"
}
organization=$(call POST /v1/organizations -H "$json" -d '{"name":"Bench"}' | field id)
sql "$work" -c "INSERT INTO identity.memberships (id, organization_id, account_id, roles, status)
  SELECT gen_random_uuid(), '$organization', id, '{member}', 'active' FROM identity.accounts
  WHERE email_normalized LIKE 'client%' AND email_normalized <> 'client0@example.org'"

{
  printf -- '---\nschema: assessment/1\nname: Bench\nversion: "1.0"\ntype: multi-dimensional\nscale: { min: 1, max: 5 }\nresult_disclosure: full\nlanguage: en\nanswer: agree-5\n---\n'
  printf '# Bench\n\nWhat a benchmark asks.\n\n## Dimensions\n\n'
  for n in 1 2 3 4; do printf '### Dimension %d\n\n- id: d%d\n- weight: 0.25\n\nOne of four.\n\n' $n $n; done
  printf '## Result categories\n\n### High\n\n- when: overall >= 4\n\nMuch.\n\n### Other\n\n- default: true\n\nLess.\n\n## Items\n\n'
  for n in $(seq $items); do printf '%d. Item %d.\n   - id: i%d\n   - measures: d%d\n' "$n" "$n" "$n" $(((n - 1) % 4 + 1)); done
} >"$work/bench.md"
under=/v1/organizations/$organization
assessment=$(call POST $under/custom-assessments -H 'Content-Type: text/markdown' --data-binary @"$work/bench.md" | field id)
version() { # of a path: its tag
  call GET "$1" -o /dev/null -D - | tr -d '\r' | sed -n 's/^etag: //Ip'
}
step() { # path action
  call POST "$1/$2" -H "If-Match: $(version "$1")" -o /dev/null
}
step $under/custom-assessments/$assessment publish
step $under/custom-assessments/$assessment activate
campaign=$(call POST $under/campaigns -H "$json" \
  -d "{\"name\":\"Bench\",\"assessment_type\":\"custom\",\"custom_assessment_id\":\"$assessment\"}" | field id)
step $under/campaigns/$campaign activate
asked=$(for n in $(seq 1 63); do printf '{"account_id":"00000000-0000-4000-8000-%012d"},' "$n"; done)
call POST $under/campaigns/$campaign/assignments -H "$json" -d "{\"people\":[${asked%,}]}" -o /dev/null
while read -r access _; do
  assignment=$(curl -sSf "$api/v1/me/assignments" -H "Authorization: Bearer $access" | field items.0.id)
  session=$(curl -sSf -X POST "$api/v1/me/assignments/$assignment/start" -H "Authorization: Bearer $access" | field id)
  echo "$access $session"
done < <(tail -n +2 "$work/accounts") >"$work/sessions"

echo "== saving an answer, $connections connections, $each s each, in turns"
columns=$(sql "$work" -c "SELECT string_agg(column_name, ', ') FROM information_schema.columns
  WHERE table_schema = 'assessment' AND table_name = 'interview_sessions'
    AND column_name NOT IN ('updated_at', 'assignment_id', 'coaching_session_id')")
# What the server sends, statement by statement, prepared. pgbench's people are the last sixteen, wrk's the first.
sql "$work" -c "CREATE TABLE public.bench_sessions AS SELECT row_number() OVER (ORDER BY account_id DESC) - 1 AS client, id, account_id
  FROM assessment.interview_sessions; GRANT USAGE ON SCHEMA public TO touchstone_app; GRANT SELECT ON public.bench_sessions TO touchstone_app"
for client in $(seq 0 $((connections - 1))); do
  read -r id account < <(sql "$work" -F ' ' -c "SELECT id, account_id FROM public.bench_sessions WHERE client = $client")
  cat >"$work/answer$client.sql" <<SQL
\\set item random(1, $items)
\\set step random(1, 5)
BEGIN;
SELECT set_config('role', 'touchstone_account', true), set_config('app.tenant_id', '', true),
  set_config('app.account_id', '$account', true), set_config('app.idempotency_id', '', true);
SELECT $columns FROM assessment.interview_sessions WHERE id = '$id' LIMIT 1 FOR SHARE;
INSERT INTO assessment.session_answers AS held (organization_id, session_id, item, account_id, sequence, reply, answered_at)
  VALUES ('$organization', '$id', 'i' || (:item)::text, '$account',
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, jsonb_build_object('step', (:step)::int), now())
  ON CONFLICT (organization_id, session_id, item) DO UPDATE SET sequence = excluded.sequence, reply = excluded.reply,
    answered_at = excluded.answered_at, version = held.version + 1
  WHERE held.sequence < excluded.sequence;
COMMIT;
SQL
done
database() {
  local script scripts=()
  for script in "$work"/answer*.sql; do scripts+=(-f "$script"); done
  pgbench -h "$(sed -n 5p "$work/data/postgres/postmaster.pid")" -U touchstone_app -n -M prepared -c $connections -j 2 -T "$each" \
    "${scripts[@]}" touchstone 2>&1 | sed -n 's/^tps = \([0-9]*\).*/\1/p'
}
printf '%5s %12s %10s %10s %6s\n' round requests/s p99 pgbench/s ratio
for round in $(seq "$rounds"); do
  wrk -t $connections -c $connections -d "${each}s" --latency -s tests/bench/answer.lua $api -- "$work/sessions" $items \
    $((round * 10000000)) >"$work/wrk"
  grep -E '^answer|Non-2xx' "$work/wrk" | sort | uniq -c | head -n 3 >&2 || true
  rate=$(sed -n 's/^Requests\/sec: *\([0-9]*\).*/\1/p' "$work/wrk") p99=$(sed -n 's/^ *99% *//p' "$work/wrk")
  tps=$(database)
  printf '%5s %12s %10s %10s %6s\n' "$round" "$rate" "$p99" "$tps" "$(awk "BEGIN { printf \"%.2f\", $rate / $tps }")"
done

owner() { # signs the owner in again: access tokens live ten minutes
  owner=$(curl -sSf "$api/v1/auth/login" -H "$json" -d "{\"email\":\"client0@example.org\",\"password\":\"$password\"}" | field access_token)
}
timed() { # path: the median of nine calls in milliseconds
  for _ in 1 2 3 4 5 6 7 8 9; do
    curl -sSf -o /dev/null -w '%{time_total}\n' "$api$1" -H "Authorization: Bearer $owner"
  done | sort -n | awk '{ v[NR] = $1 } END { printf "%.1f", 1000 * v[5] }'
}
# Results as the server writes them: each with its assignment, session and answers. Triggers and keys of foreign rows are left out
# while so many are made at once.
fill() { # from, to
  sql "$work" <<SQL
SET session_replication_role = replica;
BEGIN;
CREATE TEMP TABLE made ON COMMIT DROP AS SELECT n, gen_random_uuid() AS a, gen_random_uuid() AS s, gen_random_uuid() AS r,
  now() - interval '1 s' * n AS at FROM generate_series($1::int, $2::int) n;
INSERT INTO assessment.campaign_assignments (id, organization_id, campaign_id, invited_at, session_id, created_at)
  SELECT a, '$organization', '$campaign', at, s, at FROM made;
INSERT INTO assessment.interview_sessions (id, organization_id, session_type, origin_id, campaign_id, run_by, custom_assessment_id,
    version_id, assessment_version, rules, release, raters, progress, status, started_at, created_at)
  SELECT s, organization_id, session_type, a, campaign_id, run_by, custom_assessment_id, version_id, assessment_version, rules,
    release, raters, jsonb_set(progress, '{status}', '"scored"'), 'scored', at, at
  FROM made, (SELECT * FROM assessment.interview_sessions WHERE account_id IS NOT NULL LIMIT 1) one;
INSERT INTO assessment.session_answers (organization_id, session_id, item, sequence, reply, answered_at)
  SELECT '$organization', s, 'i' || i, 1, jsonb_build_object('step', (n / (i * 3) + i) % 5 + 1), at
  FROM made, generate_series(1, $items) i;
INSERT INTO assessment.custom_assessment_results (id, organization_id, assessment_id, session_id, session_type, interview_session_id,
    campaign_id, run_by, run, version_id, major, assessment_version, scorer_version, dimension_hundredths, overall_hundredths,
    category_place, dimension_scores, matched_category, scored_at, completed_at, created_at)
  SELECT r, '$organization', '$assessment', a, 'campaign', s, '$campaign', one.run_by, 1, one.version_id, 1, '1.0', 1, score,
    overall, CASE WHEN overall >= 400 THEN 0 ELSE 1 END,
    jsonb_build_object('Dimension 1', score[1] / 100.0, 'Dimension 2', score[2] / 100.0, 'Dimension 3', score[3] / 100.0,
      'Dimension 4', score[4] / 100.0), CASE WHEN overall >= 400 THEN 'High' ELSE 'Other' END, at, at, at
  FROM made, (SELECT * FROM assessment.interview_sessions WHERE account_id IS NOT NULL LIMIT 1) one,
    LATERAL (SELECT array_agg(50 * (((n / (d * 3) + d) % 5 + 1) + ((n / ((d + 4) * 3) + d + 4) % 5 + 1)) ORDER BY d)::int[] AS score
      FROM generate_series(1, 4) d) scored,
    LATERAL (SELECT round((score[1] + score[2] + score[3] + score[4]) / 4.0)::int AS overall) o;
COMMIT;
SQL
}
lists="$under/custom-assessments/$assessment/results?limit=50
$under/campaigns/$campaign/assignments?limit=50"
echo "== lists and summaries"
fill 1 1000
owner
declare -A small
for path in $lists; do small[$path]=$(timed "$path"); done
fill 1001 100000
sql "$work" -c 'VACUUM ANALYZE'
owner
for _ in 1 2 3; do
  sql "$work" -c 'DELETE FROM assessment.result_summaries'
  curl -sSf -o /dev/null -w 'summary of 100,000 results, none shown before: %{time_total} s\n' \
    "$api$under/custom-assessments/$assessment/results/summary?campaign_id=$campaign" -H "Authorization: Bearer $owner"
done
printf 'again: %s ms\n' "$(timed "$under/custom-assessments/$assessment/results/summary?campaign_id=$campaign")"
for first in $(seq 100001 100000 "$results"); do fill "$first" $((first + 99999)); done
sql "$work" -c 'VACUUM ANALYZE'
owner
for path in $lists; do
  large=$(timed "$path")
  printf '%s: %s ms of a thousand, %s ms of %s: ratio %s\n' "${path##*/}" "${small[$path]}" "$large" "$results" \
    "$(awk "BEGIN { printf \"%.2f\", $large / ${small[$path]} }")"
done
for table in custom_assessment_results session_answers interview_sessions; do
  printf '%s with indexes: %s\n' $table "$(sql "$work" -c "SELECT pg_size_pretty(pg_total_relation_size('assessment.$table'))")"
done

echo "== scoring $results results anew"
rescore() { # what, then more of the command
  local what=$1
  shift
  /usr/bin/time -f '%e %M' -o "$work/time" "$this" assessment rescore --organization "$organization" --assessment "$assessment" "$@" \
    --data "$work/data" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
  awk -v what="$what" -v n="$results" '{ printf "%-10s %6.1f s %9.0f results/s %5d MiB\n", what, $1, n / $1, $2 / 1024 }' "$work/time"
  tail -n 5 "$work/said"
}
rescore preview --preview
