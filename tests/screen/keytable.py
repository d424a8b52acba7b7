#!/usr/bin/env python3
"""Every key in every view: what it does is what the table here says, or it
says that there is no such key; none but the keys to quit leaves the browser.

usage: keytable.py CANOPY CANOPY-WORLD SCREEN
"""

import concurrent.futures
import os
import re
import sys

from fixture import DAY, Tap, World

ROWS, COLS = 24, 100
# How to come there, amid its lines.
VIEWS = {
    "tree": "l j j",
    "detail": "/ 'birch issuing' Enter Enter j j j j j j",
    "pane": "l j Tab Tab j j",
    "impact": "Space j j m d Enter i j j j j j",
    "help": "? j j j j j j",
    "findings": "f * j",
    "sources": "s j j",
    "source": "s j Enter j j",
}
OVER = {"menu": "l j m", "search": "/ 'alder'", "filter": "& 'birch'", "date": "D", "confirmation": "Space U", "load": "L",
        "report": "Space x"}
GOES = {
    "down": lambda was, now: now[0] == was[0] + 1,
    "up": lambda was, now: now[0] == was[0] - 1,
    "further": lambda was, now: now[0] > was[0] + 1 or now[0] == now[1],
    "before": lambda was, now: now[0] < was[0],
    "start": lambda was, now: now[0] == 1,
    "end": lambda was, now: now[0] == now[1],
}
# The keys of everywhere: a motion, what stands on the screen afterwards, or QUITS; and what of it is otherwise in a view.
QUITS, SAME = "quits", "same"
KEYS = {
    "j Down": "down", "k Up": "up", "PgDn C-f C-d": "further", "PgUp C-b C-u": "before", "g Home": "start", "G End": "end",
    "/ F3": r"^ /", "n N": "no search yet", "? F1": "Tab steps on", "y": "copied [0-9a-f]{64}",
    "p": "chrome · tls", "T": "M  mozilla  ", "P": "mozilla · email", "V": "2026-06-01 · revocation all", "[": "2026-05-01", "]": "2026-07-01", "{": "2026-05-31", "}": "2026-06-02",
    "D": "^ as of: 2026-06-01", "F5": "the index has not changed", "C-l": SAME, "Q F10 C-c": QUITS,
    "Space": "1 mark · ", "m": "letter or enter chooses", "U": "no marks to clear", "u": "nothing to undo", "C-r": "nothing to redo",
    "w S": "no marks to save", "x X": "no marks to write of", "L": "load the scenario:", "i": "Impact on mozilla", "f": "12 findings about", "s": "^ source +state", "r F": "no such key",
    ") A-Right": "nothing further on", "C-g Del z é 界": "no such key", "& F4": "^ &",
    "o R % E e a A O H * + -": "no such key", "t": "no such key", "l Right Enter": "nothing to open on this line",
    "h Left": "no such key", "> v . ,": "no such key", "Tab S-Tab": "no such key", "( Backspace C-o A-Left": "nothing further back",
    "q": "l open .* q quit", "Esc": "l open .* q quit",
}
OTHER = {
    "tree": {
        "r": "nothing can be fetched from here", "& F4": "^ &", "o": "sorted by", "R": "reversed", "%": "▾ Alder Root CA", "E": "expired CAs and certificates are hidden",
        "e": "CAs without leaves are hidden", "a": "counting all unexpired leaves", "A": "roots of all CAs", "O": "by owner: a row counts all",
        "H": "only here", "*": r"1/8$", "+ l Right": "Alder TLS CA 2", "- h Left": "1/1[89]$", "Enter": "› Alder Policy CA",
        ">": "this CA stands here only", "Tab": "CN=Alder Policy CA", "S-Tab": "no pane to close", "q": QUITS, "Esc": "nothing to leave here",
    },
    "detail": {
        "n": "40/", "N": "1/", "v": "all is shown already", ".": "further", ",": "before", ">": "one of 1 certificate", "Tab": "further",
        "S-Tab": "further", "h Left": "4/16$", "( Backspace C-o A-Left": "back: 2 of 3",
    },
    "pane": {
        "v": "all is shown already", ".": "further", ",": "before", ">": "one of 2 certificates", "h Left": "l open",
        "Tab S-Tab": r"2/18$",
    },
    "impact": {
        "y": "no certificate here to copy", "l Right Enter": "no CA on this line to open", "Tab": "further", "S-Tab": "before",
        "t": "from which day on are fewer leaves lost than:", "Space": "no CA here to mark", "m": "no CA here to mark",
        "U": "clear all marks?", "u": "undone: ", "w S": "save the scenario as:", "x": "write the report to:",
        "X": "export what the marks mean", "C-c": "quit and lose the unsaved marks", "i": "this is the impact view", "( Backspace C-o A-Left": "back: 1 of 2", "q Esc": "Mz Ch",
    },
    "findings": {
        "& F4": "^ &", "o": "by severity", "f": "these are the findings", "x": "write the findings to:", "*": " 1/18$", "+ l Right Enter": "enter go to  h in tree",
        "h Left -": " 1/30$", "k Up": "start", "( Backspace C-o A-Left": "back: 1 of 2",
    },
    "sources": {
        "y": "no certificate here to copy", "Space m": "no CA here to mark", "s": "these are the sources",
        "r F": "nothing can be fetched from here", "l Right Enter": "documents", "( Backspace C-o A-Left": "back: 1 of 2",
    },
    "source": {
        "y": "no certificate here to copy", "Space m": "no CA here to mark", "s": "these are the sources",
        "r": "nothing can be fetched from here", "Tab .": "further", "S-Tab ,": "the first section", "l Right Enter": "no such key",
        "( Backspace C-o A-Left": "back: 2 of 3", "q Esc": "2/12$",
    },
    "help": {
        "Tab .": r"2[0-9]/\d+$", "S-Tab ,": r"3/\d+$", "y": "no certificate here to copy", "l Right Enter": "no such key", "? F1": "this is the help", "Space": "no CA here to mark",
        "m": "no CA here to mark", ") A-Right": "nothing further on from the help", "( Backspace C-o A-Left": "l open",
    },
}


# What the line of keys offers in a view, and does not.
OFFERED = {
    "tree": ("l open|space mark|i impact|\\? help|q quit", ""),
    "detail": ("enter go to|tab next link|space mark|i impact|q back", "q quit"),
    "pane": ("enter go to|tab to the tree|space mark|q back", "next link|q quit"),
    "impact": ("space mark|\\? help|q back", "i impact|q quit"),
    "help": ("tab next part|/ find|i impact|q back", "space mark|\\? help|q quit"),
    "findings": ("x write|space mark|q back", "q quit"),
    "sources": ("enter documents|i impact|q back", "r fetch|F all|space mark|q quit"),
    "source": ("tab section|i impact|q back", "r fetch|space mark|q quit"),
}


def spread(table):
    return {key: want for keys, want in table.items() for key in keys.split()}


class Player:
    def __init__(self, world, screen):
        self.world, self.screen = world, screen

    def play(self, keys, cols=COLS):
        return self.world.run([self.screen, "--db", self.world.db, "--as-of", DAY, "--today", DAY, "--size", "%dx%d" % (cols, ROWS),
                               "--canopy", "/nowhere/canopy", "--program", "mozilla", "--keys", keys])

    def quits(self, keys):
        """A browser that goes on says what it is too small for."""
        return "too small" not in self.play(keys + " resize:10x40")


def position(text):
    found = re.search(r"(\d+)/(\d+)$", text.splitlines()[-2] if text.count("\n") > 2 else "")
    return (int(found[1]), int(found[2])) if found else (0, 0)


def fulfils(want, was, now, quits):
    if quits or want == QUITS:
        return quits and want == QUITS
    if want == SAME:
        return was == now
    if want in GOES:
        return GOES[want](position(was), position(now))
    return was != now and re.search(want, now, re.M) is not None


def judge(player, view, was, key, want):
    now, quits = player.play(VIEWS[view] + " " + key), player.quits(VIEWS[view] + " " + key)
    return "" if fulfils(want, was, now, quits) else "%s: %s wanted, %s\n%s" % (key, want, "it quits" if quits else "not so", now)


def offers(player, view):
    """Wide enough for all of them."""
    line = player.play(VIEWS[view], 200).splitlines()[-1].lower()
    there, absent = OFFERED[view]
    wrong = [one for one in there.lower().split("|") if not re.search(r"(?:^| )%s(?: |$)" % one, line)]
    wrong += [one for one in absent.lower().split("|") if one and re.search(r"(?:^| )%s(?: |$)" % one, line)]
    return "\n".join(["%s: %s" % (one, line) for one in wrong])


def judge_over(player, over, key):
    """A prompt, a menu or a question takes every key and lets none through to the view."""
    return "%s quits in %s" % (key, over) if player.quits(OVER[over] + " " + key) else ""


def documented(player):
    """The names in the help of every view, which are those of the program's own tables: of each view, and of everywhere."""
    names = {}
    for view, keys in VIEWS.items():
        text = player.world.run([player.screen, "--db", player.world.db, "--as-of", DAY, "--size", "100x200", "--keys",
                                 keys + (" ?" if view != "help" else "")])
        keys, _, text = text.partition(" Questions that are answered here\n")
        if text:
            keys += text[text.index(" everywhere\n"):]
        for line in keys[:keys.index(" Questions, and")].splitlines():
            title = re.match(r" (\w+)$", line)
            if title:
                group = names.setdefault(title[1], set())
            elif re.match(r"   \S", line):
                group |= set(line[3:19 if line[18:19] == " " else None].strip().replace(", ", " ").split())
    return names


def in_manual(page):
    """Likewise in the source of the manual page."""
    names = {}
    for title, rows in re.findall(r"^\.Sy Keys (?:in the view )?(\w+)\n(.*?)^\.El$", page, re.M | re.S):
        names[title] = {key.replace("\\-", "-") for line in re.findall(r"^\.It (.*)", rows, re.M) for key in re.findall(r"Ic \\&(\S+)", line)}
    return names


def in_text(page):
    """Likewise in the text of the command's help."""
    names = {}
    for title, rows in re.findall(r"^Keys (?:in the view )?(\w+)\n\n((?:  .*\n)*)", page, re.M):
        names[title] = {key for line in re.findall(r"^  (\S.*)", rows, re.M) for key in line[:23].split()}
    return names


def main():
    canopy, maker, screen = map(os.path.abspath, sys.argv[1:4])
    player = Player(World(canopy, maker), screen)
    every = spread(KEYS)
    tap = Tap(2 * len(VIEWS) + len(OVER) + 3)
    told = documented(player)
    names = set().union(*told.values())
    missing = names - set(every) - {"C-z"}
    tap.point(not missing and len(names) > 50, "each key of the help is tried", " ".join(sorted(missing)))
    for name, got in [("manual page", in_manual(player.world.run([canopy, "help", "--roff"]))),
                      ("help of the command", in_text(player.world.run([canopy, "browse", "--help"])))]:
        # The help has no help of its own.
        own = got.pop("help", None)
        tap.point(got == told and own == {"Tab", "S-Tab", ".", ","}, "each key of the help is in the " + name, "%s\n%s" % (got, told))
    for view in VIEWS:
        why = offers(player, view)
        tap.point(not why, "the line of keys in the " + view, why)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for view in VIEWS:
            table, was = {**every, **spread(OTHER[view])}, player.play(VIEWS[view])
            wrong = [w for w in pool.map(lambda item: judge(player, view, was, *item), table.items()) if w]
            tap.point(not wrong, "%d keys in the %s" % (len(table), view), "\n".join(wrong))
        for over in OVER:
            wrong = [w for w in pool.map(lambda key: judge_over(player, over, key), every) if w]
            tap.point(not wrong, "%d keys over a view: %s" % (len(every), over), "\n".join(wrong))
    tap.end()


main()
