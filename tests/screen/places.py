#!/usr/bin/env python3
"""The real program where a terminal is odd, small, gone, or no terminal at
all; and what of its first start is remembered.

usage: places.py CANOPY CANOPY-WORLD
"""

import os
import pty
import shlex
import shutil
import signal
import subprocess
import sys
import time

from fixture import DAY, Tap, World
from term import PATIENCE, Terminal, pid_of, start

TERMS = ["xterm-256color", "xterm", "screen", "tmux-256color", "linux", "vt100", "vt220", "ansi"]
SIZES = [(200, 60), (60, 12), (59, 12), (60, 11), (1, 24), (80, 1), (1, 1), (500, 5), (80, 24)]


def ended(pid):
    """Within patience: no process of that number that is not waited for."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True).stdout.strip()
        if not state or state.startswith(b"Z"):
            return True
        time.sleep(0.02)
    return False


def leave(terminal, marker):
    """Many terminals keep what was shown last."""
    pid = pid_of(terminal)
    terminal.key("Q")
    ended(pid)
    terminal.type("clear\n")
    return terminal.shell_is_back(marker)


def intact(world):
    said = subprocess.run(["sqlite3", world.db, "PRAGMA integrity_check"], capture_output=True).stdout if shutil.which("sqlite3") else b"ok\n"
    return said == b"ok\n"


def first_start(tap, terminal, canopy, world):
    start(terminal, canopy, world)
    tap.point(terminal.see("→ opens · space marks · i shows what breaks · ? help"), "the first start shows four keys", terminal.screen())
    leave(terminal, "first")
    start(terminal, canopy, world)
    tap.point("→ opens" not in terminal.screen() and terminal.see("l open", "q quit"), "later ones do not", terminal.screen())
    leave(terminal, "later")
    # No folder can be made below a file: nobody is told, and the keys are shown again.
    for marker in ("unkept", "again"):
        terminal.type("clear; XDG_STATE_HOME=%s %s browse --db %s --as-of %s\n"
                      % tuple(map(shlex.quote, (world.db, canopy, world.db, DAY))))
        seen = terminal.see("→ opens · space marks", "Alder Root CA")
        terminal.key("j")
        seen = seen and terminal.see("l open", "2/")
        back = leave(terminal, marker)
    tap.point(seen and back, "where it cannot be remembered it is shown again", terminal.screen())


def read_only(tap, terminal, canopy, world):
    os.chmod(world.db, 0o444)
    tap.point(start(terminal, canopy, world), "an index that cannot be written is browsed", terminal.screen())
    os.chmod(world.db, 0o644)
    leave(terminal, "readonly")


def resizes(tap, terminal, canopy, world):
    start(terminal, canopy, world)
    terminal.key("Space")
    terminal.see("1 mark")
    pid = pid_of(terminal)
    for _ in range(5):
        for cols, rows in SIZES:
            terminal.tmux("resize-window", "-x", str(cols), "-y", str(rows))
    tap.point(terminal.see("Alder Root CA", "1 mark", "2/8") and pid_of(terminal) == pid, "45 sizes one after another", terminal.screen())
    for cols, rows, want in [(80, 1, "too small"), (1, 24, ""), (80, 24, "Alder Root CA")]:
        terminal.tmux("resize-window", "-x", str(cols), "-y", str(rows))
        terminal.key("i")
        terminal.key("q")
        tap.point(terminal.see(want) and pid_of(terminal) == pid, "%d columns, %d lines" % (cols, rows), terminal.screen())
    leave(terminal, "resized")
    terminal.tmux("resize-window", "-x", "80", "-y", "1")
    terminal.type("clear; %s browse --db %s --as-of %s\n" % (shlex.quote(canopy), shlex.quote(world.db), DAY))
    small = terminal.see("too small")
    terminal.tmux("resize-window", "-x", "80", "-y", "24")
    tap.point(small and terminal.see("Alder Root CA"), "it starts on one line, and grows", terminal.screen())
    leave(terminal, "grown")


def terms(tap, terminal, canopy, world):
    for name in TERMS:
        terminal.type("clear; TERM=%s %s browse --db %s --as-of %s\n" % (name, shlex.quote(canopy), shlex.quote(world.db), DAY))
        seen = terminal.see("mozilla · tls · " + DAY, "Alder Root CA")
        terminal.key("l")
        seen = seen and terminal.see("Alder Policy CA", "1/18")
        terminal.key("Space")
        seen = seen and terminal.see("1 mark", "R ", "CAs lost")
        shown = terminal.screen()
        back = leave(terminal, name.replace("-", ""))
        tap.point(seen and back, "TERM=" + name, shown)
    for name, want in [("dumb", "'dumb' cannot show"), ("''", "'' cannot show"), ("no-such-terminal", "does not know the terminal 'no-such-terminal'"),
                       ("unknown", "the terminal 'unknown'")]:
        terminal.type("clear; TERM=%s %s browse --db %s; echo status=$?\n" % (name, shlex.quote(canopy), shlex.quote(world.db)))
        tap.point(terminal.see(want, "status=2"), "TERM=%s is told" % name, terminal.screen())


def killed(tap, terminal, canopy, world):
    start(terminal, canopy, world)
    terminal.key("Space", "w")
    terminal.see("save the scenario as:")
    terminal.type("kept")
    terminal.key("Enter")
    terminal.see("is saved")
    os.kill(pid_of(terminal), signal.SIGKILL)
    terminal.see("Killed")
    # The terminal is what it was when the program could not clear up: reset is the user's.
    terminal.type("\nreset\n")
    back = terminal.shell_is_back("killed")
    tap.point(back and intact(world), "kill -9 leaves a whole index", terminal.screen())
    again = start(terminal, canopy, world)
    terminal.key("L")
    tap.point(again and terminal.see("kept  "), "with what was saved", terminal.screen())
    terminal.key("Escape")
    terminal.see("q quit")
    leave(terminal, "unkilled")


def closed(tap, terminal, canopy, world):
    for how in ("in a view", "in a prompt", "while a file is written"):
        start(terminal, canopy, world)
        pid = pid_of(terminal)
        if how == "in a prompt":
            terminal.key("/")
            terminal.type("ald")
            terminal.see("/ ald")
        if how == "while a file is written":
            terminal.key("Space", "x", "C-u")
            terminal.type(os.path.join(world.path, "closed.html"))
            terminal.see("closed.html")
            terminal.key("Enter")
        terminal.tmux("respawn-pane", "-k", "bash --norc --noprofile -i")
        tap.point(ended(pid), "its terminal is closed " + how)
    left = [name for name in os.listdir(world.path) if name.startswith("closed") and name != "closed.html"]
    tap.point(not left, "nothing is left of the file that was written", left)


def hung_up(tap, canopy, world):
    """No SIGHUP comes where the terminal is not the controlling one."""
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "rows", "24", "cols", "80"], stdin=theirs, check=True)
    child = subprocess.Popen([canopy, "browse", "--db", world.db, "--as-of", DAY], stdin=theirs, stdout=theirs, stderr=theirs,
                             env=dict(world.env, TERM="xterm"), start_new_session=True)
    os.close(theirs)
    seen = b""
    while b"Alder Root" not in seen:
        seen += os.read(ours, 65536)
    os.close(ours)
    try:
        child.wait(PATIENCE)
        tap.point(True, "a terminal that hangs up without a signal ends it")
    except subprocess.TimeoutExpired:
        child.kill()
        tap.point(False, "a terminal that hangs up without a signal ends it", "it goes on")


def no_terminal(tap, canopy, world):
    ours, theirs = pty.openpty()
    command = "%s browse --db %s" % (shlex.quote(canopy), shlex.quote(world.db))
    for name, shell in [("stdout is a pipe", "%s | cat; exit ${PIPESTATUS[0]}"), ("stdout is a closed pipe", "%s | true; exit ${PIPESTATUS[0]}"),
                        ("stdout is a file", "%s > out"), ("stdout is closed", "%s >&-"), ("stdin is closed", "%s <&-"),
                        ("stdin is no terminal", "%s </dev/null"), ("all is closed but stderr", "%s <&- >&-")]:
        done = subprocess.run(["bash", "-c", shell % command], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, cwd=world.path,
                              env=dict(world.env, TERM="xterm"), timeout=PATIENCE)
        said = done.stderr.decode()
        tap.point(done.returncode == 2 and said.count("\n") == 1 and "needs a terminal" in said, name, "%d %s" % (done.returncode, said))
    os.close(ours)
    os.close(theirs)


def run(tap, terminal, canopy, world):
    first_start(tap, terminal, canopy, world)
    read_only(tap, terminal, canopy, world)
    resizes(tap, terminal, canopy, world)
    terms(tap, terminal, canopy, world)
    killed(tap, terminal, canopy, world)
    closed(tap, terminal, canopy, world)
    hung_up(tap, canopy, world)
    no_terminal(tap, canopy, world)


def main():
    if not shutil.which("tmux") or not shutil.which("ps"):
        print("1..0 # SKIP no tmux or ps here")
        return
    canopy, maker = map(os.path.abspath, sys.argv[1:3])
    world = World(canopy, maker)
    terminal = Terminal(world)
    tap = Tap(3 + 1 + 5 + len(TERMS) + 4 + 2 + 4 + 1 + 7)
    try:
        run(tap, terminal, canopy, world)
    finally:
        terminal.close()
    tap.end()


main()
