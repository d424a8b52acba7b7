#!/usr/bin/env python3
"""The real program in a real terminal (tmux): starts, answers keys, follows a
resize, suspends, and gives the terminal back whatever ends it.

usage: term.py CANOPY CANOPY-WORLD
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

from fixture import DAY, Tap, World

PATIENCE = 20  # seconds; a marker is polled for, never slept for


class Terminal:
    def __init__(self, world):
        self.socket = os.path.join(world.path, "tmux")
        self.env = dict(world.env, TERM="xterm-256color")
        self.env.pop("TMUX", None)
        configuration = os.path.join(world.path, "tmux.conf")
        with open(configuration, "w", encoding="utf-8") as f:
            f.write("set -g default-terminal xterm-256color\n")
        self.tmux("-f", configuration, "new-session", "-d", "-x", "80", "-y", "24", "bash --norc --noprofile -i")
        self.tmux("set-option", "-g", "window-size", "manual")

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *arguments], env=self.env, check=True,
                              capture_output=True).stdout.decode()

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def key(self, *names):
        self.tmux("send-keys", *names)

    def wait(self, good):
        """The first screen that is good, or None."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.screen()
            if good(screen):
                return screen
            time.sleep(0.02)
        return None

    def see(self, *texts):
        return self.wait(lambda screen: all(text in screen for text in texts))

    def shell_is_back(self, marker):
        """The prompt answers and echoes: the terminal's modes are as before."""
        self.wait(lambda screen: "CAs ·" not in screen and "CAs |" not in screen)
        self.type("echo %s-$((6*7)); stty -a | grep -c ' echo '\n" % marker)
        return self.see("echo %s-" % marker, "%s-42\n1" % marker)

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], env=self.env, capture_output=True)


def pid_of(terminal):
    shell = terminal.tmux("display-message", "-p", "#{pane_pid}").strip()
    return int(subprocess.run(["ps", "-o", "pid=", "--ppid", shell], capture_output=True, check=True)
               .stdout.split()[0])


def start(terminal, canopy, world, more=""):
    terminal.type("clear; ulimit -c 0; %s browse --db %s --as-of %s %s\n"
                  % (shlex.quote(canopy), shlex.quote(world.db), DAY, more))
    return terminal.see("mozilla · tls · " + DAY, "Alder Root CA")


def ends_by(tap, terminal, canopy, world, name):
    start(terminal, canopy, world)
    os.kill(pid_of(terminal), getattr(signal, name))
    tap.point(terminal.shell_is_back(name) and "mozilla · tls" not in terminal.screen(),
              "%s gives the terminal back" % name, terminal.screen())


def reload(tap, terminal, canopy, world):
    """Another process adds a CA while the cursor stands on a row."""
    terminal.key("/")
    terminal.type("ginkgo research root")
    terminal.key("Enter")
    before = terminal.see("1 of 1 for")
    world.run([canopy, "import", "--quiet", "--db", world.db, "--source-date", "2026-05-30", "single/one-ca.der",
               "older"], cwd=os.path.join(world.path, "world"))
    terminal.key("F5")
    after = terminal.see("read anew")
    position = re.compile(r"\d+/\d+$", re.M)
    tap.point(before and after and position.search(before)[0] == position.search(after)[0],
              "F5 reads a changed index and the cursor stays", terminal.screen())
    terminal.key("M-Left")
    terminal.see("back: 3 of 4")
    terminal.key("(")
    tap.point(terminal.see("Alder Root CA › Alder Policy CA", "1 mark", "back: 2 of 4"),
              "back leads to where one was before, with all marks", terminal.screen())
    terminal.key("M-Right", ")")
    after = terminal.see("forward: 4 of 4")
    tap.point(after and position.search(before)[0] == position.search(after)[0], "and forward again", terminal.screen())
    world.run([canopy, "import", "--quiet", "--db", world.db, "--source-date", "2026-05-30", "onecrl"],
              cwd=os.path.join(world.path, "world"))
    terminal.key("%")
    noticed = terminal.see("the index has changed: read anew")
    row = (noticed or "").splitlines()[1 + int(position.search(noticed)[0].split("/")[0])] if noticed else ""
    # what is revoked now counts less and stands elsewhere, so the place itself may change
    tap.point("Ginkgo Research Root" in row,
              "what another process imports is noticed with the next key, whatever it is", terminal.screen())


def paste(tap, terminal):
    """Letters of a fingerprint are keys; pasted they are none of them, nor are line ends."""
    terminal.tmux("set-buffer", "--", "sha256 Fingerprint=C5:41:5D:F9:\n  43\n")
    terminal.tmux("paste-buffer", "-p")
    tap.point(terminal.see("/ sha256 Fingerprint=C5:41:5D:F9: 43 ", "1 CA found"), "what is pasted is looked for", terminal.screen())
    terminal.key("Escape")
    terminal.see("1 mark")
    terminal.key("&")
    terminal.tmux("set-buffer", "--", "name:cedar")
    terminal.tmux("paste-buffer", "-p")
    seen = terminal.see("& name:cedar")
    terminal.key("Escape")
    tap.point(seen and terminal.see("1 mark", "Alder Root CA"), "and stands in the line that is open", terminal.screen())


def mouse(tap, terminal, canopy, world):
    start(terminal, canopy, world, more="--mouse")
    terminal.type("\033[<0;60;5M\033[<0;60;5m")
    selected = terminal.see(" 3/")
    terminal.type("\033[<0;60;5M\033[<0;60;5m")
    tap.point(selected and terminal.see("SPKI SHA-256"), "a click selects, a second one opens", terminal.screen())
    terminal.type("q\033[<65;60;5M")
    tap.point(terminal.see(" 6/"), "the wheel scrolls", terminal.screen())
    names = lambda screen: [line.split("▸")[1].split()[0] for line in screen.splitlines() if "▸" in line]
    terminal.type("\033[<0;53;2M\033[<0;53;2m")
    first = terminal.wait(lambda screen: names(screen) and names(screen) == sorted(names(screen)))
    terminal.type("\033[<0;53;2M\033[<0;53;2m")
    tap.point(first and terminal.wait(lambda screen: names(screen) == sorted(names(screen), reverse=True)),
              "a click on a title sorts, a second one reverses", terminal.screen())
    terminal.type("\033[<0;77;2M\033[<0;77;2m")
    tap.point(terminal.see("▲owner"), "one on the owners' beside those of the names too", terminal.screen())
    terminal.type("gm")
    terminal.see("letter or enter")
    lines = terminal.screen().splitlines()
    y = next((i for i, line in enumerate(lines) if "V  revoke" in line), 0) + 1
    terminal.type("\033[<0;30;%dM\033[<0;30;%dm" % (y, y))
    tap.point(terminal.see("1 mark", "revoke "), "a click in a menu chooses",
              terminal.screen())
    terminal.key("Q")
    terminal.shell_is_back("mouse")


def run(tap, terminal, canopy, world):
    tap.point(start(terminal, canopy, world), "starts", terminal.screen())
    terminal.key("l", "Down", "Space")
    tap.point(terminal.see("1 mark", "lose trust"), "keys, arrows and a mark arrive", terminal.screen())
    terminal.tmux("resize-window", "-x", "120", "-y", "40")
    tap.point(terminal.see("owner", "newest"), "a wider window shows more columns", terminal.screen())
    terminal.tmux("resize-window", "-x", "50", "-y", "10")
    tap.point(terminal.see("too small"), "a small one says so", terminal.screen())
    terminal.tmux("resize-window", "-x", "80", "-y", "24")
    tap.point(terminal.see("Alder Root CA", "1 mark"), "and back", terminal.screen())
    terminal.key("C-z")
    tap.point(terminal.see("Stopped"), "C-z suspends", terminal.screen())
    terminal.type("fg\n")
    tap.point(terminal.see("mozilla · tls", "1 mark"), "and fg resumes", terminal.screen())
    paste(tap, terminal)
    terminal.key("Enter")
    terminal.see("SPKI SHA-256")
    terminal.key("Escape")
    tap.point(terminal.see("trusted  share"), "a lone Esc goes back", terminal.screen())
    terminal.key("x", "C-u")
    terminal.type(os.path.join(world.path, "cut.md"))
    terminal.key("Enter")
    seen = terminal.see("cut.md' is written")
    tap.point(seen and os.path.getsize(os.path.join(world.path, "cut.md")) > 1000, "x writes beside, and its end is told at once",
              terminal.screen())
    terminal.key("q")
    asked = terminal.see("quit and lose the unsaved marks?")
    terminal.key("n")
    tap.point(asked and terminal.see("1 mark", "not done"), "q asks about marks", terminal.screen())
    reload(tap, terminal, canopy, world)
    terminal.key("Q")
    tap.point(terminal.shell_is_back("quit"), "Q gives the terminal back", terminal.screen())
    for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGSEGV"):
        ends_by(tap, terminal, canopy, world, name)
    mouse(tap, terminal, canopy, world)
    terminal.type("clear; TERM=dumb %s browse --db %s\n" % (shlex.quote(canopy), shlex.quote(world.db)))
    tap.point(terminal.see("'dumb' cannot show"), "TERM=dumb is told what to do", terminal.screen())
    terminal.type("clear; LC_ALL=C %s browse --db %s --as-of %s\n"
                  % (shlex.quote(canopy), shlex.quote(world.db), DAY))
    seen = terminal.see("mozilla | tls | " + DAY)
    tap.point(seen and seen.isascii(), "LC_ALL=C is served in ASCII", terminal.screen())
    terminal.key("q")
    tap.point(terminal.shell_is_back("ascii"), "q quits", terminal.screen())


def main():
    if not shutil.which("tmux") or not shutil.which("ps"):
        print("1..0 # SKIP no tmux or ps here")
        return
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    terminal = Terminal(world)
    tap = Tap(29)
    try:
        run(tap, terminal, canopy, world)
    finally:
        terminal.close()
    tap.end()


if __name__ == "__main__":
    main()
