# Runs PostgreSQL and stops it when standard input closes: that is how it never outlives the server, even
# one killed with -9. A process group of its own keeps the terminal's Ctrl-C away from it.
# Arguments: log file, signal that stops, folder to remove at the end (or nothing), postgres, its arguments.
log=$1 signal=$2 remove=$3
shift 3
umask 077
exec 3<&0 </dev/null

if [ -f "$log" ] && [ "$(wc -c <"$log")" -gt 10485760 ]; then mv -f "$log" "$log.1"; fi
"$@" >>"$log" 2>&1 3<&- &
postgres=$!
echo "$postgres"
exec >/dev/null

trap '' HUP INT TERM
(
    while read -r _ <&3; do :; done
    kill -s "$signal" "$postgres"
    waited=0
    while [ "$waited" -lt 10 ] && kill -0 "$postgres"; do
        sleep 1
        waited=$((waited + 1))
    done
    kill -s QUIT "$postgres"
) 2>/dev/null &
watcher=$!

wait "$postgres"
code=$?
kill -s KILL "$watcher" 2>/dev/null
if [ -n "$remove" ]; then
    for _ in 1 2 3 4 5; do
        rm -rf "$remove" 2>/dev/null && break
        sleep 1
    done
fi
exit "$code"
