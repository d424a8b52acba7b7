"""A folder that canopy writes to, through a disk that is full or loses its power: see disk.c, which is preloaded."""
import os
import random
import shutil
import sqlite3
import struct
import sys

import ctlog
from harness import check, equal

SECTOR = 512


class Server(ctlog.Server):
    """One log, asked for the same again and again."""

    def __init__(self, log):
        super().__init__(log)
        self.known = {}

    def answer(self, path):
        if path not in self.known:
            self.known[path] = super().answer(path)
        return self.known[path]


class Folder:
    """What canopy keeps: index and cache, below one folder."""

    def __init__(self, t, name="kept"):
        self.t, self.shim = t, os.path.abspath(sys.argv[4])
        self.path = os.path.join(os.path.realpath(t.dir), name)
        self.db = os.path.join(self.path, "c.db")
        os.makedirs(self.path)

    def env(self):
        return {"CANOPY_DB": self.db, "XDG_CACHE_HOME": os.path.join(self.path, "cache")}

    def run(self, *args, **disk):
        """disk: full_after=12 and so on, as disk.c names them."""
        env = self.env()
        if disk:
            env.update({"DISK_" + name.upper(): str(value) for name, value in disk.items()},
                       LD_PRELOAD=self.shim, DISK_BELOW=self.path)
        return self.t.run(*args, **env)

    def ok(self, *args, **disk):
        r = self.run(*args, **disk)
        equal(r.code, 0, r.err)
        return r

    def become(self, other):
        shutil.rmtree(self.path)
        shutil.copytree(other, self.path)

    def become_new(self, t):
        """As it was before anything was fetched."""
        shutil.rmtree(self.path)
        os.makedirs(self.path)
        self.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))

    def saved(self, name):
        """A copy as it is now."""
        path = os.path.join(self.t.dir, name)
        shutil.copytree(self.path, path)
        return path

    def check_sound(self, what):
        """SQLite finds nothing wrong, in a copy: looking may mend."""
        if not os.path.exists(self.db):
            return
        copy = self.saved("looked-at")
        with sqlite3.connect(os.path.join(copy, "c.db")) as db:
            equal(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)], what)
            equal(db.execute("PRAGMA foreign_key_check").fetchall(), [], what)
        db.close()
        shutil.rmtree(copy)


def read_record(path, until=-1):
    """The steps that disk.c wrote down, in so many octets: (kind, path, offset or size, data)."""
    with open(path, "rb") as f:
        data = f.read(until)
    steps, at = [], 0
    while at < len(data):
        kind, n, where, size = struct.unpack_from("=4Q", data, at)
        at += 32
        steps.append((chr(kind), os.path.normpath(os.fsdecode(data[at:at + n])), where, data[at + n:at + n + size]))
        at += n + size
    return steps


def is_kept(path):
    """The index of the log in memory is made anew by whoever comes first, and a lock holds nothing."""
    return not path.endswith(("-shm", ".lock"))


class File:
    """Octets that are safe, and what was written since."""

    def __init__(self, data=b""):
        self.safe, self.since = bytearray(data), []

    def settle(self):
        for step in self.since:
            put(self.safe, *step)
        self.since = []

    def after_loss(self, rng, share):
        """Of what was not synced each sector and each cut comes through or not, in any order."""
        data = bytearray(self.safe)
        for kind, at, new in self.since:
            if kind == "t":
                if rng.random() < share:
                    put(data, kind, at, new)
                continue
            end = at + len(new)
            while at < end:
                n = min(SECTOR - at % SECTOR, end - at)
                if rng.random() < share:
                    put(data, "w", at, new[len(new) - (end - at):][:n])
                at += n
        return data


def put(data, kind, at, new):
    end = at + len(new)
    if len(data) < end:
        data.extend(bytes(end - len(data)))
    if kind == "t":
        del data[at:]
        data.extend(bytes(at - len(data)))
    else:
        data[at:end] = new


class Disk:
    """What stands on the disk, and what would stand there if the power went now. Names are safe when their folder was
    synced; of those that are not the first few come through."""

    def __init__(self):
        self.now, self.safe, self.since = {}, {}, []

    def apply(self, kind, path, at, data):
        if not is_kept(path):
            return
        if kind == "c":
            self.now[path] = File()
            self.rename(None, path)
        elif kind == "u":
            self.now.pop(path, None)
            self.rename(path, None)
        elif kind == "r":
            to = os.path.normpath(os.fsdecode(data))
            self.now[to] = self.now.pop(path)
            self.rename(path, to)
        elif kind in "wt" and path in self.now:
            self.now[path].since.append((kind, at, data))
        elif kind == "s" and path in self.now:
            self.now[path].settle()
        elif kind == "s":
            mine = [s for s in self.since if s[0] == path]
            self.since = [s for s in self.since if s[0] != path]
            for _, change in mine:
                change(self.safe)

    def rename(self, old, new):
        file = self.now.get(new)

        def change(names):
            names.pop(old, None)
            if new:
                names[new] = file
        self.since.append((os.path.dirname(new or old), change))

    def lose_power(self, folder, seed, share):
        """Lays out in folder what is left; share: 0 nothing that was not synced, 1 all of it."""
        rng, names = random.Random(seed), dict(self.safe)
        for where in sorted({s[0] for s in self.since}):
            mine = [change for at, change in self.since if at == where]
            some = {0: 0, 1: len(mine)}.get(share, rng.randint(0, len(mine)))
            for change in mine[:some]:
                change(names)
        shutil.rmtree(folder)
        os.makedirs(folder)
        for path, file in names.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(file.after_loss(rng, share))
