#!/usr/bin/env python3
"""What is typed beyond ASCII arrives, in whole characters and byte by byte, also where
the locale has ASCII alone; a byte that is no UTF-8 is seen, and nothing behind it is lost.

usage: typed.py CANOPY CANOPY-WORLD
"""

import os
import sys

from fixture import DAY, Tap, World
from pseudo import Pseudo

NAME = "Ministère"  # in an owner's name of the world


def start(canopy, world, locale):
    t = Pseudo([canopy, "browse", "--db", world.db, "--as-of", DAY], dict(world.env, TERM="xterm-256color", LC_ALL=locale))
    t.appears("trusted")
    return t


def only(t, shown):
    """The filter is told, and of the roots the one that it leaves is there."""
    return t.wait(lambda drawn: shown.encode() in drawn and b"Elm Government" in drawn and b"Alder Root" not in drawn, b"\x0c")


def filters(tap, canopy, world, locale, shown):
    t = start(canopy, world, locale)
    try:
        t.type("&owner:" + NAME)
        tap.point(t.see("owner:" + shown), "%s: it stands in the line" % locale, t.sent[-500:].decode(errors="replace"))
        t.type("\r")
        tap.point(only(t, "& owner:" + shown), "%s: and filters" % locale,
                  t.sent[-500:].decode(errors="replace"))
        t.type("&\x15name:cedar\x17")
        for byte in ("owner:" + NAME).encode():
            t.type(bytes([byte]))
            t.read(0.1)
        t.type("\r")
        tap.point(only(t, "& owner:" + shown), "%s: byte by byte too" % locale,
                  t.sent[-500:].decode(errors="replace"))
        t.type("&\x15name:éé\x7f\x7fcedar\r")
        tap.point(t.see("& name:cedar", "Cedar Ro"), "%s: a character is deleted whole" % locale,
                  t.sent[-500:].decode(errors="replace"))
        t.type("\033")
        t.read(0.3)
        t.type("Q")
        tap.point(t.finish() == 0, "%s: and leaves" % locale, t.errors.decode(errors="replace"))
    finally:
        t.close()


def broken(tap, canopy, world):
    t = start(canopy, world, "C")
    try:
        for what, data, shown in (("a byte of no character", b"a\xffb", "a?b"), ("half a character", b"a\xc3b", "a?b"),
                                  ("one cut by an arrow", b"a\xe2\x82\x1bODb", "ab?"), ("a wide one", "a日b".encode(), "a??b")):
            t.type(b"&\x15name:" + data)
            tap.point(t.see("name:" + shown), "C: %s is seen, and what follows it" % what, t.sent[-500:].decode(errors="replace"))
            t.type("\033")
            t.read(0.3)
        t.type("Q")
        tap.point(t.finish() == 0, "C: all of that can be left", t.errors.decode(errors="replace"))
    finally:
        t.close()


def torn(tap, canopy, world):
    """A slow connection tears what the terminal sends."""
    t = start(canopy, world, "C.UTF-8")
    try:
        for piece in (b"\033[200~birch\033", b"[201~ tele"):
            t.type(piece)
            t.read(0.3)
        tap.point(t.see("birch tele") and b"birch[" not in t.sent, "the end of what is pasted is none of it, torn either",
                  t.sent[-500:].decode(errors="replace"))
        t.type("\033[200~com\033")
        tap.point(t.see("birch telecom"), "and Esc alone is its end", t.sent[-500:].decode(errors="replace"))
        t.type("\033")
        t.read(0.3)
        t.type(b"&\x15name:\xc3")
        t.read(0.2)
        t.size(100, 30)
        t.read(0.3)
        t.type(b"\xa9l")
        tap.point(t.see("name:él"), "a character is whole when the window changes inside of it", t.sent[-500:].decode(errors="replace"))
        t.type("\033")
        t.read(0.3)
        t.type("Q")
        tap.point(t.finish() == 0, "and leaves", t.errors.decode(errors="replace"))
    finally:
        t.close()


def main():
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    tap = Tap(19)
    filters(tap, canopy, world, "C.UTF-8", NAME)
    filters(tap, canopy, world, "C", NAME.replace("è", "?"))
    broken(tap, canopy, world)
    torn(tap, canopy, world)
    tap.end()


main()
