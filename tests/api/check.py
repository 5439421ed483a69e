"""Holds a running server against /openapi.json with schemathesis: `just check-api`, or python3 tests/api/check.py.

Starts the program that `cargo build` made, on a data folder of its own that is deleted afterwards, makes people, and
sends what the description allows and what it forbids, as two owners of organisations who must not see each other's
things and as a platform administrator. Ends with 1 if an answer is other than described. What is let pass, and why,
is in schemathesis.toml and hooks.py beside this file. Needs python3 with venv, PostgreSQL, and PyPI at the first run.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
from people import fill  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--binary", type=pathlib.Path, default=TARGET / "debug/touchstone")
    options.add_argument("--seconds", type=int, default=180, help="how long it tests, at most")
    options.add_argument("--seed", type=int, default=11)
    options.add_argument("--only", help="a regular expression of operation ids")
    options.add_argument("--steady", action="store_true", help="only what no clock cuts and no chance finds, as in CI")
    options.add_argument("--people", nargs="+", help="as whom: north, south, admin")
    options = options.parse_args()
    if not options.binary.exists():
        sys.exit(f"{options.binary} is not there: run cargo build first, or name another with --binary")
    schemathesis = install()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="touchstone-api-"))
    folder.chmod(0o711)
    try:
        with Server(options.binary, folder) as server:
            sys.exit(check(schemathesis, server, options))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def install():
    """Schemathesis in an environment of its own, which is made anew when the list of versions changes."""
    place, versions = TARGET / "check-api", HERE / "requirements.txt"
    installed = place / "requirements.txt"
    if not installed.exists() or installed.read_text() != versions.read_text():
        print(f"== installing schemathesis into {place}", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", place], check=True)
            subprocess.run([place / "bin/pip", "install", "--quiet", "--requirement", versions], check=True)
        except subprocess.CalledProcessError as error:
            sys.exit(f"schemathesis cannot be installed ({error}): it takes python3-venv and a way to PyPI")
        shutil.copy(versions, installed)
    return place / "bin/schemathesis"


class Server:
    """The program on a data folder and a port of its own."""

    def __init__(self, binary, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.folder, self.log = folder, folder / "log"
        self.binary = [binary, "--data", folder / "data"]
        self.email, self.password = "root@example.org", "mossy-lantern-thimble-quarry"

    def __enter__(self):
        create = [*self.binary, "admin", "create", "--email", self.email, "--password-stdin"]
        subprocess.run(create, input=self.password, text=True, check=True, stdout=subprocess.DEVNULL)
        settings = ["--set", "limits.rate_limits=false", "--set", "log.filter=warn", "--set", "quotas.new_days=0"]
        settings += ["--set", "quotas.letters_per_hour=1000", "--set", "quotas.letters_to_address=1000"]
        listen = ["--listen", self.url.removeprefix("http://"), "--admin-listen", "off"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen([*self.binary, *listen, *settings], stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                sys.exit(f"the server did not start:\n{self.log.read_text()}")
            time.sleep(0.1)
        return self

    def is_ready(self):
        try:
            return urllib.request.urlopen(f"{self.url}/readyz").status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)


# As whom it tests, with how large a share of the time, what, and how. What can be tested whatever the time is, `coverage`,
# takes a minute for all operations, and is the same for both owners.
ROUNDS = [
    ("north", 6, ".", "examples,coverage,fuzzing,stateful"),
    ("south", 2, ".", "fuzzing,stateful"),
    ("admin", 2, "list_accounts|update_account|platform_events|offer|listing", "examples,coverage,fuzzing,stateful"),
]


# What sends the same whenever it runs. Fuzzing and sequences of calls find more the longer they go on, and now and then
# something new: they are for `just check-api`, and not for a change that has nothing to do with it.
STEADY = ["examples", "coverage"]


def check(schemathesis, server, options):
    """0 if every answer was as described."""
    people = fill(server)
    time.sleep(11)  # a checkpoint covers events within 10 s, and only then they have a proof
    users = server.folder / "users.json"
    header = lambda person: {"name": "Authorization", "value": f"Bearer {person.token}"}
    auth = [{"name": name, "fixedHeaders": [header(person)]} for name, person in people.items()]
    users.write_text(json.dumps({"auth": auth}))
    rounds = [one for one in ROUNDS if one[0] in (options.people or [one[0]])]
    outcome, shares = 0, sum(share for _, share, _, _ in rounds)
    for name, share, operations, phases in rounds:
        phases = [phase for phase in phases.split(",") if not options.steady or phase in STEADY]
        if not phases:
            continue
        print(f"== as {name}", flush=True)
        places = {f"API_{key.upper()}": value for key, value in people[name].places.items()}
        run = [
            *[schemathesis, "--config-file", HERE / "schemathesis.toml", "run", f"{server.url}/openapi.json"],
            *["--seed", str(options.seed), "--max-time", str(options.seconds if options.steady else options.seconds * share // shares)],
            *["--phases", ",".join(phases), "--include-operation-id-regex", options.only or operations],
        ]
        places |= {"API_USERS": str(users), "API_USER": name}
        python = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
        environment = os.environ | places | python
        outcome |= subprocess.run(run, env=environment, cwd=server.folder).returncode
    return outcome


if __name__ == "__main__":
    main()
