#!/usr/bin/env python3
"""Walks all views over an index in which every name is hostile, and looks at
each byte that goes to the terminal: nothing but curses' own sequences and
printable characters may.

usage: hostile.py CANOPY CANOPY-WORLD
"""

import os
import re
import shutil
import sqlite3
import sys

from fixture import DAY, Tap, World
from pseudo import FEW, MANY, Pseudo, forbidden, without_sequences

NASTY = [
    "\033[31mred\033[0m\033]0;title\007\033[6n\033[?1000h\033P1$r\033\\",  # escape sequences
    "c1 \u009b31m\u009d0;title\u009c\u0085\u0090q",
    "bidi \u202egnp.elpmaxe\u202c\u2066\u2067\u2069\u200e\u200f\u061c",
    "zero\u200bwidth\u200c\u200d\u2060\ufeff\u2063\u00ad",
    "line\nfeed\rreturn\ttab\vdown\bback\fform\0nul\x7fdel",
    "above" + "\u0301\u0327\u0332" * 400,  # combining
    "wide \u9280\u674f\u8a8d\u8a3c\u5c40 \U0001f333\U0001f468\u200d\U0001f469 \u0634\u0647\u0627\u062f\u0629 \u1112\u1161\u11ab",
    "long " + ("x" * 99 + "\u202e") * 100,
    "tag \U000e0041\U000e007f \ufff9a\ufffab\ufffb \ue000 \ufdd0 \uffff",
]
# Column by column, every text that somebody else wrote and that is shown as it is.
COLUMNS = [("ca", "name"), ("ca", "subject"), ("ca", "owner"), ("ca", "ca_owner"), ("file", "origin"), ("problem", "place"),
           ("problem", "what"), ("ccadb_record", "ca_owner"), ("ccadb_record", "sub_owner"), ("ccadb_record", "name"),
           ("ccadb_record", "revocation_status"), ("ccadb_record", "full_crl_urls"), ("store_anchor", "note"),
           ("revocation_statement", "note"), ("site", "domain"), ("ct_known", "name"), ("ct_known", "operator"),
           ("figure", "source"), ("ca_count", "source"), ("scenario", "name")]
# What is done, and what a screen drawn anew then holds; C-l draws it. A view that is added has its line here.
REPLACED = "\ufffd"
PASTED = "\u202e\u009b31m\u200b\u0301\u0301\u9280\U0001f333\t"
WALK = [
    ("the tree", "", ["trusted", REPLACED]),
    ("all of the tree", "A*", [REPLACED]),
    ("the tree by owner", "O", [REPLACED]),
    ("down the tree", "O" + "j" * 30, [REPLACED]),
    ("the pane beside", "\t", [REPLACED]),
    ("the menu of marks", "\tm", ["letter or enter"]),
    ("a date is asked for", "d\x15" + PASTED, [REPLACED]),
    ("an error tells it", "\r", ["no such date"]),
    ("marks", "\033\033gB \x0e m b", ["mark"]),
    ("the impact", "i", ["Impact on", REPLACED]),
    ("further down in it", "\t\t\t", [REPLACED]),
    ("its end", "G", [REPLACED]),
    ("a detail", "qgj\r", ["subject", REPLACED]),
    ("its end", "G", [REPLACED]),
    ("copied", "y", ["copied"]),
    ("a search typed", "q/" + PASTED, [REPLACED]),
    ("a search's result", "\x15e\r", [" for "]),
    ("a search without one", "/" + PASTED + "\r", [REPLACED]),
    ("a search of 1,100 characters", "/" + "yz" * 550, ["yzyz"]),  # curses tells a terminal how often to repeat one
    ("a filter typed", "\033&" + PASTED, [REPLACED]),
    ("a filter that is wrong", "last<" + PASTED + "\r", ["trusted"]),
    ("a filter on a name", "&\x15owner:red\r", [REPLACED]),
    ("filter off", "\033\033", [REPLACED]),
    ("a date", "D\x15" + PASTED + "\r", ["no such date"]),
    ("scenarios to load", "\033L", [REPLACED]),
    ("one that is none", PASTED + "\r", [REPLACED]),
    ("a name to save", "w\x15" + PASTED, [REPLACED]),
    ("one that cannot be", "\r", [REPLACED]),
    ("the other purpose", "\033P", [REPLACED]),
    ("every program", "p", [REPLACED]),
    ("the last one", "pppp", [REPLACED]),
    ("read anew", "\033[15~", ["trusted"]),
    ("the help", "?", ["Tab steps on"]),
    ("the findings", "qf", [" low"]),
    ("all of them open", "*", [REPLACED]),
    ("the last of them", "G", ["what could not be read"]),
    ("findings filtered", "&\x15" + PASTED, ["finding"]),
    ("the sources", "\033\033qs", [REPLACED]),
    ("a source", "\r", [REPLACED]),
]
MODES = [([], {}, 120, 40), (["--ascii"], {}, 80, 24), (["--plain"], {}, 80, 24), ([], {"LC_ALL": "C"}, 80, 24),
         (["--utf8"], {"TERM": "linux"}, 80, 24), (["--utf8"], {"TERM": "vt100"}, 200, 60)]


def poison(path):
    """Makes every name hostile, behind what cleans names on import; how many."""
    db = sqlite3.connect(path)
    done = 0
    for table, column in COLUMNS:
        keys = [row[1] for row in db.execute("PRAGMA table_info(%s)" % table) if row[5]]
        key = " AND ".join("%s = ?" % k for k in keys)
        for i, row in enumerate(db.execute("SELECT %s, %s FROM %s" % (column, ", ".join(keys), table)).fetchall()):
            if row[0] is None:
                continue
            # Of a Latin letter first, so that a search finds all; a number keeps names that must differ apart.
            db.execute("UPDATE %s SET %s = ? WHERE %s" % (table, column, key), ("e%d" % i + NASTY[i % len(NASTY)],) + row[1:])
            done += 1
    # And bytes that are no UTF-8.
    db.execute("UPDATE ca SET owner = CAST(x'ff9b33316d' || x'e28d' || owner AS TEXT) WHERE id % 2 = 0")
    db.execute("UPDATE store_snapshot SET program = program || ? WHERE program = 'own'", ("\033[5m\u202e",))
    db.commit()
    db.close()
    return done


def walk(tap, canopy, world, db, mode):
    options, variables, cols, rows = mode
    name = " ".join(options + ["%s=%s" % v for v in variables.items()]) or "xterm-256color"
    env = dict(world.env, TERM="xterm-256color", **{k: v for k, v in variables.items() if k != "TERM"})
    env.update(variables)
    ascii_only = "--ascii" in options or "--plain" in options or "LC_ALL" in variables
    t = Pseudo([canopy, "browse", "--db", db, "--as-of", DAY] + options, env, cols, rows)
    missing = []
    try:
        t.appears("trusted")
        for step, keys, texts in WALK:
            # A lone Esc is told by the pause after it.
            for key in re.split("(\033(?:\\[[0-9]+~)?|\r)", keys):
                t.type(key)
                t.read(0.1)
            texts = ["?" if ascii_only and text == REPLACED else text for text in texts]
            if not t.see(*texts):
                missing.append("%s: no %s on the screen" % (step, " and ".join(texts)))
                break
        t.type("Q")
        status = t.finish()
        wrong = forbidden(t.sent, FEW if variables.get("TERM") == "linux" else MANY)
        tap.point(not missing and status == 0, "%s: every view is reached" % name,
                  "\n".join(missing + ["exit %s" % status, t.errors.decode(errors="replace"),
                                       without_sequences(t.sent).decode(errors="replace")[-300:]]))
        tap.point(not wrong and len(t.sent) > 10000, "%s: nothing but curses' sequences and printable text" % name,
                  "\n".join(wrong[:20]))
        wrong = t.left_as_found()
        tap.point(not wrong, "%s: the terminal is left as it was" % name, "\n".join(wrong))
    finally:
        t.close()


def main():
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    world.run([canopy, "scenario", "save", "all", "--db", world.db, "-q", "--mark", "Alder Root CA=block"])
    db = os.path.join(world.path, "\033[31m\u202ehostile\u009b.db")
    shutil.copy(world.db, db)
    tap = Tap(1 + 3 * len(MODES))
    poisoned = poison(db)
    tap.point(poisoned > 300, "%d names are hostile" % poisoned)
    for mode in MODES:
        walk(tap, canopy, world, db, mode)
    tap.end()


main()
