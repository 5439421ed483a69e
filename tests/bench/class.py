"""People who sign in: address, how many, how many in a hundred mistype first, their password, over how many seconds."""

import collections
import http.client
import json
import random
import sys
import threading
import time

address, people, mistyped, password = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
spread = float(sys.argv[5])
start, lock = threading.Barrier(people), threading.Lock()
statuses, took, refused = collections.Counter(), [], []


def login(email, guess):
    connection = http.client.HTTPConnection(address, timeout=60)
    body = json.dumps({"email": email, "password": guess})
    connection.request("POST", "/v1/auth/login", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get("Retry-After")


def person(number):
    email = f"client{number}@example.org"
    guesses = ["mistyped-" + password] if random.randrange(100) < mistyped else []
    start.wait()
    time.sleep(random.uniform(0, spread))
    begun = time.monotonic()
    while True:
        is_wrong = bool(guesses)
        status, wait = login(email, guesses[0] if is_wrong else password)
        with lock:
            statuses[status] += 1
            if status == 401 and not is_wrong:
                refused.append(email)
        if status == 200:
            break
        if status == 401 and is_wrong:
            guesses.pop()
            time.sleep(random.uniform(2, 5))  # typed again
        else:
            time.sleep(float(wait or 1) + random.random())
    with lock:
        took.append(time.monotonic() - begun)


threads = [threading.Thread(target=person, args=(number,)) for number in range(people)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
took.sort()
answers = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
print(f"{len(took)} signed in, half of them after {took[len(took) // 2]:.1f} s, all after {took[-1]:.1f} s; {answers}; "
      f"{len(refused)} right passwords got 401")
