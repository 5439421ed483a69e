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
    # Sent again and again, for a server in its first milliseconds ignores it. Fifty times are ten seconds.
    sent=0
    while kill -s "$signal" "$postgres"; do
        sleep 0.2 || sleep 1
        sent=$((sent + 1))
        if [ "$sent" -ge 50 ]; then signal=QUIT; fi
    done
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
