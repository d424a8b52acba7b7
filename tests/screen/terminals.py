#!/usr/bin/env python3
"""What the browser makes of the terminal it is on, and of what the environment says
of it: its size, the signs it has, its colours, its clipboard, its mouse.

usage: terminals.py CANOPY CANOPY-WORLD
"""

import base64
import os
import re
import sys

from fixture import DAY, Tap, World
from pseudo import Pseudo, without_sequences


class Browser(Pseudo):
    def __init__(self, canopy, world, *options, cols=80, rows=24, **env):
        env = {name: value for name, value in {**world.env, "TERM": "xterm-256color", **env}.items() if value is not None}
        super().__init__([canopy, "browse", "--db", world.db, "--as-of", DAY, *options], env, cols, rows)
        self.appears("Alder Root CA")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def said(self):
        return self.sent[-500:].decode(errors="replace")

    def stands(self, place, there="", gone=None):
        """The tree's cursor does, as the line above the keys has it; with a text on the screen, without another one."""
        return self.wait(lambda drawn: re.search(rb"(?<!\d)%s(?!\d)" % place.encode(), drawn) and there.encode() in drawn
                         and (gone is None or gone.encode() not in drawn), b"\x0c")

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


def signs(tap, canopy, world):
    """ASCII where the font is thought to lack the rest, which an option overrules."""
    for term, ascii_alone in (("linux", True), ("vt100", True), ("vt220", True), ("ansi", True), ("xterm-256color", False),
                              ("screen", False), ("tmux-256color", False)):
        with Browser(canopy, world, TERM=term) as t:
            t.see("of 70 CAs")
            tap.point(without_sequences(t.sent).isascii() == ascii_alone and (b"|" in t.sent or not ascii_alone),
                      "%s has %s" % (term, "ASCII" if ascii_alone else "all signs"), t.said())
            t.leave()
    with Browser(canopy, world, "--utf8", TERM="linux") as t:
        tap.point(t.see("\u25d0") and b"|" not in t.sent, "--utf8 has all signs there too", t.said())
        t.leave()
    with Browser(canopy, world, "--ascii") as t:
        t.see("of 70 CAs")
        tap.point(t.sent.isascii() and b"|" in t.sent, "--ascii none anywhere", t.said())
        t.leave()
    for options, env, says in ((("--utf8", "--ascii"), {}, "exclude each other"), (("--utf8", "--plain"), {}, "exclude each other"),
                               (("--utf8",), {"LC_ALL": "C"}, "needs a locale of UTF-8")):
        with Browser(canopy, world, *options, **env) as t:
            tap.point(t.finish() == 2 and says in t.errors.decode(), "%s %s is refused" % (" ".join(options), env),
                      t.errors.decode() + t.said())


def mouse(button, x, y):
    return "\033[<%d;%d;%dM\033[<%d;%d;%dm" % (button, x, y, button, x, y)


WHEEL_UP, WHEEL_DOWN = 64, 65


def pane(tap, canopy, world):
    """Below the tree on 100 columns, beside it on 160."""
    for cols, x in (100, 50), (160, 130):
        with Browser(canopy, world, "--mouse", cols=cols, rows=30) as t:
            t.type("\t")
            t.see("SPKI SHA-256", "1/8")
            t.type(4 * mouse(WHEEL_DOWN, x, 24))
            tap.point(t.stands("1/8", gone="CN=Alder Root CA"),
                      "%d: the wheel over the pane moves its lines, not the tree's cursor" % cols, t.said())
            t.type(9 * mouse(WHEEL_UP, x, 24))
            tap.point(t.stands("1/8", "CN=Alder Root CA"), "%d: and back" % cols, t.said())
            t.type(mouse(WHEEL_DOWN, 20, 5))
            tap.point(t.stands("4/8"), "%d: over the tree it moves there" % cols, t.said())
            t.type("g" + mouse(0, x, 20 if cols == 100 else 6))
            tap.point(t.see("go to"), "%d: a click goes into the pane" % cols, t.said())
            t.type(mouse(0, 20, 5))
            tap.point(t.stands("3/8", "filter"), "%d: and one on the tree back" % cols, t.said())
            t.leave()


def clipboard(tap, canopy, world):
    shown = world.run([canopy, "show", "--db", world.db, "--as-of", DAY, "Alder Root CA"])
    with Browser(canopy, world) as t:
        t.type("y")
        said = t.appears("copied ")
        t.read(0.2)
        payload = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", t.sent)
        copied = base64.b64decode(payload[0]).decode() if len(payload) == 1 else ""
        tap.point(said and re.fullmatch("[0-9a-f]{64}", copied) and copied in shown and "copied " + copied in
                  without_sequences(t.sent).decode(), "y sends the fingerprint, and it alone, to the clipboard",
                  "%s\n%s" % (payload, t.said()))
        t.leave()


COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:[34][0-7]|[34]8;5;\d+)m")
DARK, LIGHT = b"48;5;235m", b"48;5;254m"  # behind the top line


def colours(tap, canopy, world):
    for name, options, env, there, absent in (
            ("dark without a wish", (), {}, DARK, LIGHT),
            ("CANOPY_THEME chooses", (), {"CANOPY_THEME": "light"}, LIGHT, DARK),
            ("--theme comes before it", ("--theme", "dark"), {"CANOPY_THEME": "light"}, DARK, LIGHT),
            ("an empty NO_COLOR is none", (), {"NO_COLOR": ""}, DARK, LIGHT)):
        with Browser(canopy, world, *options, **env) as t:
            tap.point(there in t.sent and absent not in t.sent and COLOUR.search(t.sent), name, t.said())
            t.leave()
    for name, options, env in (("NO_COLOR has none", (), {"NO_COLOR": "1"}), ("CANOPY_THEME=off neither", (), {"CANOPY_THEME": "off"}),
                               ("nor has NO_COLOR beside a theme", ("--theme", "light"), {"NO_COLOR": "1"})):
        with Browser(canopy, world, *options, **env) as t:
            t.see("1/8")
            tap.point(b"Alder Root CA" in t.sent and not COLOUR.search(t.sent), name, "%s %s" % (COLOUR.search(t.sent), t.said()))
            t.leave()
    with Browser(canopy, world, CANOPY_THEME="puce") as t:
        tap.point(t.finish() == 2 and b"CANOPY_THEME: no theme 'puce'" in t.errors, "one that is none is refused", t.errors.decode())


def main():
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    tap = Tap(34)
    columns_and_lines(tap, canopy, world)
    signs(tap, canopy, world)
    pane(tap, canopy, world)
    clipboard(tap, canopy, world)
    colours(tap, canopy, world)
    tap.end()


main()
