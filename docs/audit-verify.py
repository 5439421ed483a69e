#!/usr/bin/env python3
"""Verifies an export of Touchstone's audit trail, or the proof of one event, and shares no code with Touchstone.
  audit-verify.py EXPORT [--checkpoints FILE] [--key KEY]            needs Python 3.9 and the package `cryptography`;
  audit-verify.py ANSWER --event FILE [--checkpoints FILE] [--key KEY]    docs/audit.md describes the formats.
KEY: the verifier key, or a file with it; by default FILE.key, else the input's own. Ends with 0: sound, 1: broken, 2: it cannot be told."""
import argparse, base64, json, os, sys
from hashlib import sha256
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

octets = lambda text: base64.b64decode(text, validate=True)
leaf = lambda event: sha256(b"\0" + event).digest()
node = lambda left, right: sha256(b"\1" + left + right).digest()
class Broken(Exception): pass
def expect(holds, otherwise):
    if not holds: raise Broken(otherwise)

def once(members):  # of two members of one name, one reader believes the first, another the second
    expect(len(dict(members)) == len(members), "a name stands twice in an object")
    return dict(members)

def a_hash(text):
    expect(len(text) == 44 and text[-1] == "=", f"{text} is no hash")
    return octets(text)

def checkpoint(note, key):  # C2SP signed-note and tlog-checkpoint: the size and root that were signed
    name, key_id, public = key.split("+", 2)
    if sha256(name.encode() + b"\n" + octets(public)).hexdigest()[:8] != key_id: raise ValueError("the key and its id do not fit")
    text, signatures = note.rsplit("\n\n", 1)
    signed = [line.split(" ")[2] for line in signatures.splitlines() if line.split(" ")[:2] == ["\u2014", name]]
    signed = [octets(one)[4:] for one in signed if octets(one)[:4].hex() == key_id]
    expect(signed and text.split("\n")[0] == name, "a checkpoint is not signed with the key")
    try: Ed25519PublicKey.from_public_bytes(octets(public)[1:]).verify(signed[0], text.encode() + b"\n")
    except Exception: raise Broken("a checkpoint is not what was signed")
    return int(text.split("\n")[1]), a_hash(text.split("\n")[2])

def export(lines, saved, size):  # RFC 9162, section 2.1.1: a stack of complete subtrees, each as level and root
    peaks, at, events, last = [], 0, 0, None
    for line in lines:
        told, expected = json.loads(line, object_pairs_hook=once), last is None
        expect(expected, "a line follows the last")
        if "event" in told:  # the octets of the event are hashed as they stand
            _, end = json.JSONDecoder().raw_decode(line, len('{"event":'))
            level, root, events = 0, leaf(line[len('{"event":'):end].encode()), events + 1
        elif "hash" in told: level, root = told["level"], a_hash(told["hash"])
        else: last = (told["events"], told["size"]); continue
        expect(told["index"] == at and at % (1 << level) == 0, f"entry {at} is missing")
        at += 1 << level
        while peaks and peaks[-1][0] == level: level, root = level + 1, node(peaks.pop()[1], root)
        peaks.append((level, root))
        if at in saved:
            for _, peak in reversed(peaks[:-1]): root = node(peak, root)
            expect(root == saved[at], f"something before entry {at} was altered")
    expect(last == (events, at) and at == size, f"it is not whole: it has {at} of {size} entries")
    return f"{events} of {size} events are told whole, and all lead to the checkpoint of {size}"

def proof(told, event, saved):  # RFC 9162, section 2.1.3.2; RFC 8785 for names in ASCII and integers below 2^53
    root = leaf(json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    at, last = told["index"], told["size"] - 1
    expect(0 <= at <= last and event["id"] == told["event_id"], "the proof is another event's")
    for beside in map(a_hash, told["path"]):
        root = node(beside, root) if at % 2 or at == last else node(root, beside)
        while at == last and at and at % 2 == 0: at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    expect(last == 0 and root == saved[told["size"]], "the event was altered, or is not in the log")
    return f"the event {event['id']} is entry {told['index']}, and leads to the checkpoint of {told['size']}"

def verify(given, file):
    told = json.loads(file.readline() if not given.event else file.read())
    kept = (given.checkpoints or "") + ".key"
    key = given.key or (kept if os.path.exists(kept) else print("note: the key is the input's own: this trusts whoever made it") or told["key"])
    key = open(key).read().strip() if os.path.exists(key) else key
    blocks = open(given.checkpoints, encoding="utf-8").read().split("\n\n") if given.checkpoints else []
    notes = ["\n\n".join(blocks[n:n + 2]) + "\n" for n in range(0, len(blocks) - 1, 2)] + [told["checkpoint"]]
    saved = {size: root for size, root in (checkpoint(note, key) for note in notes)}
    expect(checkpoint(notes[-1], key)[0] == told["size"], "the checkpoint is of another size")
    expect(all(saved[size] == root for size, root in (checkpoint(note, key) for note in notes)), "two checkpoints of one size")
    if not given.event: return export(file, saved, told["size"])
    event = json.load(open(given.event, encoding="utf-8"), object_pairs_hook=once)
    return proof(told, event.get("event", event), saved)

ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name in "input", "--event", "--checkpoints", "--key": ask.add_argument(name)
given = ask.parse_args()
try: print("sound:", verify(given, open(given.input, encoding="utf-8")))
except Broken as why: sys.exit(print("broken:", why) or 1)
except Exception as why: sys.exit(print("it cannot be told:", type(why).__name__, why, file=sys.stderr) or 2)
