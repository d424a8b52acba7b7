#!/usr/bin/env python3
"""Random keys with fixed seeds: the browser must survive them all.

usage: monkey.py CANOPY CANOPY-WORLD SCREEN
"""

import os
import subprocess
import sys

from fixture import DAY, Tap, World


def main():
    canopy, maker, screen = map(os.path.abspath, sys.argv[1:4])
    world = World(canopy, maker)
    runs = [(seed, world.db, []) for seed in range(1, 5)]
    runs += [(5, world.db, ["--ascii"]), (6, world.db, ["--no-color", "--plain"]),
             (7, os.path.join(world.path, "absent.db"), [])]
    tap = Tap(len(runs))
    for seed, db, options in runs:
        done = subprocess.run([screen, "--db", db, "--as-of", DAY, "--monkey", "3000", "--seed", str(seed)] + options,
                              env=world.env, capture_output=True)
        tap.point(done.returncode == 0, "3,000 keys, seed %d %s" % (seed, " ".join(options)),
                  done.stderr.decode(errors="replace"))
    tap.end()


main()
