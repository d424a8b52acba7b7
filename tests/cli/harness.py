"""Calls canopy on the fictional world: `test_NAME.py CANOPY WORLD MANUAL`, as TAP.

A test module defines functions named test_…(t), each for one behaviour, and ends with harness.main().
t.run() calls the program in an environment of its own; t.db is an index of the whole world, made once
a module and only read; t.dir is an empty folder for this test.
"""
import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import traceback

DAY = "2026-06-01"
LISTS = ["chrome", "onecrl", "crlset", "crl"]
PARTS = ["ccadb", "older", "mozilla", "leaves", "undisclosed", "single"]
# What no output may hold: C0 but newline and tab, DEL, C1, bidirectional controls, invisible characters.
HOSTILE = ([c for c in range(0x20) if c not in (9, 10)] + list(range(0x7F, 0xA0)) + [0x61C, 0x200E, 0x200F, 0xFEFF]
           + list(range(0x200B, 0x200E)) + list(range(0x2028, 0x202F)) + list(range(0x2060, 0x206A))
           + list(range(0xE0000, 0xE0080)))


class Skip(Exception):
    """What the test needs is not here; says what."""


class Result:
    def __init__(self, run):
        self.code = run.returncode
        self.out = run.stdout.decode("utf-8") if run.stdout is not None else None
        self.err = run.stderr.decode("utf-8")

    def json(self):
        return json.loads(self.out)

    def ndjson(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def csv(self):
        return list(csv.DictReader(io.StringIO(self.out, newline="")))

    def header(self):
        return self.out.split("\n", 1)[0]


class Case:
    full = None  # an index of the world with LISTS, made when first asked for

    def __init__(self, canopy, world, manual, scratch, db):
        self.canopy, self.world, self.manual, self.db = canopy, world, manual, db
        self.dir = scratch
        self.facts = read_facts(world)

    def path(self, *parts):
        return os.path.join(self.world, *parts)

    def write(self, name, content):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def env(self, **changes):
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "dumb", "HOME": self.dir,
               "XDG_DATA_HOME": os.path.join(self.dir, "data"), "XDG_CACHE_HOME": os.path.join(self.dir, "cache"),
               "XDG_CONFIG_HOME": os.path.join(self.dir, "config")}
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                env[name] = value
        if self.db:
            env["CANOPY_DB"] = self.db
        env.update(changes)
        return {name: value for name, value in env.items() if value is not None}

    def run(self, *args, stdout=subprocess.PIPE, cwd=None, **env):
        run = subprocess.run([self.canopy, *args], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                             env=self.env(**env), cwd=cwd or self.dir, timeout=120)
        told = run.stderr.decode(errors="replace")
        assert "Sanitizer" not in told and "runtime error:" not in told, told
        return Result(run)

    def terminal(self, *args, stream="stdout", **env):
        """What a terminal gets of one of stdout and stderr."""
        master, slave = pty.openpty()
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: slave}
        run = subprocess.Popen([self.canopy, *args], stdin=subprocess.DEVNULL, **streams,
                               env=self.env(**env), cwd=self.dir)
        os.close(slave)
        parts = []
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the last one closed the terminal
                break
            if not part:
                break
            parts.append(part)
        run.wait()
        os.close(master)
        return b"".join(parts).decode()

    def ok(self, *args, **more):
        """Runs what must succeed without a word on stderr."""
        r = self.run(*args, **more)
        equal(r.code, 0, r.err)
        equal(r.err, "", "stderr")
        return r

    def fails(self, code, *args, says=None, **more):
        """Runs what must fail: nothing on stdout, one line on stderr that says it."""
        r = self.run(*args, **more)
        equal(r.code, code, r.err)
        equal(r.out, "", "stdout")
        lines = r.err.splitlines()
        equal(len(lines), 1, r.err)
        check(lines[0].startswith("canopy: "), lines[0])
        for word in [says] if isinstance(says, str) else says or []:
            check(word in lines[0], "%r is not in %r" % (word, lines[0]))
        return r

    def full_db(self):
        """An index that also has Chrome's store and the revocation lists."""
        if not Case.full:
            Case.full = make_index(self.canopy, self.world, os.path.dirname(self.db), PARTS + LISTS, "full.db")
        return Case.full

    def ca(self, nick):
        return self.facts["ca." + nick]

    def cert(self, nick):
        return self.facts["cert." + nick]

    def nicks(self):
        return [key[3:] for key in self.facts if key.startswith("ca.")]


def read_facts(world):
    facts = {}
    with open(os.path.join(world, "facts.tsv"), encoding="utf-8", newline="\n") as f:
        for line in f.read().split("\n")[:-1]:
            key, value = line.split("\t", 1)
            facts[key] = value
    return facts


def check(truth, what="is not so"):
    if not truth:
        raise AssertionError(what)


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError("%s: got %r, wanted %r" % (what, got, wanted))


def clean(text):
    """Fails on a character that outside text must never bring."""
    bad = sorted({ord(c) for c in text} & set(HOSTILE))
    equal(bad, [], "hostile code points")


def by_order(rows, unexpired="unexpired"):
    """The contract's order: unexpired most first, unknown last, then ca_id."""
    def key(row):
        n = row[unexpired]
        unknown = n is None or n == ""
        return (unknown, 0 if unknown else -int(n), row["ca_id"])
    return sorted(rows, key=key)


def make_index(canopy, world, folder, parts=PARTS, name="world.db"):
    db = os.path.join(folder, name)
    case = Case(canopy, world, None, folder, db)
    r = case.run("import", *[os.path.join(world, p) for p in parts])
    if r.code:
        raise SystemExit("Bail out! the world cannot be imported: " + r.err)
    return db


def run_one(number, name, function, case):
    try:
        function(case)
    except Skip as e:
        print("ok %d - %s # SKIP %s" % (number, name, e))
        return
    except Exception:
        print("not ok %d - %s" % (number, name))
        for line in traceback.format_exc().splitlines():
            print("# " + line[:2000])
        return
    print("ok %d - %s" % (number, name))


def main():
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    canopy, world, manual = map(os.path.abspath, sys.argv[1:4])
    module = sys.modules["__main__"]
    tests = [(name[5:].replace("_", " "), f) for name, f in vars(module).items() if name.startswith("test_")]
    print("1..%d" % len(tests))
    scratch = tempfile.mkdtemp(prefix="canopy-cli-")
    try:
        os.mkdir(os.path.join(scratch, "index"))
        db = make_index(canopy, world, os.path.join(scratch, "index"))
        for number, (name, function) in enumerate(tests, 1):
            folder = os.path.join(scratch, str(number))
            os.mkdir(folder)
            run_one(number, name, function, Case(canopy, world, manual, folder, db))
            sys.stdout.flush()
    finally:
        shutil.rmtree(scratch)
