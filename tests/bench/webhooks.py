"""What webhooks.sh measures: address, password, process, folder, how many endpoints and events, one in how many hangs."""

import datetime
import http.client
import json
import mmap
import os
import pathlib
import select
import signal
import socket
import statistics
import struct
import sys
import time

address, password, process, folder = sys.argv[1:5]
endpoints, events, hangs = map(int, sys.argv[5:8])


def never_answers(number):
    return hangs > 0 and number % hangs == 0


def receive(listener, count, report):
    """Answers at once, or never. Notes what came and when, and reads that only once it is told to stop: what receivers
    cost is taken from whom is measured."""
    came, waiting, silent = [], {}, []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(told(came, report)))
    listener.setblocking(False)
    ready = select.epoll()
    ready.register(listener, select.EPOLLIN)
    while True:
        for number, _ in ready.poll():
            if number == listener.fileno():
                try:
                    while True:
                        caller, _ = listener.accept()
                        caller.setblocking(False)
                        waiting[caller.fileno()] = [caller, b""]
                        ready.register(caller, select.EPOLLIN)
                except BlockingIOError:
                    continue
            caller, request = waiting[number]
            data = caller.recv(65536)
            waiting[number][1] = request = request + data
            if data and not request.endswith(b"}}"):
                continue
            ready.unregister(caller)
            del waiting[number]
            if data and never_answers(int(request[6:request.index(b" ", 6)])):
                silent.append(caller)
                continue
            if data:
                came.append((time.time(), request))
                caller.send(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                struct.pack_into("q", count, 0, len(came))
            caller.close()


def told(came, report):
    """Tells how long after it happened each event came for the first time."""
    waits = {}
    for at, request in came:
        head, body = request.split(b"\r\n\r\n")
        event = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"webhook-id"))
        second, _, fraction = json.loads(body)["timestamp"].rstrip("Z").partition(".")
        happened = datetime.datetime.fromisoformat(second + "+00:00").timestamp() + float(f"0.{fraction}0")
        waits.setdefault((request[6:request.index(b" ", 6)], event), at - happened)
    with os.fdopen(report, "w") as report:
        json.dump({"waits": sorted(waits.values()), "again": len(came) - len(waits)}, report)


def processor(of, reaped=False):
    """Seconds of processor that a process took, or those that it has waited for."""
    fields = pathlib.Path(f"/proc/{of}/stat").read_text().rpartition(")")[2].split()
    ticks = map(int, fields[13:15] if reaped else fields[11:13])
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def processors():
    """The same of the server, of its PostgreSQL and of the receivers."""
    postmaster = pathlib.Path(folder, "data/postgres/postmaster.pid").read_text().split("\n")[0]
    children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    postgres = processor(postmaster, True) + sum(processor(of) for of in [postmaster, *children])
    return [processor(process), postgres, processor(receivers)]


def resident():
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def call(path, body, bearer=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        sys.exit(f"{path}: {answer.status} {text}")
    return json.loads(text)


listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
(reading, report), count = os.pipe(), mmap.mmap(-1, 8)
receivers = os.fork()
if receivers == 0:
    os.close(reading)
    receive(listener, count, report)
os.close(report)
connection = http.client.HTTPConnection(address, timeout=60)
owner = call("/v1/auth/login", {"email": "bench0@example.org", "password": password})["access_token"]
organization = f"/v1/organizations/{call('/v1/organizations', {'name': 'School'}, owner)['id']}"
port = listener.getsockname()[1]
for number in range(endpoints):
    endpoint = {"url": f"http://127.0.0.1:{port}/{number}", "events": ["invitation.*"]}
    call(f"{organization}/webhook-endpoints", endpoint, owner)
listener.close()
before, took = resident(), processors()
for number in range(events):
    invited = {"email": f"person{number}@example.org", "roles": ["recruiter"]}
    call(f"{organization}/invitations", invited, owner)
expected = sum(not never_answers(number) for number in range(endpoints)) * events
deadline = time.monotonic() + 300
while struct.unpack_from("q", count)[0] < expected and time.monotonic() < deadline:
    time.sleep(0.05)
took = [(after - before) * 1e6 / expected for before, after in zip(took, processors())]
os.kill(receivers, signal.SIGTERM)
with os.fdopen(reading) as reading:
    told = json.load(reading)
waits = told["waits"]
if len(waits) < expected:
    sys.exit(f"{len(waits)} of {expected} came")
p99 = waits[len(waits) * 99 // 100]
print(f"{events} events to {endpoints} endpoints, {endpoints - expected // events} of which never answer: "
      f"the others' median {statistics.median(waits):.2f} s, p99 {p99:.2f} s, longest {waits[-1]:.2f} s, "
      f"{told['again']} came again; memory {before:.0f} MiB, then {resident():.0f} MiB; microseconds of processor for each "
      f"that came: server {took[0]:.0f}, PostgreSQL {took[1]:.0f}, receivers {took[2]:.0f}")
