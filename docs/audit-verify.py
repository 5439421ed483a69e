#!/usr/bin/env python3
"""Verifies an export of Touchstone's audit trail, or one event's proof, and shares no code with it.

    audit-verify.py EXPORT [--checkpoints FILE] [--key KEY]
    audit-verify.py ANSWER --event FILE [--checkpoints FILE] [--key KEY]

KEY is a verifier key, or a file that holds it; by default FILE.key beside the checkpoints, else what the input itself
says. Needs Python 3.9 and the package `cryptography`. Ends with 0: sound, 1: broken, 2: it cannot be told.
docs/audit.md describes the formats."""
import argparse, base64, json, os, sys
from hashlib import sha256
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Broken(Exception):
    pass


def expect(holds, otherwise):
    if not holds:
        raise Broken(otherwise)


def once(members):  # of two members of one name, one reader believes the first, another the second
    expect(len(dict(members)) == len(members), "a name stands twice in an object")
    return dict(members)


from_json = json.JSONDecoder(object_pairs_hook=once)


def canonical(event):  # RFC 8785, for what events hold: names in ASCII, and of numbers only integers below 2^53
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf(octets):
    return sha256(b"\0" + octets).digest()


def node(left, right):
    return sha256(b"\1" + left + right).digest()


def octets(text):
    return base64.b64decode(text, validate=True)


def a_hash(text):
    expect(len(octets(text)) == 32, f"{text} is no hash")
    return octets(text)


def checkpoint(note, key):  # C2SP signed-note and tlog-checkpoint: the size and the root that were signed
    name, key_id, public = key.split("+", 2)
    if sha256(name.encode() + b"\n" + octets(public)).hexdigest()[:8] != key_id or octets(public)[0] != 1:
        raise ValueError("the key and its id do not fit")
    text, signatures = note.rsplit("\n\n", 1)
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        if (dash, signer, octets(signature)[:4].hex()) == ("\u2014", name, key_id):
            try:
                Ed25519PublicKey.from_public_bytes(octets(public)[1:]).verify(octets(signature)[4:], (text + "\n").encode())
            except InvalidSignature:
                raise Broken("a checkpoint is not what was signed")
            origin, size, root = text.split("\n")[:3]
            expect(origin == name, "a checkpoint is of another log than its key")
            return int(size), a_hash(root)
    raise Broken("a checkpoint is not signed with the key")


class Tree:  # RFC 9162, section 2.1.1: its complete subtrees from left to right, each as level and root
    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, index, level, root):
        expect(index == self.size, f"entry {self.size} is missing")
        expect(0 <= level < 64 and index % (1 << level) == 0, f"2^{level} entries cannot stand together at {index}")
        self.size += 1 << level
        while self.peaks and self.peaks[-1][0] == level:
            level, root = level + 1, node(self.peaks.pop()[1], root)
        self.peaks.append((level, root))

    def root(self):
        root = None
        for _, peak in reversed(self.peaks):
            root = peak if root is None else node(peak, root)
        return root


def verify_export(lines, size, saved):
    tree, events, vouched, last = Tree(), 0, 0, None
    for number, line in enumerate(lines, 2):
        expect(last is None, f"line {number} follows the last")
        try:
            if line.startswith('{"event":'):
                _, end = from_json.raw_decode(line, 9)  # the event's octets are hashed as they stand
                tree.push(from_json.decode("{" + line[end + 1:])["index"], 0, leaf(line[9:end].encode()))
                events += 1
            elif "hash" in (told := from_json.decode(line)):
                tree.push(told["index"], told["level"], a_hash(told["hash"]))
            else:
                last = told["events"], told["size"]
        except (ValueError, KeyError, TypeError) as why:
            raise Broken(f"line {number} cannot be read: {why}")
        if last is None and tree.size in saved:
            expect(tree.root() == saved[tree.size], f"something from entry {vouched} to entry {tree.size - 1} was altered")
            vouched = tree.size
    expect(last == (events, size) and tree.size == vouched == size, f"it is not whole: it has {tree.size} of {size} entries")
    return f"{events} of {size} events are told whole, and all lead to the checkpoint of {size}"


def verify_proof(answer, event, saved):  # RFC 9162, section 2.1.3.2
    index, size = answer["index"], answer["size"]
    expect(0 <= index < size and size in saved, "the proof is not for its checkpoint")
    expect(event["id"] == answer["event_id"], "the proof is another event's")
    root, at, last = leaf(canonical(event)), index, size - 1
    for beside in map(a_hash, answer["path"]):
        expect(last > 0, "the path is too long")
        if at % 2 or at == last:
            root = node(beside, root)
            while at and not at % 2:
                at, last = at >> 1, last >> 1
        else:
            root = node(root, beside)
        at, last = at >> 1, last >> 1
    expect(last == 0 and root == saved[size], "the event was altered, or is not in the log")
    return f"the event {event['id']} is entry {index}, and leads to the checkpoint of {size}"


def contents(name):
    with open(name, encoding="utf-8", newline="\n") as file:
        return file.read()


def verify(file, event, checkpoints, key):
    told = from_json.decode(file.read() if event else file.readline())
    key = key or (checkpoints + ".key" if checkpoints and os.path.exists(checkpoints + ".key") else None)
    if not key:
        print("note: the key is the input's own, so that this trusts whoever made it")
    key = contents(key).strip() if key and os.path.exists(key) else key or told["key"]
    blocks = contents(checkpoints).split("\n\n")[:-1] if checkpoints else []
    saved = [checkpoint("\n\n".join(blocks[n:n + 2]) + "\n", key) for n in range(0, len(blocks) - 1, 2)]
    saved.append(checkpoint(told["checkpoint"], key))
    expect(saved[-1][0] == told["size"], "the checkpoint is of another size")
    expect(len(dict(saved)) == len(set(saved)), "two checkpoints of one size were signed")
    saved = {size: root for size, root in saved if size <= told["size"]}
    if not event:
        return verify_export(file, told["size"], saved)
    event = from_json.decode(contents(event))
    return verify_proof(told, event.get("event", event), saved)


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("input", metavar="EXPORT-OR-ANSWER")
    for name in "event", "checkpoints", "key":
        ask.add_argument("--" + name)
    given = ask.parse_args()
    try:
        with open(given.input, encoding="utf-8", newline="\n") as file:
            print("sound:", verify(file, given.event, given.checkpoints, given.key))
    except Broken as why:
        print("broken:", why)
        sys.exit(1)
    except Exception as why:  # nothing that fails may pass for sound, or for broken
        print(f"it cannot be told: {type(why).__name__}: {why}", file=sys.stderr)
        sys.exit(2)
