#!/usr/bin/env python3
"""CAs beside each other under one name are told apart: by their organizational units where these differ, else by the
first digits of their ca_id, and found by what the rows show; elsewhere a name stands alone.

usage: alike.py CANOPY CANOPY-WORLD SCREEN
"""

import os
import re
import sqlite3
import sys

from fixture import DAY, Tap, World

NAME = "Fictional Twin"
# Of six roots in the order of their ids: name, what the subject has besides, what is to stand in brackets ("id": digits).
ROOTS = [
    (NAME, "OU=Fictional Root - R3,O=Fictional", "Fictional Root - R3"),
    (NAME, r"OU=Root\, the \"6th\",O=Fictional", 'Root, the "6th"'),
    (NAME, "O=Fictional", "id"),
    ("Fictional Pair", "OU=Same,O=Fictional", "id"),
    ("Fictional Pair", "O=Other,OU=Same", "id"),
    ("Fictional Single", "OU=Not told,O=Fictional", None),
]
# The name is one of the units, which is not told again.
OF_UNITS = [("Fictional Class", "OU=Fictional Class,OU=(c) 1998 Fictional+OU=Class %d,O=Fictional" % i, "(c) 1998 Fictional, Class %d" % i)
            for i in (1, 2)]


def rename(world):
    """Some anchors of the program; returns what each is to be called."""
    wanted = {}
    with sqlite3.connect(world.db) as db:
        rows = db.execute("SELECT DISTINCT ca.id, lower(hex(ca.ca_id)) FROM ca JOIN ca_certificate c ON c.ca = ca.id "
                          "JOIN certificate k ON k.id = c.certificate JOIN store_anchor a ON a.sha256 = k.sha256 ORDER BY ca_id").fetchall()
        for (at, ca_id), (name, rest, told) in zip(rows, ROOTS + OF_UNITS):
            subject = rest if "OU=" + name in rest else "CN=%s,%s" % (name, rest)
            db.execute("UPDATE ca SET name = ?, subject = ? WHERE id = ?", (name, subject, at))
            wanted[ca_id] = name + ("" if told is None else " (%s)" % (ca_id[:8] if told == "id" else told))
    db.close()
    return wanted


def main():
    canopy, maker, screen = map(os.path.abspath, sys.argv[1:4])
    world = World(canopy, maker)
    wanted = rename(world)
    tap = Tap(4)
    look = [screen, "--db", world.db, "--as-of", DAY, "--size", "200x60"]

    text = world.run(look + ["--keys", "A"])
    names = sorted(re.findall(r"[▸▾ ] ((?:Fictional)[^⇄↻]*?)(?: [⇄↻]|  |$)", text, re.M))
    tap.point(names == sorted(wanted.values()), "roots of one name", "%s\n%s\n%s" % (names, sorted(wanted.values()), text))
    text = world.run(look + ["--keys", "A / '%s' Enter Enter" % NAME])
    tap.point(NAME in text.splitlines()[2] and "(Fictional" not in text.splitlines()[2], "a page has the name alone", text)
    text = world.run(look[:-1] + ["60x24", "--keys", "A / 'Fictional Twin' Enter"])
    tap.point(re.search(r"Fictional Twin \(.*…", text) or re.search(r"Fictional Twin \(F.*R3\)", text), "cut, its end is seen", text)
    found = [world.run(look + ["--keys", "/ '%s' Enter" % text]).splitlines()[-1].strip() for text in ("Root - R3", "Root", "Root - R9")]
    tap.point(found[0] == "1 of 1 for 'Root - R3'" and re.match(r"1 of \d+ for 'Root'$", found[1]) and found[2].startswith("nothing found"),
              "what a row has in brackets is found, where no name has it", "\n".join(found))
    tap.end()


main()
