#!/usr/bin/env python3
"""What the browser makes of the terminal it is on, and of what the environment says
of it: its size, the signs it has, its colours, its clipboard, its mouse.

usage: terminals.py CANOPY CANOPY-WORLD
"""

import os
import sys

from fixture import DAY, Tap, World
from pseudo import Pseudo


class Browser(Pseudo):
    def __init__(self, canopy, world, *options, cols=80, rows=24, **env):
        env = {name: value for name, value in dict(world.env, TERM="xterm-256color", **env).items() if value is not None}
        super().__init__([canopy, "browse", "--db", world.db, "--as-of", DAY, *options], env, cols, rows)
        self.appears("Alder Root CA")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def said(self):
        return self.sent[-500:].decode(errors="replace")

    def leave(self):
        self.type("Q")
        return self.finish()


def columns_and_lines(tap, canopy, world):
    with Browser(canopy, world, cols=100, rows=30, COLUMNS="80", LINES="24") as t:
        tap.point(t.wait(lambda drawn: b"\x1b[30d" in t.sent[-6000:] and b"owner" in drawn, b"\x0c"),
                  "the terminal's size counts, not COLUMNS and LINES", t.said())
        t.size(40, 10)
        small = t.see("too small: 40x10")
        t.size(120, 40)
        tap.point(small and t.wait(lambda drawn: b"newest" in drawn and b"too small" not in drawn, b"\x0c"),
                  "and another size is followed", t.said())
        t.leave()
    with Browser(canopy, world, cols=0, rows=0, COLUMNS="50", LINES="11") as t:
        tap.point(t.see("too small: 50x11"), "COLUMNS and LINES serve where the terminal does not tell", t.said())
        t.leave()


def main():
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    tap = Tap(None)
    columns_and_lines(tap, canopy, world)
    tap.end()


main()
