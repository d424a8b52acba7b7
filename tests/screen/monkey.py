#!/usr/bin/env python3
"""Random keys with fixed seeds: the browser must survive them all.

usage: monkey.py CANOPY CANOPY-WORLD SCREEN [--minutes N] [--seed N] [--db FILE]

First without a terminal, where a seed gives the same keys each time; then the
real program on a pseudo-terminal, with the mouse, other sizes and signals,
while another process imports into its index. --minutes goes on with further
seeds that long; --db plays on an index of your own, of which a copy is made.
A seed that fails is named: --seed plays it again.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import time

from fixture import DAY, Tap, World
from pseudo import Pseudo, forbidden

KEYS = 3000
# On a pseudo-terminal; keys that leave the browser are not among them, but q above the bottom of the stack, nor are r and F,
# which would fetch from the network: where nothing can be fetched, without a terminal, they are.
BYTES = ["j", "k", "l", "h", "+", "-", "\r", " ", "m", "b", "v", "x", "U", "Uy", "u", "i", "p", "P", "[", "]", "{", "}", "g", "G",
         "\x04", "\x15", "\x06", "\x02", "*", ">", "<", "%", "A", "a", "O", "E", "e", "o", "R", "n", "N", "\t", "\033[Z", "H", "?",
         "\033[15~", "\x0c", "y", "\x7f", "/", "&", "f", "s", "f\r", "s\r", "D", "w", "L", "iq", "?q", "T", "T\r", "Oy", "f&program:chrome\r", "\033[A", "\033[B", "\033[C", "\033[D", "\033OA",
         "\033OB", "\033[5~", "\033[6~", "\033[H", "\033[F", "\033", "\033/alder\r", "\033&sunset\r", "\033D\x152025-12-31\r",
         "\033w\x15monkey\ry", "\033Lmonkey\r", "md\r", "ms\x152026-01-01\r", "\u00e9", "\u754c", "\u202e", "\x1a", "\xff", "0", "9",
         "\033[200~text\033[201~", "\033[9999;9999H", "\033]0;x\a", "t", "t1000\r", "it\r", "\x0f", "\x12", "V", "(", ")", "X", ".", ",", "\033[1;3D", "\033[1;3C"]


def mouse(rng, cols, rows):
    button = rng.choice([0, 0, 0, 1, 2, 64, 65, 32, 35])
    x, y = rng.choice([1, cols, rng.randint(1, cols), 500]), rng.choice([1, 2, rows, rng.randint(1, rows), 500])
    return "\033[<%d;%d;%dM\033[<%d;%d;%dm" % (button, x, y, button, x, y)


def play(terminal, rng, steps, cols, rows, other_screen):
    for step in range(steps):
        what = rng.random()
        if what < 0.04:
            cols, rows = rng.choice([(80, 24), (60, 12), (200, 60), (20, 5), (1, 1), (80, 1), (2, 50), (300, 100), (120, 40)])
            terminal.size(cols, rows)
        elif what < 0.05:
            number = rng.choice([signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP])
            if number == signal.SIGTSTP and other_screen:
                terminal.stop()
            else:
                terminal.process.send_signal(number)
        elif what < 0.12:
            terminal.type(mouse(rng, cols, rows))
        else:
            key = rng.choice(BYTES)
            if key == "\x1a" and other_screen:
                terminal.stop(key)
                continue
            terminal.type(b"\xff" if key == "\xff" else key)
        if step % 5 == 0:
            terminal.read(0.001)
        if terminal.process.poll() is not None:
            return


def on_a_terminal(canopy, world, db, seed, steps, disturb):
    """Why it failed, or ""."""
    rng = random.Random(seed)
    options = rng.choice([["--mouse"], ["--mouse", "--ascii"], ["--mouse", "--no-color"], ["--utf8"], ["--plain"], []])
    env = dict(world.env, TERM=rng.choice(["xterm-256color", "xterm-256color", "screen", "linux", "vt100"]))
    terminal = Pseudo([canopy, "browse", "--db", db, "--as-of", DAY] + options, env, 80, 24, world.path)
    try:
        terminal.read(5)
        for part in range(4):
            play(terminal, rng, steps // 4, 80, 24, env["TERM"].startswith("xterm"))
            disturb(part)
        if terminal.process.poll() is None:
            terminal.size(80, 24)
            # Out of a prompt and of a menu, then away.
            terminal.type("\033")
            terminal.read(0.2)
            terminal.process.send_signal(rng.choice([signal.SIGTERM, signal.SIGHUP, signal.SIGINT]))
        status = terminal.finish()
        wrong = [] if status in (0, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT) else ["exit status %s" % status]
        wrong += terminal.left_as_found()
        if env["TERM"] == "xterm-256color":
            # What is typed after it gave the terminal back is echoed by the kernel.
            wrong += forbidden(terminal.sent[:terminal.sent.rfind(b"\x1b[?1049l")])[:5]
        if b"Sanitizer" in terminal.errors or b"runtime error" in terminal.errors or wrong:
            wrong.append(terminal.errors.decode(errors="replace"))
        return "\n".join(wrong)
    finally:
        terminal.close()


def importer(canopy, world, db):
    """Between the keys, others change the index: a CA more, then a store more, …"""
    sets = [["single/one-ca.der"], ["older"], ["--store", "own", "store"], ["ccadb"]]

    def disturb(part):
        world.run([canopy, "import", "--quiet", "--db", db, "--source-date", "2026-05-30"] + sets[part % len(sets)],
                  cwd=os.path.join(world.path, "world"))
    return disturb


def headless(screen, world, db, seed, options):
    done = subprocess.run([screen, "--db", db, "--as-of", DAY, "--monkey", str(KEYS), "--seed", str(seed)] + options,
                          env=world.env, capture_output=True)
    return done.stderr.decode(errors="replace") or "exit status %d" % done.returncode if done.returncode else ""


def copied(world, db, seed):
    path = os.path.join(world.path, "monkey-%d.db" % seed)
    shutil.copy(db, path)
    return path


def one(tap, binaries, world, db, seed, options, steps):
    canopy, screen = binaries
    why = headless(screen, world, db, seed, options)
    tap.point(not why, "%d keys, seed %d %s" % (KEYS, seed, " ".join(options)), why)
    path = copied(world, db, seed) if os.path.exists(db) else db
    nothing = not os.path.exists(db)
    disturb = (lambda part: None) if nothing else importer(canopy, world, path)
    why = on_a_terminal(canopy, world, path, seed, steps, disturb)
    tap.point(not why, "%d keys on a terminal, seed %d" % (steps, seed), why)
    if not nothing:
        os.unlink(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", nargs=3)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--db")
    a = parser.parse_args()
    canopy, maker, screen = map(os.path.abspath, a.binaries)
    db = os.path.abspath(a.db) if a.db else None
    world = World(canopy, maker)
    db = db or world.db
    runs = [(seed, db, []) for seed in ([a.seed] if a.seed is not None else range(1, 5))]
    if a.seed is None:
        runs += [(5, db, ["--ascii"]), (6, db, ["--no-color", "--plain"]), (7, os.path.join(world.path, "absent.db"), [])]
    tap = Tap(2 * len(runs) if not a.minutes else None)
    for seed, path, options in runs:
        one(tap, (canopy, screen), world, path, seed, options, 400)
    end, seed = time.monotonic() + a.minutes * 60, 1000 + (a.seed or 0)
    while time.monotonic() < end:
        one(tap, (canopy, screen), world, db, seed, [], 2000)
        seed += 1
    tap.end()


main()
