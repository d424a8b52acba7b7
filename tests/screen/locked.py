#!/usr/bin/env python3
"""The real program while another process holds the index: keys are answered,
what is saved or deleted waits and is told, and who leaves meanwhile loses
nothing.

usage: locked.py CANOPY CANOPY-WORLD
"""

import os
import shutil
import sqlite3
import sys

from fixture import Tap, World
from term import Terminal, pid_of, start


class Locked:
    """Another process that writes."""

    def __init__(self, world):
        self.db = sqlite3.connect(world.db, isolation_level=None)

    def __enter__(self):
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_):
        self.db.execute("ROLLBACK")

    def names(self):
        return [row[0] for row in self.db.execute("SELECT name FROM scenario ORDER BY name")]


def save(terminal, name):
    terminal.key("w")
    terminal.see("save the scenario as:")
    terminal.key("C-u")
    terminal.type(name)
    terminal.key("Enter")
    return terminal.see("saving '%s'" % name)


def saving(tap, terminal, lock):
    terminal.key("Space", "g")
    with lock:
        waits = save(terminal, "cut")
        terminal.key("o")
        sorts = terminal.see("sorted by CAs below")
        spins = terminal.see("saving 'cut'")
        terminal.key("w")
        terminal.see("save the scenario as:")
        terminal.key("C-u")
        terminal.type("other")
        terminal.key("Enter")
        one = terminal.see("'cut' is still being saved")
        terminal.key("u")
        unmarked = terminal.see("no marks")
    tap.point(waits and sorts and spins and unmarked, "while a scenario waits to be saved keys are answered, and it says so", terminal.screen())
    tap.point(one, "one at a time", terminal.screen())
    tap.point(terminal.see("scenario 'cut' is saved"), "then it is said to be saved", terminal.screen())
    terminal.key("C-r")
    terminal.see("1 mark")
    terminal.key("L")
    listed = terminal.see("1 mark: remove Alder Root CA") or terminal.see("cut  ", "1 mark")
    terminal.key("Escape")
    tap.point(listed and lock.names() == ["cut"], "as the marks were when it was asked", terminal.screen())


def loading(tap, terminal, lock):
    terminal.see("q quit")
    terminal.key("U", "y")
    terminal.see("no marks")
    with lock:
        terminal.key("L")
        terminal.see("load the scenario:")
        terminal.type("cut")
        terminal.key("Enter")
        tap.point(terminal.see("'cut' asks mozilla tls"), "one is loaded although the index is held", terminal.screen())
        terminal.key("L", "Up", "C-d")
        terminal.see("delete 'cut' from")
        terminal.key("y")
        waits = terminal.see("deleting 'cut'")
    tap.point(waits and terminal.see("scenario 'cut' is deleted") and lock.names() == [], "one is deleted when that can be",
              terminal.screen())


def failing(tap, terminal, lock):
    terminal.key("j", "Space")
    terminal.see("2 marks")
    version = lock.db.execute("PRAGMA user_version").fetchone()[0]
    lock.db.execute("PRAGMA user_version = 99")
    save(terminal, "lost")
    said = terminal.see("'lost' is not saved: ")
    terminal.key("q")
    asks = terminal.see("quit and lose the unsaved marks?")
    terminal.key("n")
    lock.db.execute("PRAGMA user_version = %d" % version)
    tap.point(said and asks and lock.names() == [], "what cannot be saved is said, and is not taken for saved", terminal.screen())


def leaving(tap, terminal, canopy, world, lock):
    with lock:
        save(terminal, "first")
        terminal.key("q")
        waits = terminal.see("leaving when 'first' is saved")
        pid = pid_of(terminal)
    terminal.wait(lambda _: not os.path.exists("/proc/%d" % pid))
    back = terminal.shell_is_back("saved")
    tap.point(waits and back and lock.names() == ["first"], "who leaves meanwhile leaves when it is saved", terminal.screen())
    start(terminal, canopy, world)
    with lock:
        terminal.key("Space")
        save(terminal, "second")
        terminal.key("Q")
        said = terminal.see("canopy: waiting until scenario 'second' is saved")
    back = terminal.shell_is_back("written")
    tap.point(said and back and lock.names() == ["first", "second"], "who leaves at once is told what is waited for", terminal.screen())
    start(terminal, canopy, world)
    with lock:
        terminal.key("Space")
        save(terminal, "first")
        terminal.key("Q")
        terminal.see("canopy: waiting until")
    tap.point(terminal.see("scenario 'first' is not saved: one of this name is kept already"), "and what is not saved then",
              terminal.screen())
    terminal.shell_is_back("asked")


def main():
    if not shutil.which("tmux") or not shutil.which("ps"):
        print("1..0 # SKIP no tmux or ps here")
        return
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    terminal = Terminal(world)
    lock = Locked(world)
    tap = Tap(10)
    try:
        start(terminal, canopy, world)
        saving(tap, terminal, lock)
        loading(tap, terminal, lock)
        failing(tap, terminal, lock)
        leaving(tap, terminal, canopy, world, lock)
    finally:
        terminal.close()
    tap.end()


if __name__ == "__main__":
    main()
