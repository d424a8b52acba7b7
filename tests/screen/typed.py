#!/usr/bin/env python3
"""What is typed beyond ASCII arrives, in whole characters and byte by byte, also where
the locale has ASCII alone; a byte that is no UTF-8 is seen, and nothing behind it is lost.
A fingerprint that is pasted is a text, also where the terminal does not say that it is.

usage: typed.py CANOPY CANOPY-WORLD
"""

import contextlib
import os
import sqlite3
import sys

from fixture import DAY, Tap, World
from pseudo import Pseudo, without_sequences

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


def fingerprint(world, name):
    with contextlib.closing(sqlite3.connect(world.db)) as db:
        return db.execute("SELECT hex(k.sha256) FROM ca_certificate k JOIN ca ON ca.id = k.ca WHERE ca.name = ?", (name,)).fetchone()[0].lower()


def unbracketed(tap, canopy, world):
    """A terminal that pastes as if it were typed: a fingerprint is a text, and none of it is a command."""
    t = start(canopy, world, "C.UTF-8")
    plain = fingerprint(world, "Hazel Web CA (by Birch)")
    pairs = [plain[i:i + 2].upper() for i in range(0, 64, 2)]
    forms = [("plain", plain), ("with colons", ":".join(pairs)), ("with blanks", " ".join(pairs)), ("half of it", plain[:32]),
             ("with its end of line", plain + "\r")]
    try:
        t.see("trusted", "no marks")
        for what, text in forms:
            since = len(t.sent)
            t.type(text)
            good = t.see("Hazel Web CA", "1 of 1 for '" if text.endswith("\r") else "1 CA found")
            shown = without_sequences(t.sent[since:]).decode(errors="replace")
            tap.point(good and "no such key" not in shown and "counting" not in shown, "a fingerprint that comes as keys is looked for: " + what,
                      shown[-500:])
            if not text.endswith("\r"):
                t.type("\033")
            t.read(0.3)
        tap.point(t.see("no marks", "tls · " + DAY), "and no command", t.sent[-500:].decode(errors="replace"))
        t.type("&name:" + plain[:40])
        tap.point(t.see("name:" + plain[:40]), "into a line it is typed", t.sent[-500:].decode(errors="replace"))
        t.type("\033")
        t.read(0.3)
        t.type("m")
        t.see("letter or enter chooses")
        t.type(plain)
        tap.point(t.see("nothing is pasted into a menu", "no marks"), "a menu is not answered by it", t.sent[-500:].decode(errors="replace"))
        t.type("\033")
        t.read(0.3)
        t.type(" " * 40)
        tap.point(t.wait(lambda drawn: b" mark" in drawn and b"no marks" not in drawn and b"found" not in drawn, b"\x0c"), "one that is held down is a key",
                  t.sent[-500:].decode(errors="replace"))
        t.type(plain[:31] + "z")
        tap.point(t.wait(lambda drawn: b"no such key" in drawn and b"found" not in drawn, b"\x0c"), "what is shorter are keys",
                  t.sent[-500:].decode(errors="replace"))
        t.type("Q")
        tap.point(t.finish() == 0, "and it is left", t.errors.decode(errors="replace"))
    finally:
        t.close()


def ahead(tap, canopy, world):
    """What is sent at once does what it would have done had the user waited, right from the start too."""
    fingerprints = [fingerprint(world, name) for name in ("Hazel Web CA (by Birch)", "Alder Root CA")]
    for what, keys, seen in (("Enter opens what was looked for", "/hazel web\r\r", ["CN=Hazel Web CA"]),
                             ("Space marks what was looked for", "/hazel web\r ", ["marked: revoke (1 certificate) Hazel Web CA"]),
                             ("a menu is of it", "/hazel web\rm", ["Hazel Web CA (by Birch)", "no longer a trust anchor"]),
                             ("it is of the first row that a filter leaves", "&name:hazel web\rG\r", ["CN=Hazel Web CA"]),
                             ("a fingerprint behind it is a search of its own", "/hazel\r" + fingerprints[1] + "\r\r", ["CN=Alder Root CA"])):
        t = Pseudo([canopy, "browse", "--db", world.db, "--as-of", DAY], dict(world.env, TERM="xterm-256color", LC_ALL="C.UTF-8"))
        try:
            t.read(0.05)
            t.type(keys)
            tap.point(t.see(*seen), "typed ahead: " + what, t.sent[-1500:].decode(errors="replace"))
        finally:
            t.close()


def sequences(tap, canopy, world):
    """What terminals send beyond their terminfo (ECMA-48): an arrow of the other mode is one, and of the rest nothing is a key."""
    t = start(canopy, world, "C.UTF-8")
    try:
        for seq in (b"\033[I", b"\033[O", b"\033[13;2u", b"\033[27;5;13~", b"\033[H", b"\033[?1;2c"):
            t.type(seq)
            t.read(0.2)
            tap.point(t.see("tls · " + DAY, "1/8") and b"no such key" not in t.sent, "%s is no command" % seq[1:].decode(),
                      t.sent[-700:].decode(errors="replace"))
        t.type(b"\033[B")
        tap.point(t.see("tls · " + DAY, "2/8"), "an arrow is one", t.sent[-700:].decode(errors="replace"))
        t.type(b"/cedar\033[D\033[D2")
        tap.point(t.see("/ ced2ar"), "in a line, too", t.sent[-700:].decode(errors="replace"))
        t.type(b"\033[")
        tap.point(t.see("tls · 2026-05-01"), "Esc and [ alone are two keys", t.sent[-700:].decode(errors="replace"))
        t.type("Q")
        tap.point(t.finish() == 0, "and it is left after them", t.errors.decode(errors="replace"))
    finally:
        t.close()


def main():
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    tap = Tap(45)
    filters(tap, canopy, world, "C.UTF-8", NAME)
    filters(tap, canopy, world, "C", NAME.replace("è", "?"))
    broken(tap, canopy, world)
    torn(tap, canopy, world)
    unbracketed(tap, canopy, world)
    ahead(tap, canopy, world)
    sequences(tap, canopy, world)
    tap.end()


main()
