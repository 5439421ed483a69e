"""Guests who begin: address, folder of letters, the organiser's password, how many, over how many seconds."""

import collections
import http.client
import json
import pathlib
import random
import re
import sys
import threading
import time

address, letters, password = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
guests, spread = int(sys.argv[4]), float(sys.argv[5])
assessment = pathlib.Path("docs/assessments/leadership-readiness.md").read_text()
start, lock = threading.Barrier(guests), threading.Lock()
statuses, took, begun = collections.Counter(), [], []


def call(connection, path, body=None, bearer=None, media="application/json"):
    headers = {"Content-Type": media} if body is not None else {}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    said = json.loads(text) if text else {}
    return answer.status, said | {"wait": float(answer.headers.get("Retry-After") or 0)}


def organise():
    """An open campaign that asks the guests; returns their tokens."""
    connection = http.client.HTTPConnection(address, timeout=60)
    login = {"email": "bench0@example.org", "password": password}
    access = call(connection, "/v1/auth/login", json.dumps(login))[1]["access_token"]

    def post(path, body=None, media="application/json"):
        status, answer = call(connection, path, body, access, media)
        if status >= 300:
            sys.exit(f"{path}: {status} {answer}")
        return answer

    own = f"/v1/organizations/{post('/v1/organizations', json.dumps({'name': 'School'}))['id']}"
    made = post(f"{own}/custom-assessments", assessment.encode(), "text/markdown")["id"]
    post(f"{own}/custom-assessments/{made}/publish")
    post(f"{own}/custom-assessments/{made}/activate")
    new = {"name": "Spring", "assessment_type": "custom", "custom_assessment_id": made}
    campaign = f"{own}/campaigns/{post(f'{own}/campaigns', json.dumps(new))['id']}"
    post(f"{campaign}/activate")
    before = set(letters.glob("*campaign-invitation*.eml"))
    people = [{"email": f"guest{number}-{spread:.0f}@example.net"} for number in range(guests)]
    post(f"{campaign}/assignments", json.dumps({"people": people}))
    while len(new_letters := set(letters.glob("*campaign-invitation*.eml")) - before) < guests:
        time.sleep(0.2)
    time.sleep(1)
    return [re.search(r"#token=([A-Za-z0-9_-]+)", letter.read_text())[1] for letter in new_letters]


def guest(token):
    start.wait()
    time.sleep(random.uniform(0, spread))
    came = time.monotonic()
    connection = http.client.HTTPConnection(address, timeout=60)

    def timed(*what):
        """The answer, and whoever is told to come back comes back."""
        while True:
            asked = time.monotonic()
            status, answer = call(connection, *what)
            with lock:
                statuses[status] += 1
                took.append(time.monotonic() - asked)
            if not answer["wait"]:
                return status, answer
            time.sleep(answer["wait"] + random.random())

    status, opened = timed("/v1/assignments/open", json.dumps({"token": token}))
    if status == 200:
        status, _ = timed(f"/v1/me/assignments/{opened['assignment']['id']}/start", None, opened["pass"])
    if status < 300:
        with lock:
            begun.append(time.monotonic() - came)


threads = [threading.Thread(target=guest, args=(token,)) for token in organise()]
first = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
took.sort()
answers = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
print(f"{guests} guests within {spread:.0f} s: {len(begun)} began, the last after {time.monotonic() - first:.1f} s; "
      f"a call takes {took[len(took) // 2] * 1000:.0f} ms, p99 {took[len(took) * 99 // 100] * 1000:.0f} ms; {answers}")
