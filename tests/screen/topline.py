#!/usr/bin/env python3
"""The top line says program, purpose, day, which revocations count where that is not the usual, and size and age of the
index, on the smallest screen too, whatever is asked.

usage: topline.py CANOPY CANOPY-WORLD SCREEN
"""

import os
import re
import sys

from fixture import DAY, Tap, World

LONG = "a-store-of-our-own-on-no-60-columns"[:32]  # no name is longer
WORDS = {"mozilla": "mozilla", "chrome": "chrome", "apple": "apple", "microsoft": "microsoft", LONG: "a-store"}
REVOCATIONS = {"": "", "V ": r"rev(?:ocation|\.) all", "V V ": r"rev(?:ocation|\.) none"}
AGES = {"2026-05-30": r"0d|from today", "2026-07-20": r"51d|51 days old", "2028-04-20": r"23mo|23 months old"}


def said(line, program, purpose, revocation, age):
    line = line.replace("|", "·")
    want = r"^ (?:canopy   )?%s\S*(?: \(store of \S+\))? · %s · %s%s +(?:index: )?70 CAs(?: · .* ·| ·)? (?:%s)$" % (
        program, purpose, DAY, " · " + revocation if revocation else "", age)
    return re.search(want, line) is not None


def main():
    canopy, maker, screen = map(os.path.abspath, sys.argv[1:4])
    world = World(canopy, maker)
    world.run([canopy, "import", "--quiet", "--db", world.db, "--source-date", "2026-05-30", "--store", LONG, "store"],
              cwd=os.path.join(world.path, "world"))
    tap = Tap(3 * 3)
    for options in [], ["--ascii"], ["--plain"]:
        for width in 60, 80, 140:
            wrong = []
            for program, word in WORDS.items():
                for purpose, key in ("tls", ""), ("email", "P "):
                    for keys, revocation in REVOCATIONS.items():
                        for today, age in AGES.items():
                            line = world.run([screen, "--db", world.db, "--as-of", DAY, "--today", today, "--program", program, "--size",
                                              "%dx12" % width, "--keys", key + keys, *options]).splitlines()[0]
                            if len(line) >= width or not said(line, word, purpose, revocation, age):
                                wrong.append(line)
            tap.point(not wrong, "%d columns %s" % (width, " ".join(options)), "\n".join(wrong))
    tap.end()


main()
