"""What notify.sh measures: address, password, process, how many holders, rows and streams."""

import concurrent.futures
import http.client
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import threading
import time

address, password, process = sys.argv[1:4]
holders, rows, streams = map(int, sys.argv[4:7])
host, port = address.split(":")


def sql(statement):
    return subprocess.run(["psql", "-XqAtc", statement], check=True, text=True, capture_output=True).stdout.strip()


def resident():
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def call(connection, method, path, body=None, bearer=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    connection.request(method, path, body and json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        sys.exit(f"{path}: {answer.status} {text}")
    return json.loads(text) if text else None


def sign_in(number):
    connection = http.client.HTTPConnection(address, timeout=60)
    login = {"email": f"client{number}@example.org", "password": password}
    return call(connection, "POST", "/v1/auth/login", login)["access_token"]


def open_stream(bearer):
    stream = socket.create_connection((host, int(port)))
    path = "/v1/me/notifications/stream"
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {bearer}\r\n\r\n".encode())
    while b"event: unread" not in stream.recv(65536):
        pass
    return stream


def fan_out(connection, owner):
    """One notice to all administrators of an organisation."""
    organization = call(connection, "POST", "/v1/organizations", {"name": "School"}, owner)["id"]
    sql(f"""INSERT INTO identity.memberships (id, organization_id, account_id, roles, status, created_at, version)
        SELECT gen_random_uuid(), '{organization}', id, ARRAY['admin'], 'active', now(), 1 FROM identity.accounts a
        WHERE NOT EXISTS (SELECT FROM identity.memberships m WHERE m.account_id = a.id) AND email <> 'bench0@example.org'""")
    before, begun = resident(), time.monotonic()
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    key = {"name": "Bench", "scopes": ["members.read"], "expires_at": expires}
    call(connection, "POST", f"/v1/organizations/{organization}/api-keys", key, owner)
    most = before
    while int(sql("SELECT count(*) FROM notification.notifications")) < holders - 1:
        most = max(most, resident())
        time.sleep(0.25)
    print(f"one notice to {holders - 1} holders: {time.monotonic() - begun:.1f} s, memory +{most - before:.0f} MiB")


def latency(bearer):
    """From the commit of a notice to an open stream, at 200 a second."""
    sent, took, count = {}, [], 2000
    stream = open_stream(bearer)

    def read():
        text = b""
        while len(took) < count:
            text += stream.recv(1 << 20)
            *events, text = text.split(b"\n\n")
            now = time.monotonic()
            for event in events:
                if b"event: notification" in event:
                    data = json.loads(event.split(b"data: ", 1)[1].split(b"\n")[0])
                    took.append(now - sent[data["title"]])

    reader = threading.Thread(target=read)
    reader.start()
    account = sql("SELECT id FROM identity.accounts WHERE email = 'client1@example.org'")
    session = subprocess.Popen(["psql", "-Xq"], stdin=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL)
    begun = time.monotonic()
    for number in range(count):
        time.sleep(max(0, begun + number / 200 - time.monotonic()))
        notice = {"to": {"account": account}, "kind": "assessment", "priority": "normal", "has_letter": True,
                  "template": "assessment/rating-due", "values": {"title": f"n{number}"}, "action": None, "dedupe": None, "except": None}
        sent[f"Answers wait to be rated: n{number}"] = time.monotonic()
        session.stdin.write("INSERT INTO platform.outbox (topic, target_kind, target_id, data, occurred_at, due_at, lane) VALUES "
                            f"('notice.send', 'thing', gen_random_uuid(), '{json.dumps(notice)}', now(), now(), 1); NOTIFY touchstone_outbox;\n")
        session.stdin.flush()
    reader.join()
    session.stdin.close()
    took.sort()
    print(f"from commit to an open stream at 200 a second: median {took[count // 2] * 1000:.0f} ms, p99 {took[count * 99 // 100] * 1000:.0f} ms")


def idle(tokens):
    """Streams on which nothing happens."""
    before = resident()
    opened = [open_stream(tokens[number % len(tokens)]) for number in range(streams)]
    time.sleep(3)
    print(f"{streams} idle streams: memory +{resident() - before:.0f} MiB, to {resident():.0f} MiB")
    for stream in opened:
        stream.close()


def sizes(connection, tokens):
    """The count and the first page of an inbox of a thousand and one of a million, in turns."""
    numbers = {3: 1000, 4: rows}
    for client, count in numbers.items():
        sql(f"""INSERT INTO notification.notifications (id, account_id, number, notification_type, priority, title, message,
            related_entity_type, related_entity_id, dedupe_key, read_at)
            SELECT gen_random_uuid(), a.id, 1000000 + n, 'assessment', 'normal', 'Title', 'Message', 'thing', gen_random_uuid(),
            'bench' || n, CASE WHEN n % 2 = 0 THEN now() END
            FROM identity.accounts a, generate_series(1, {count}) n WHERE email = 'client{client}@example.org'""")
    sql("VACUUM ANALYZE notification.notifications")
    for path in ["unread-count", ""]:
        took = {client: [] for client in numbers}
        for _ in range(300):
            for client in numbers:
                begun = time.monotonic()
                call(connection, "GET", f"/v1/me/notifications/{path}".rstrip("/"), bearer=tokens[client])
                took[client].append(time.monotonic() - begun)
        small, large = (statistics.median(took[client]) * 1000 for client in numbers)
        print(f"{path or 'first page'}: {small:.2f} ms of 1000, {large:.2f} ms of {rows}, ratio {large / small:.2f}")


connection = http.client.HTTPConnection(address, timeout=60)
print(f"idle: {resident():.0f} MiB")
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    tokens = list(pool.map(sign_in, range(max(5, streams // 4))))
fan_out(connection, tokens[0])
latency(tokens[1])
idle(tokens)
sizes(connection, tokens)
