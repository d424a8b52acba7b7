"""The fictional world as an index, and TAP: what the screen tests share."""

import os
import subprocess
import sys
import tempfile

DAY = "2026-06-01"


class World:
    """Makes the world's files and imports them; relative paths, so that no machine's folder stands on a screen."""

    def __init__(self, canopy, maker, more=()):
        self.folder = tempfile.TemporaryDirectory(prefix="canopy-screen-", ignore_cleanup_errors=True)
        self.path = self.folder.name
        self.db = os.path.join(self.path, "world.db")
        self.env = dict(os.environ, HOME=self.path, XDG_DATA_HOME=self.path, XDG_CACHE_HOME=self.path,
                        XDG_CONFIG_HOME=self.path, XDG_STATE_HOME=self.path,
                        CANOPY_SCENARIOS=os.path.join(self.path, "scenarios"), LC_ALL="C.UTF-8", ASAN_OPTIONS="detect_leaks=1")
        self.env.pop("NO_COLOR", None)
        self.run([maker, "--out", os.path.join(self.path, "world"), *more])
        for arguments in (["ccadb", "mozilla", "undisclosed", "leaves"], ["--store", "own", "store"]):
            self.run([canopy, "import", "--quiet", "--db", self.db, "--source-date", "2026-05-30"] + arguments,
                     cwd=os.path.join(self.path, "world"))

    def run(self, command, **more):
        done = subprocess.run(command, env=self.env, capture_output=True, **more)
        if done.returncode != 0:
            sys.exit("%s: exit %d\n%s" % (command, done.returncode, done.stderr.decode(errors="replace")))
        return done.stdout.decode()


class Tap:
    def __init__(self, total):
        """total: how many points there will be, or None if that shows at the end."""
        self.n = self.bad = 0
        self.total = total
        if total is not None:
            print("1..%d" % total)

    def point(self, good, name, why=""):
        self.n += 1
        self.bad += not good
        print("%sok %d - %s" % ("" if good else "not ", self.n, name))
        for line in why.splitlines() if not good else []:
            print("#", line)
        sys.stdout.flush()

    def end(self):
        if self.total is None:
            print("1..%d" % self.n)
        sys.exit(1 if self.bad else 0)
