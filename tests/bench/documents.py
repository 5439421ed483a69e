"""What documents.sh measures: address, password, process, the folder of the files."""

import io
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile

address, password, process = sys.argv[1:4]
folder = pathlib.Path(sys.argv[4])
MIB = 1024 * 1024
ROUNDS = 30


def disk():
    """MiB a second that files of that size are written to disk with."""
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with open(folder / "plain", "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        rates.append(len(content) / MIB / (time.perf_counter() - started))
    return statistics.median(rates)


def cipher():
    """MiB that one core seals a second, in chunks as documents have."""
    speed = ["openssl", "speed", "-evp", "chacha20-poly1305", "-bytes", "65536", "-seconds", "1"]
    said = subprocess.run(speed, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"([\d.]+)k\s*$", said)[1]) * 1000 / MIB


def resident(name="VmRSS"):
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(rf"{name}:\s*(\d+)", status)[1]) / 1024


def call(path, body, bearer=""):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
    request = urllib.request.Request(f"http://{address}{path}", json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request))


def archive():
    """An archive of 10 MiB that nothing can be pressed out of, and whose text nobody reads out meanwhile."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("noise", os.urandom(10 * MIB - 1024))
    return room.getvalue()


def form(content):
    head = b'--b\r\nContent-Disposition: form-data; name="category"\r\n\r\nother\r\n--b\r\n'
    head += b'Content-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
    return head + content + b"\r\n--b--\r\n"


def begin(method, path, more=""):
    host, port = address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=120)
    head = f"{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
    connection.sendall(f"{head}{more}\r\n".encode())
    return connection


def receive(connection, half_way=lambda: None):
    """The head of an answer, and how long its body is. Takes a mebibyte before it stops half way."""
    room, view = bytearray(MIB), None
    view, held = memoryview(room), 0
    while b"\r\n\r\n" not in room[:held]:
        got = connection.recv_into(view[held:])
        if not got:
            sys.exit(f"no answer: {bytes(room[:held])}")
        held += got
    head, rest = bytes(room[:held]).split(b"\r\n\r\n", 1)
    size, waited = len(rest), False
    while got := connection.recv_into(view):
        if size < len(rest) + 4096 and got < 4096:
            rest += bytes(view[:got])
        size += got
        if size > MIB and not waited:
            waited = True
            half_way()
    return head, rest, size


def upload(half_way=None):
    """Uploads the archive: in one go, or in halves."""
    more = f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(sent)}\r\n"
    with begin("POST", documents, more) as connection:
        if half_way:
            connection.sendall(memoryview(sent)[: len(sent) // 2])
            half_way()
            connection.sendall(memoryview(sent)[len(sent) // 2 :])
        else:
            connection.sendall(sent)
        head, body, _ = receive(connection)
    if b" 201 " not in head:
        sys.exit(f"{head} {body}")
    return json.loads(body)["id"]


def download(half_way=lambda: None):
    with begin("GET", f"{documents}/{document}/content") as connection:
        head, _, size = receive(connection, half_way)
    if b" 200 " not in head or size != len(content):
        sys.exit(f"{head} {size}")


def speed(transfer):
    """MiB a second, of each transfer one after the other: median, slowest, fastest."""
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        transfer()
        rates.append(len(content) / MIB / (time.perf_counter() - started))
    return statistics.median(rates), min(rates), max(rates)


def memory(transfer, number):
    """MiB beyond those of an idle server: while all of so many transfers stand still half way, and at most."""
    reached, on = threading.Barrier(number + 1), threading.Barrier(number + 1)

    def half_way():
        reached.wait()
        on.wait()

    pathlib.Path(f"/proc/{process}/clear_refs").write_text("5")
    threads = [threading.Thread(target=transfer, args=(half_way,)) for _ in range(number)]
    for thread in threads:
        thread.start()
    reached.wait()
    time.sleep(1)
    slow = resident() - idle
    on.wait()
    for thread in threads:
        thread.join()
    return slow, resident("VmHWM") - idle


content = archive()
sent = form(content)
token = call("/v1/auth/login", {"email": "bench0@example.org", "password": password})["access_token"]
documents = f"/v1/organizations/{call('/v1/organizations', {'name': 'School'}, token)['id']}/documents"
document = upload()
time.sleep(3)
idle = resident()
print(f"idle: {idle:.0f} MiB")
for name, transfer in (("downloads", download), ("uploads", upload)):
    for number in (1, 8, 16):
        slow, most = memory(transfer, number)
        print(f"{number} {name} at once: {slow:.1f} MiB half way ({slow / number:.2f} each), {most:.1f} MiB at most")
for name, transfer in (("upload", upload), ("download", download)) * 2:
    (median, slowest, fastest), alone = speed(transfer), cipher()
    print(f"{name}: {median:.0f} MiB/s ({slowest:.0f} to {fastest:.0f}), the cipher alone {alone:.0f} MiB/s: "
          f"{median / alone:.2f}")
print(f"written to disk, and nothing else: {disk():.0f} MiB/s")
