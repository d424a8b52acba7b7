#!/usr/bin/env python3
"""What was counted long before the index's newest source is marked `~`
wherever the browser shows it, and nothing that was counted lately is.

usage: ages.py CANOPY CANOPY-WORLD SCREEN
"""

import os
import re
import shutil
import sqlite3
import sys

from fixture import DAY, Tap, World

# Leaves come by the hundred in this world, CAs by the dozen.
NUMBER = re.compile(r"(?<![\w~.,+/:=<>≥≤#-])(\d{3}|\d{1,3}(?:,\d{3})+)(?![\w.,%/-])")
# What counts no leaf of a CA: key sizes, days, lines, the leaves that belong to no CA.
OTHER = re.compile(r"^   key .*|^   subject .*|\d+ +leaves of unknown issuers|up to \d+ days|\d+/\d+$", re.M)
SCREENS = [
    ("the tree, its subtotals and the top line", "150x60", "*", 40),
    ("the column only here, sorted by it", "150x40", "H l o o o o o o", 20),
    ("grouped by owner", "110x40", "O l", 10),
    ("all leaves", "150x40", "a l", 20),
    ("the status line with marks", "150x30", "Space j Space", 15),
    ("the status line of a narrow screen", "60x12", "Space", 5),
    ("the details of a root", "110x60", "l j Enter v", 10),
    ("the details with charts", "110x60", "/ 'alder tls ca 1' Enter Enter v", 6),
    ("the pane", "160x40", "l Tab", 20),
    ("impact", "110x99", "Space j j m d C-u '2025-09-30' Enter i", 60),
    ("impact without charts", "110x99", "Space i", 50),
]


def aged(world, days):
    """A copy that is counted to the end, so many days before the newest source."""
    path = os.path.join(world.path, "counted-%d.db" % days)
    shutil.copy(world.db, path)
    db = sqlite3.connect(path)
    newest = db.execute("SELECT max(source_day) FROM ca_count").fetchone()[0]
    db.execute("INSERT INTO ca_count SELECT id, 0, NULL, NULL, NULL, 'import', ?, 2, 0 FROM ca WHERE id NOT IN (SELECT ca FROM ca_count)",
               (newest,))
    db.execute("UPDATE ca_count SET coverage = 2, source_day = ?", (newest - days,))
    db.commit()
    db.close()
    return path


def main():
    canopy, maker, screen = map(os.path.abspath, sys.argv[1:4])
    world = World(canopy, maker, ["--scale", "60000"])
    tap = Tap(2 * len(SCREENS))
    fresh, same, old = aged(world, 0), aged(world, 7), aged(world, 8)

    def play(db, size, keys):
        text = world.run([screen, "--db", db, "--as-of", DAY, "--today", DAY, "--size", size, "--program", "mozilla", "--keys", keys])
        return OTHER.sub("", text)

    for name, size, keys, least in SCREENS:
        now = play(fresh, size, keys)
        tap.point("~" not in now and re.sub(r"as of \S+", "", now) == re.sub(r"as of \S+", "", play(same, size, keys)),
                  "%s: seven days are not old" % name, now)
        text = play(old, size, keys)
        bare, marked = NUMBER.findall(text), re.findall(r"~\d", text)
        tap.point(not bare and len(marked) >= least, "%s: eight are" % name, "bare: %s, marked: %d\n%s" % (" ".join(bare), len(marked), text))
    tap.end()


main()
