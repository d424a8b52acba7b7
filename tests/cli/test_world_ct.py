#!/usr/bin/env python3
"""The fictional logs prove and count what their facts say: `test_world_ct.py CANOPY-WORLD CANOPY`, as TAP."""
import base64
import filecmp
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
from ctlog import root  # noqa: E402


class Case:
    def __init__(self, exe, canopy, scratch):
        self.exe, self.canopy, self.scratch = exe, canopy, scratch
        self.out = self.make("one", "--ct")
        self.ct = os.path.join(self.out, "ct")
        self.facts = json.loads(self.read("facts.json"))

    def make(self, name, *options):
        folder = os.path.join(self.scratch, name)
        subprocess.run([self.exe, *options, "--out", folder], check=True)
        return folder

    def read(self, *parts):
        with open(os.path.join(self.ct, *parts), "rb") as f:
            return f.read()

    def a(self, *parts):
        return self.read("fictional-log-a", *parts)

    def pages(self):
        folder = os.path.join(self.ct, "fictional-log-b")
        names = [n for n in os.listdir(folder) if n.startswith("get-entries-")]
        found = []
        for name in sorted(names, key=lambda n: int(n.split("-")[2])):
            more = json.loads(self.read("fictional-log-b", name))["entries"]
            equal(name, "get-entries-%d-%d.json" % (len(found), len(found) + len(more) - 1))
            assert len(more) <= 64
            found += more
        return found


def files(folder):
    return sorted(os.path.relpath(os.path.join(d, n), folder) for d, _, names in os.walk(folder) for n in names)


def equal(a, b):
    assert a == b, "%r is not %r" % (a, b)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        assert self.at + n <= len(self.data)
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def sized(self, n):
        return self.take(self.number(n))


def timestamped(r):
    """A TimestampedEntry: its octets, time, type, issuer key hash, certificate, extensions."""
    start, when, kind = r.at, r.number(8), r.number(2)
    key_hash = r.take(32) if kind == 1 else None
    cert, extensions = r.sized(3), r.sized(2)
    return r.data[start:r.at], when, kind, key_hash, cert, extensions


def tile_leaves(data):
    r = Reader(data)
    while r.at < len(data):
        entry = timestamped(r)
        precert = r.sized(3) if entry[2] == 1 else None
        prints = r.sized(2)
        yield entry, precert, [prints[i:i + 32].hex() for i in range(0, len(prints), 32)]


def leaves_of_a(t):
    size = t.facts["logs"]["a"]["tree_size"]
    found = []
    for tile in range((size + 255) // 256):
        found += tile_leaves(t.a("tile/data", ctlog.tile_path(tile, min(256, size - tile * 256))))
    equal(len(found), size)
    return found


def leaf_hash(octets):
    return hashlib.sha256(b"\0" + octets).digest()


def hashes_of_a(t):
    return [leaf_hash(b"\0\0" + entry[0]) for entry, _, _ in leaves_of_a(t)]


def hashes_of_b(t):
    return [leaf_hash(base64.b64decode(e["leaf_input"])) for e in t.pages()]


def signed(t, spki, when, size, tree, signature):
    """Whether a DigitallySigned proves a tree head."""
    key, sig, data = (os.path.join(t.scratch, n) for n in ("key", "sig", "data"))
    text = base64.encodebytes(spki).decode()
    with open(key, "w", encoding="ascii") as f:
        f.write("-----BEGIN PUBLIC KEY-----\n%s-----END PUBLIC KEY-----\n" % text)
    with open(sig, "wb") as f:
        f.write(signature[4:])
    with open(data, "wb") as f:
        f.write(b"\0\1" + when.to_bytes(8, "big") + size.to_bytes(8, "big") + tree)
    equal(signature[:4], b"\4\3" + (len(signature) - 4).to_bytes(2, "big"))
    run = subprocess.run(["openssl", "dgst", "-sha256", "-verify", key, "-signature", sig, data], capture_output=True)
    return run.returncode == 0


def listed(t, kind):
    operator, = json.loads(t.read("log_list.json"))["operators"]
    log, = operator[kind]
    key = base64.b64decode(log["key"])
    equal(base64.b64decode(log["log_id"]), hashlib.sha256(key).digest())
    return log, key


def checkpoint(note):
    """Origin, size, root, key id, time, signature."""
    body, _, line = note.decode().partition("\n\n")
    origin, size, tree = body.split("\n")
    dash, name, sig = line.split()
    equal((dash, name), ("\u2014", origin))
    sig = base64.b64decode(sig)
    return origin, int(size), base64.b64decode(tree), sig[:4], int.from_bytes(sig[4:12], "big"), sig[12:]


def test_two_runs_write_the_same_octets(t):
    again = t.make("two", "--ct")
    names = files(t.out)
    equal(files(again), names)
    equal(filecmp.cmpfiles(t.out, again, names, shallow=False)[1:], ([], []))


def test_without_the_option_nothing_else_changes(t):
    plain = t.make("plain")
    names = [n for n in files(t.out) if not n.startswith(("ct/", "sites/"))]
    equal(files(plain), names)
    equal(filecmp.cmpfiles(t.out, plain, names, shallow=False)[1:], ([], []))


def test_the_static_log_has_the_root_it_signs(t):
    facts, hashes = t.facts["logs"]["a"], hashes_of_a(t)
    log, key = listed(t, "tiled_logs")
    equal(json.loads(t.a("log.v3.json"))["key"], log["key"])
    for suffix, n in ("", len(hashes)), (".small", facts["small_tree_size"]), (".wrong", len(hashes)):
        origin, size, tree, key_id, when, sig = checkpoint(t.a("checkpoint" + suffix))
        equal((origin, size), ("fictional-a.example/log", n))
        equal(key_id, hashlib.sha256(origin.encode() + b"\n\5" + hashlib.sha256(key).digest()).digest()[:4])
        equal(tree == root(hashes[:n]), suffix != ".wrong")
        assert signed(t, key, when, size, tree, sig), suffix
    equal(facts["root_hash"], root(hashes).hex())
    equal(facts["small_root_hash"], root(hashes[:facts["small_tree_size"]]).hex())


def test_hash_tiles_and_issuers_are_those_of_the_data(t):
    leaves, hashes = leaves_of_a(t), hashes_of_a(t)
    size = len(hashes)
    for tile in range((size + 255) // 256):
        width = min(256, size - tile * 256)
        equal(t.a("tile/0", ctlog.tile_path(tile, width)), b"".join(hashes[tile * 256:tile * 256 + width]))
    upper = [root(hashes[i:i + 256]) for i in range(0, size // 256 * 256, 256)]
    equal(t.a("tile/1", ctlog.tile_path(0, len(upper))), b"".join(upper))
    for i, (entry, _, prints) in enumerate(leaves):
        equal(entry[5], b"\0\0\5" + i.to_bytes(5, "big"))
        if entry[2] == 1:
            equal(entry[3], hashlib.sha256(ctlog.fields(t.a("issuer", prints[0]))[1]).digest())
    names = {p for _, _, prints in leaves for p in prints}
    equal(set(os.listdir(os.path.join(t.ct, "fictional-log-a/issuer"))), names)
    for name in names:
        equal(hashlib.sha256(t.a("issuer", name)).hexdigest(), name)


def test_the_other_log_has_the_root_it_signs(t):
    facts, hashes = t.facts["logs"]["b"], hashes_of_b(t)
    _, key = listed(t, "logs")
    equal(len(hashes), facts["tree_size"])
    for suffix, n in ("", len(hashes)), (".small", facts["small_tree_size"]), (".wrong", len(hashes)):
        head = json.loads(t.read("fictional-log-b", "get-sth%s.json" % suffix))
        tree = base64.b64decode(head["sha256_root_hash"])
        equal(head["tree_size"], n)
        equal(tree == root(hashes[:n]), suffix != ".wrong")
        assert signed(t, key, head["timestamp"], n, tree, base64.b64decode(head["tree_head_signature"])), suffix
    equal(facts["root_hash"], root(hashes).hex())
    equal(facts["small_root_hash"], root(hashes[:facts["small_tree_size"]]).hex())


def counted(entries, spki_hash):
    """{CA: {serial: kinds}} of (kind, key hash, certificate or TBSCertificate, issuer certificate)."""
    found, odd = {}, 0
    for kind, key_hash, cert, issuer in entries:
        try:
            tag, _, body = next(ctlog.elements(cert))
            assert ctlog.tlv(tag, body) == cert  # not cut short
            tbs = cert if kind == 1 else next(ctlog.elements(next(ctlog.elements(cert))[2]))[1]
            parts = [whole for tag, whole, _ in ctlog.elements(next(ctlog.elements(tbs))[2]) if tag != 0xA0]
        except (AssertionError, IndexError):
            odd += 1
            continue
        spki = key_hash or hashlib.sha256(ctlog.fields(issuer)[1]).digest()
        ca = hashlib.sha256(parts[2] + spki_hash[spki]).hexdigest()
        if bytes.fromhex("0603551d130101ff") not in tbs:
            found.setdefault(ca, {}).setdefault(parts[0], set()).add(kind)
    return found, odd


def kinds(found):
    return {ca: dict(distinct=len(s), precert=sum(1 in k for k in s.values()), final=sum(0 in k for k in s.values()),
                     both_forms=sum(len(k) == 2 for k in s.values())) for ca, s in found.items()}


def test_leaves_are_as_many_as_the_facts_say(t):
    certs = {n: t.a("issuer", n) for n in os.listdir(os.path.join(t.ct, "fictional-log-a/issuer"))}
    spki_hash = {hashlib.sha256(ctlog.fields(c)[1]).digest(): ctlog.fields(c)[1] for c in certs.values()}
    a, odd = counted([(e[2], e[3], e[4], certs[p[0]]) for e, _, p in leaves_of_a(t)], spki_hash)
    equal(odd, t.facts["logs"]["a"]["unparsable"])
    rows, signers = [], 0
    for page in t.pages():
        r = Reader(base64.b64decode(page["leaf_input"]))
        r.take(2)
        entry, extra = timestamped(r), Reader(base64.b64decode(page["extra_data"]))
        if entry[2] == 1:
            extra.sized(3)
        issuer = Reader(extra.sized(3)).sized(3)
        signers += bytes.fromhex("060a2b06010401d679020404") in issuer
        rows.append((entry[2], entry[3], entry[4], issuer))
    b, _ = counted(rows, spki_hash)
    assert signers > 0
    both = {ca: {s: a.get(ca, {}).get(s, set()) | b.get(ca, {}).get(s, set()) for s in {**a.get(ca, {}), **b.get(ca, {})}}
            for ca in {**a, **b}}
    for name, found in ("a", a), ("b", b), ("both", both):
        told = {ca: {k: v for k, v in f.items() if k not in ("ca", "unexpired")} for ca, f in t.facts["leaves"][name].items()}
        equal(kinds(found), told)


class Saved:
    """The saved answers of log b, as ctlog.Server serves a log."""
    tiled = False

    def __init__(self, t):
        self.t, self.rows = t, t.pages()

    def sth(self, **_):
        return self.t.read("fictional-log-b", "get-sth.json")

    def page(self, first, last):
        return json.dumps({"entries": self.rows[first:last + 1]}).encode()


def canopy(t, db, *args):
    env = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
    env.update(CANOPY_DB=os.path.join(t.scratch, db), HOME=t.scratch, LC_ALL="C.UTF-8")
    run = subprocess.run([t.canopy, *args], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout


def counts_are(t, db, name):
    rows = {r["ca_id"]: r for r in json.loads(canopy(t, db, "counts", "--as-of", "2026-06-01", "--format", "json"))}
    for ca, told in t.facts["leaves"][name].items():
        equal((rows[ca]["issued"], rows[ca]["unexpired"]), (told["distinct"], told["unexpired"]))
    equal({ca for ca, r in rows.items() if r["issued"]}, set(t.facts["leaves"][name]))


def fetch_b(t, db, **mode):
    with ctlog.Server(Saved(t)) as s:
        s.mode.update(mode)
        listed = json.loads(t.read("log_list.json"))
        listed["operators"][0]["logs"][0]["url"] = s.url
        path = os.path.join(t.scratch, "list.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(listed, f)
        name = listed["operators"][0]["logs"][0]["description"]
        canopy(t, db, "fetch", "ct", "--force", "--url", "ct=file://" + path, "--log", name)
        return s.requests


def test_canopy_counts_the_static_log_as_the_facts_say(t):
    canopy(t, "a.db", "import", os.path.join(t.out, "ccadb"), os.path.join(t.ct, "fictional-log-a"))
    counts_are(t, "a.db", "a")


def test_canopy_counts_the_other_log_and_both_as_the_facts_say(t):
    canopy(t, "b.db", "import", os.path.join(t.out, "ccadb"))
    fetch_b(t, "b.db")
    counts_are(t, "b.db", "b")
    canopy(t, "b.db", "import", os.path.join(t.ct, "fictional-log-a"))
    counts_are(t, "b.db", "both")


def test_a_log_that_fails_at_large_ranges_is_soon_asked_for_less(t):
    canopy(t, "c.db", "import", os.path.join(t.out, "ccadb"))
    requests = [r for r in fetch_b(t, "c.db", big_fails=50, big_status=500) if "get-entries" in r]
    counts_are(t, "c.db", "b")
    assert len(requests) < 20, requests


def main():
    exe, program = map(os.path.abspath, sys.argv[1:3])
    tests = [(name[5:].replace("_", " "), f) for name, f in globals().items() if name.startswith("test_")]
    print("1..%d" % len(tests))
    with tempfile.TemporaryDirectory(prefix="canopy-world-ct-") as scratch:
        t = Case(exe, program, scratch)
        for number, (name, function) in enumerate(tests, 1):
            try:
                function(t)
                print("ok %d - %s" % (number, name), flush=True)
            except Exception:  # a failure of any kind is one test's failure
                print("not ok %d - %s" % (number, name))
                print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="", flush=True)


if __name__ == "__main__":
    main()
