#!/usr/bin/env python3
"""What a thread makes for the browser, and what is opened in its place, is what
is made at once; and keys are heard while a question is being answered.

usage: asked.py CANOPY CANOPY-WORLD ASKED
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys

from fixture import DAY, Tap, World

SEEDS = range(1, 5)


def unnumbered(world, index):
    copy = os.path.join(world.path, "unnumbered-" + os.path.basename(index))
    shutil.copy(index, copy)
    with contextlib.closing(sqlite3.connect(copy)) as db:
        db.execute("DELETE FROM meta WHERE key = 'numbering'")
        db.commit()
    return copy


def main():
    canopy, maker, asked = map(os.path.abspath, sys.argv[1:4])
    world = World(canopy, maker)
    other = os.path.join(world.path, "other.db")
    for sources in (["single/one-ca.der", "undisclosed"], ["leaves", "mozilla", "ccadb"], ["--store", "own", "store"]):
        world.run([canopy, "import", "--quiet", "--db", other, "--source-date", "2026-05-30"] + sources,
                  cwd=os.path.join(world.path, "world"))
    tap = Tap(5 * len(SEEDS) + 1)
    for what, says in (("rows", "rows opened in their place are those laid out anew"),
                       ("search", "a search that is typed on, entered and followed is as one that was waited for"),
                       ("marks", "what is told of the marks is of those that there are, and right when it is told"),
                       ("keys", "who does not wait sees in the end what one who waits sees")):
        for seed in SEEDS:
            r = subprocess.run([asked, what, world.db, DAY, str(seed)], capture_output=True, text=True, env=world.env)
            tap.point(r.returncode == 0, "%s, seed %d" % (says, seed), r.stdout + r.stderr)
    r = subprocess.run([asked, "ahead", world.db, DAY, "1"], capture_output=True, text=True, env=world.env)
    tap.point(r.returncode == 0, "what was typed ahead is given up by C-c, and O waits for the program", r.stdout + r.stderr)
    for seed in SEEDS:
        indexes = [world.db, other] if seed % 2 else [other, world.db]
        if seed > 2:  # as if nobody had named what they are numbered by
            indexes = [unnumbered(world, index) for index in indexes]
        changing = os.path.join(world.path, "changing.db")
        shutil.copy(indexes[0], changing)
        r = subprocess.run([asked, "index", changing, DAY, str(seed), *indexes], capture_output=True, text=True, env=world.env)
        tap.point(r.returncode == 0, "an index that changes meanwhile is as if it had been so from the start, seed %d" % seed,
                  r.stdout + r.stderr)
    tap.end()


if __name__ == "__main__":
    main()
