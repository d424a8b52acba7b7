#!/usr/bin/env python3
"""However the browser is left it gives the terminal back, and no key throws unsaved
marks away unasked; who begins without an index still sees the keys to begin with.

usage: leaving.py CANOPY CANOPY-WORLD
"""

import os
import signal
import sys

from fixture import DAY, Tap, World
from pseudo import Pseudo

# All that end a program which does nothing about them, but SIGKILL; XFSZ is an error of a file here.
ENDS = ("HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM STKFLT XCPU VTALRM PROF IO PWR SYS RTMIN RTMAX").split()
ASKS = "quit and lose the unsaved marks?"


def start(canopy, world, *options, db=None, **env):
    t = Pseudo(["sh", "-c", 'ulimit -c 0; exec "$@"', "sh", canopy, "browse", "--db", db or world.db, "--as-of", DAY, *options],
               dict(world.env, TERM="xterm-256color", **env), 100, 30)
    t.appears("canopy")
    return t


def by_signals(tap, canopy, world):
    for name in ENDS:
        number = getattr(signal, "SIG" + name)
        t = start(canopy, world)
        try:
            t.type("l")
            t.see("Alder Policy CA")
            t.process.send_signal(number)
            status = t.finish()
            wrong = t.left_as_found() + ([] if status == -number else ["exit status %s" % status])
            if b"\x1b[?1049h" not in t.sent:
                wrong.append("it had not begun")
            tap.point(not wrong, "SIG%s ends it, and the terminal is as it was" % name, "\n".join(wrong))
        finally:
            t.close()
    t = start(canopy, world)
    try:
        t.process.send_signal(signal.SIGXFSZ)
        tap.point(t.see("Alder Root CA"), "SIGXFSZ, which is ignored, does not")
        t.type("Q")
        tap.point(t.finish() == 0 and not t.left_as_found(), "and Q leaves", "\n".join(t.left_as_found()))
    finally:
        t.close()


def by_keys(tap, canopy, world):
    t = start(canopy, world)
    try:
        t.type("\x1c")
        tap.point(t.see("no such key"), "C-\\ is no key", t.sent[-300:].decode(errors="replace"))
        t.type(" \x03")
        tap.point(t.see(ASKS), "C-c asks where marks would be lost", t.sent[-300:].decode(errors="replace"))
        t.type("\x03")
        tap.point(t.wait(lambda drawn: b"1 mark" in drawn and ASKS.encode() not in drawn, b"\x0c"), "and is no yes")
        for keys, there, what in (("/alder", "alder", "a search"), ("m", "letter or enter chooses", "a menu"), ("D", "as of:", "a date")):
            t.type(keys)
            seen = t.see(there)
            t.type("\x03")
            tap.point(seen and t.wait(lambda drawn: b"1 mark" in drawn and b"help" in drawn, b"\x0c"),
                      "%s is left by C-c" % what, t.sent[-300:].decode(errors="replace"))
        t.type("\x1a")  # nobody continues it, so that it goes on
        t.stop()
        t.type("\x03")
        tap.point(t.see(ASKS), "after a suspension too", t.sent[-300:].decode(errors="replace"))
        t.type("y")
        tap.point(t.finish() == 0 and not t.left_as_found(), "y leaves", "\n".join(t.left_as_found()))
    finally:
        t.close()
    t = start(canopy, world)
    try:
        t.type("\r")
        t.see("SPKI SHA-256")
        t.type("\x03")
        tap.point(t.finish() == 0 and not t.left_as_found(), "without marks C-c quits", "\n".join(t.left_as_found()))
    finally:
        t.close()


def first_keys(tap, canopy, world):
    """The page without an index is not the first look at a hierarchy."""
    env = {"XDG_STATE_HOME": os.path.join(world.path, "nobody")}
    for key in ("jjq", "?qq"):
        t = start(canopy, world, db=os.path.join(world.path, "absent.db"), **env)
        t.see("canopy fetch")
        t.type(key)
        status = t.finish()
        t.close()
    t = start(canopy, world, **env)
    tap.point(status == 0 and t.see("space marks"), "keys on the page without an index leave the line of the first ones to come",
              t.sent[-300:].decode(errors="replace"))
    t.type("jq")
    t.finish()
    t.close()
    t = start(canopy, world, **env)
    tap.point(t.see("space mark", "q quit") and b"space marks" not in t.sent, "a key below it ends it", t.sent[-300:].decode(errors="replace"))
    t.type("q")
    t.finish()
    t.close()


def main():
    for name in ("QUIT", "HUP", "INT"):  # what a shell's background job or nohup ignores, the browser would ignore, too
        signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    tap = Tap(len(ENDS) + 13)
    by_signals(tap, canopy, world)
    by_keys(tap, canopy, world)
    first_keys(tap, canopy, world)
    tap.end()


main()
