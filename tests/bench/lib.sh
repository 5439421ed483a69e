# What the benchmarks over HTTP share; to be sourced. Needs psql of an installed PostgreSQL.
export PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)"
password=plinth-orbit-walnut-sieve
json='Content-Type: application/json'

# Starts a program on a data folder of its own: binary folder port admin-address, then anything else for it. Sets `server`.
start() {
  local binary=$1 folder=$2 port=$3 admin=$4
  shift 4
  mkdir -p "$folder" && chmod 711 "$folder"
  "$binary" --data "$folder/data" --listen "127.0.0.1:$port" --admin-listen "$admin" --set limits.rate_limits=false \
    --set log.filter=warn "$@" >>"$folder/log" 2>&1 &
  server=$!
  until curl -sf "http://127.0.0.1:$port/readyz" >/dev/null; do kill -0 $server; sleep 0.1; done
}

# Stops it: the pid, as `start` set it.
stop() {
  kill "$1" && wait "$1" || true
}

# Statements as the superuser of a folder's database: folder, then what psql takes.
sql() {
  local folder=$1
  shift
  psql -XqAt -h "$(sed -n 5p "$folder/data/postgres/postmaster.pid")" -U postgres -d touchstone "$@"
}

# Opens bench0@example.org and 64 accounts like it, and signs them in: folder api.
people() {
  accounts "$1" "$2" 64
  sign_in "$1" "$2"
}

# Opens bench0@example.org and accounts client<n>@example.org like it: folder api number. A password hash is bound to no account.
accounts() {
  local folder=$1 api=$2 number=$3 token
  curl -sSf "$api/v1/auth/register" -H "$json" -d "{\"email\":\"bench0@example.org\",\"password\":\"$password\"}"
  until ls "$folder"/data/mail/*verify-email*.eml >/dev/null 2>&1; do sleep 0.1; done
  token=$(grep -ohE 'token=[A-Za-z0-9_-]{43}' "$folder"/data/mail/*verify-email*.eml | head -n 1 | cut -d= -f2)
  curl -sSf "$api/v1/auth/verify-email" -H "$json" -d "{\"token\":\"$token\"}"
  sql "$folder" -c "INSERT INTO identity.accounts (id, email, email_normalized, password_hash, password_changed_at, status,
      platform_role, timezone, preferences, email_verified_at, created_at, version)
    SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'client' || n || '@example.org',
      'client' || n || '@example.org', password_hash, password_changed_at, status, platform_role, timezone, preferences,
      email_verified_at, created_at, 1
    FROM identity.accounts, generate_series(0, $number - 1) n WHERE email_normalized = 'bench0@example.org'"
}

# Signs the clients in, for ten minutes: folder api.
sign_in() {
  local folder=$1 api=$2 token
  for n in $(seq 0 63); do
    token=$(curl -sSf "$api/v1/auth/login" -H "$json" -d "{\"email\":\"client$n@example.org\",\"password\":\"$password\"}" \
      | sed -E 's/.*"access_token":"([^"]+)".*/\1/')
    echo "$token -"
  done >"$folder/accounts"
  tags "$folder" "$api"
}

# Reads the version of each account anew: folder api. `accounts` holds a token and a tag a line.
tags() {
  local access tag
  while read -r access _; do
    tag=$(curl -sSf -D - -o /dev/null "$2/v1/me" -H "Authorization: Bearer $access" | tr -d '\r' | sed -n 's/^etag: //p')
    echo "$access $tag"
  done <"$1/accounts" >"$1/next" && mv "$1/next" "$1/accounts"
}

# Calls /v1/me for a while: script connections seconds folder api. Sets `requests`, `rate` (requests a second) and `p99`.
http() {
  wrk -t "$2" -c "$2" -d "${3}s" --latency -s "tests/bench/$1.lua" "$5/v1/me" -- "$4/accounts" >"$4/wrk"
  if grep -q 'Non-2xx' "$4/wrk"; then grep 'Non-2xx' "$4/wrk" >&2; fi
  requests=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$4/wrk")
  rate=$(sed -n 's/^Requests\/sec: *\([0-9]*\).*/\1/p' "$4/wrk")
  p99=$(sed -n 's/^ *99% *//p' "$4/wrk")
}

# The resident memory of a process in MiB.
resident() {
  echo $(($(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$1/status") / 1024))
}

# The processes of a folder's PostgreSQL.
postgres_of() {
  local postmaster
  postmaster=$(head -n 1 "$1/data/postgres/postmaster.pid")
  echo "$postmaster" $(pgrep -P "$postmaster")
}

# Waits until nothing is left to be delivered: folder.
drained() {
  until [ "$(sql "$1" -c "SELECT count(*) FROM platform.outbox WHERE due_at < now() + interval '10 minutes'")" = 0 ]; do
    sleep 0.5
  done
}
