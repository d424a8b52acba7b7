#!/usr/bin/env python3
"""Fetching from inside the browser, in a real terminal (tmux) and from a server on 127.0.0.1: it goes on while keys are
answered, stops at Esc, goes on where it was, leaves the tree as it stood, and ends with the browser.

usage: fetching.py CANOPY CANOPY-WORLD
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from fetchcase import Answer, Server  # noqa: E402
from fixture import DAY, Tap, World  # noqa: E402
from term import PATIENCE, Terminal, pid_of  # noqa: E402


class Held:
    """A document of which the server gives half, and the rest when it may."""

    def __init__(self, body):
        self.body, self.may, self.ranges, self.asked = body, threading.Event(), [], 0

    def __call__(self, handler):
        at, rest = handler.headers.get("Range"), self.body
        self.asked += 1
        self.ranges.append(at)
        start = int(at.split("=")[1].rstrip("-")) if at else 0
        rest = self.body[start:]
        handler.send_response(206 if at else 200)
        handler.send_header("ETag", '"fictional"')
        handler.send_header("Content-Length", str(len(rest)))
        if at:
            handler.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(self.body) - 1, len(self.body)))
        handler.end_headers()
        try:
            handler.wfile.write(rest[:len(rest) // 2])
            handler.wfile.flush()
            self.may.wait(10 * PATIENCE)  # longer than anybody waits for the end of the client
            handler.wfile.write(rest[len(rest) // 2:])
        except OSError:
            pass  # it was stopped


def until(good):
    end = time.monotonic() + PATIENCE
    while not good() and time.monotonic() < end:
        time.sleep(0.02)
    return good()


def child_of(pid):
    """The fetch that the browser runs, or None."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True).stdout.split()
    return int(found[0]) if found else None


def is_gone(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def configure(world, more="", **url):
    os.makedirs(os.path.join(world.path, "canopy"), exist_ok=True)
    with open(os.path.join(world.path, "canopy", "config"), "w", encoding="utf-8") as f:
        f.writelines("url.%s = %s\n" % one for one in url.items())
        f.write(more)


def start(terminal, canopy, world, db, *texts):
    terminal.type("clear; ulimit -c 0; %s browse --db %s --as-of %s\n" % (shlex.quote(canopy), shlex.quote(db), DAY))
    return terminal.see(*texts)


def tree_of(screen):
    """The rows of the tree: what is open, marked, and counted."""
    return screen.splitlines()[1:-2]


def drawn(terminal):
    """The screen once nothing on it changes: not one that is half drawn."""
    screen, last = terminal.screen(), None
    while screen != last:
        time.sleep(0.1)
        screen, last = terminal.screen(), screen
    return screen


def to_mozilla(terminal):
    terminal.key("s")
    terminal.see("source ", "mozilla")
    terminal.key("g", "j", "r")
    return terminal.see("fetching mozilla")


def in_background(tap, terminal, canopy, world, held):
    start(terminal, canopy, world, world.db, "Alder Root CA")
    terminal.key("l", "j", "l", "Space", "k")
    before = terminal.see("1 mark", " 2/", "Alder Root CA") and drawn(terminal)
    tap.point(before and to_mozilla(terminal), "r fetches the source under the cursor", terminal.screen())
    until(lambda: held.asked)
    terminal.key("q")
    tap.point(terminal.see("the fetch goes on; s and Esc there stop it", "fetching mozilla"), "who leaves the sources is told how to stop it",
              terminal.screen())
    terminal.key("j", "j")
    tap.point(terminal.see("fetching mozilla", " 4/"), "the tree is walked meanwhile, and says that it is fetched", terminal.screen())
    terminal.tmux("resize-window", "-x", "60", "-y", "12")
    tap.point(terminal.wait(lambda screen: "fetching mozilla" in screen and max(map(len, screen.splitlines())) <= 60),
              "also in a small window", terminal.screen())
    terminal.tmux("resize-window", "-x", "150", "-y", "30")
    tap.point(terminal.see(", Esc in s stops it  4/"), "in a wide one how to stop it stays there", terminal.screen())
    terminal.tmux("resize-window", "-x", "120", "-y", "30")
    terminal.key("k", "k", "s")
    tap.point(terminal.wait(lambda screen: "Esc stops it" in screen and "in s stops it" not in screen), "the sources say it once",
              terminal.screen())
    terminal.key("Escape")
    tap.point(terminal.see("stopped; what came is kept, the next one goes on there"), "Esc stops it, and says that what came is kept", terminal.screen())
    pid = pid_of(terminal)
    tap.point(until(lambda: child_of(pid) is None), "no process is left of it")
    held.may.set()
    terminal.key("g", "j", "r")
    tap.point(terminal.see("fetched mozilla: "), "the next one is through", terminal.screen())
    tap.point(held.asked >= 2 and held.ranges[-1], "and went on where the first one was", repr(held.ranges))
    tap.point(terminal.see("mozilla     ok") or terminal.see("mozilla     old"), "the table has it", terminal.screen())
    terminal.key("q")
    after = terminal.see("1 mark", " 2/", "Alder Root CA") and terminal.wait(lambda screen: tree_of(screen) == tree_of(before))
    tap.point(before and after, "cursor, mark and open rows are where they were",
              "%s\n---\n%s" % (before, terminal.screen()))
    terminal.key("Q")
    terminal.shell_is_back("background")


def failure(tap, terminal, canopy, world, server):
    server.files["/certdata.txt"] = Answer(b"\033[31mno\n", 404)
    configure(world, mozilla=server.url("/certdata.txt"))
    shutil.rmtree(os.path.join(world.path, "canopy", "mozilla"), ignore_errors=True)
    start(terminal, canopy, world, world.db, "Alder Root CA")
    terminal.key("s")
    terminal.see("mozilla")
    terminal.key("g", "j", "r")
    tap.point(terminal.see("failed in part: ", "mozilla"), "what failed is said", terminal.screen())
    terminal.key("Q")
    terminal.shell_is_back("failure")


def ended_with(tap, terminal, canopy, world, held, name):
    held.may.clear()
    held.asked = 0
    start(terminal, canopy, world, world.db, "Alder Root CA")
    to_mozilla(terminal)
    until(lambda: held.asked)
    browser = pid_of(terminal)
    child = child_of(browser)
    if name == "q":
        terminal.key("q", "Space", "q")
        tap.point(terminal.see("quit, stop the fetch, lose the marks?"), "q asks about both, the fetch and the marks", terminal.screen())
        terminal.key("n", "u", "q")
        asked = terminal.see("a fetch runs: quit, and stop it?")
        terminal.key("y")
    else:
        asked = True
        os.kill(browser, getattr(signal, name))
    tap.point(asked and child and until(lambda: is_gone(child)), "%s ends the fetch, too" % name, terminal.screen())
    terminal.type("stty sane\n")
    terminal.shell_is_back(name)


def empty(tap, terminal, canopy, world):
    folder = os.path.join(world.path, "world")
    configure(world, "".join("enabled.%s = no\n" % name for name in ("chrome", "crlset", "tranco", "crtsh", "crl")),
              onecrl="file://" + os.path.join(world.path, "none"), ccadb="file://" + os.path.join(folder, "ccadb") + "/",
              mozilla="file://" + os.path.join(folder, "mozilla", "certdata.2026-05-15.txt"))
    start(terminal, canopy, world, os.path.join(world.path, "fresh.db"), "This index is empty")
    terminal.key("r")
    tap.point(terminal.see("ccadb       ok") and terminal.see("failed in part: "), "an empty index fetches all at r", terminal.screen())
    terminal.key("q")
    tap.point(terminal.see("Alder Root CA"), "and the tree is there", terminal.screen())
    terminal.key("Q")
    terminal.shell_is_back("empty")


def refused(tap, terminal, canopy, world):
    env = "CANOPY_DEMO=%s " % shlex.quote(os.path.join(world.path, "world"))
    terminal.type("clear; %s%s demo\n" % (env, shlex.quote(canopy)))
    terminal.see("Alder Root CA")
    terminal.key("s")
    terminal.see("ccadb")
    terminal.key("r")
    tap.point(terminal.see("the demo is fictional: 'canopy fetch'"), "the demo says why it fetches nothing", terminal.screen())
    terminal.key("Q")
    terminal.shell_is_back("demo")


def main():
    if not shutil.which("tmux") or not shutil.which("ps"):
        print("1..0 # SKIP no tmux or ps here")
        return
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    world.env.update(no_proxy="127.0.0.1", https_proxy="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9")
    with open(os.path.join(world.path, "world", "mozilla", "certdata.2026-05-15.txt"), "rb") as f:
        held = Held(f.read())
    terminal = Terminal(world)
    terminal.tmux("resize-window", "-x", "120", "-y", "30")
    tap = Tap(21)
    try:
        with Server({"/certdata.txt": held}) as server:
            configure(world, mozilla=server.url("/certdata.txt"))
            in_background(tap, terminal, canopy, world, held)
            shutil.rmtree(os.path.join(world.path, "canopy", "mozilla"), ignore_errors=True)
            for name in ("q", "SIGTERM", "SIGHUP", "SIGKILL"):
                ended_with(tap, terminal, canopy, world, held, name)
                held.may.set()
            failure(tap, terminal, canopy, world, server)
        empty(tap, terminal, canopy, world)
        refused(tap, terminal, canopy, world)
    finally:
        terminal.close()
    tap.end()


if __name__ == "__main__":
    main()
