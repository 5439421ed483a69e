"""What webhooks.sh measures: address, password, process, how many endpoints and events, one in how many hangs."""

import asyncio
import datetime
import http.client
import json
import pathlib
import statistics
import sys
import threading
import time

address, password, process = sys.argv[1:4]
endpoints, events, hangs = map(int, sys.argv[4:7])
received = {}


def never_answers(number):
    return hangs > 0 and number % hangs == 0


async def receive(reader, writer):
    """Answers at once, or never, and notes how long after it happened an event came."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        number = int(lines[0].split("/")[1].split(" ")[0])
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        if never_answers(number):
            await reader.read()
        else:
            second, _, fraction = body["timestamp"].rstrip("Z").partition(".")
            happened = datetime.datetime.fromisoformat(second + "+00:00").timestamp() + float(f"0.{fraction}0")
            received.setdefault((number, headers["webhook-id"]), time.time() - happened)
            writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def listen():
    async def serve():
        server = await asyncio.start_server(receive, "127.0.0.1", 0, backlog=4096)
        ports.append(server.sockets[0].getsockname()[1])
        started.set()
        await server.serve_forever()

    asyncio.run(serve())


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


ports, started = [], threading.Event()
threading.Thread(target=listen, daemon=True).start()
started.wait()
connection = http.client.HTTPConnection(address, timeout=60)
owner = call("/v1/auth/login", {"email": "bench0@example.org", "password": password})["access_token"]
organization = f"/v1/organizations/{call('/v1/organizations', {'name': 'School'}, owner)['id']}"
for number in range(endpoints):
    endpoint = {"url": f"http://127.0.0.1:{ports[0]}/{number}", "events": ["invitation.*"]}
    call(f"{organization}/webhook-endpoints", endpoint, owner)
before = resident()
for number in range(events):
    invited = {"email": f"person{number}@example.org", "roles": ["recruiter"]}
    call(f"{organization}/invitations", invited, owner)
expected = sum(not never_answers(number) for number in range(endpoints)) * events
deadline = time.monotonic() + 300
while len(received) < expected and time.monotonic() < deadline:
    time.sleep(0.1)
if len(received) < expected:
    sys.exit(f"{len(received)} of {expected} came")
waits = sorted(received.values())
p99 = waits[len(waits) * 99 // 100]
print(f"{events} events to {endpoints} endpoints, {endpoints - expected // events} of which never answer: "
      f"the others' median {statistics.median(waits):.2f} s, p99 {p99:.2f} s, longest {waits[-1]:.2f} s; "
      f"memory {before:.0f} MiB, then {resident():.0f} MiB")
