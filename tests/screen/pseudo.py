"""The real program on a pseudo-terminal, byte by byte: what is sent to it, what it
sends, what must never be in that, and how it leaves the terminal."""

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata

PATIENCE = 20  # seconds; a text is waited for, never slept for


def sequences(colours):
    return re.compile(rb"\x1b\[(?:(?:[0-47]|1[01]|22|24|27|39|49|%s)?(?:;|(?=m)))*m|\x1b\[[0-9;]*[ABCDGHJKLMPSTXbdr@]"
                      rb"|\x1b\[\?[0-9;]+[hlc]|\x1b\[2[23];0;0t|\x1b\[4l|\x1b[()][0B]|\x1b[78=>M]"
                      rb"|\x1b\]104\x07|\x1b\]52;c;[A-Za-z0-9+/=]*\x07" % colours)


# What curses sends to terminals of 256 and of 8 colours, and the browser's own OSC 52. Of 256 colours the themes use
# those above the first 8 only, so that a name's own ESC [31m is seen.
MANY, FEW = sequences(rb"[34]8;5;[0-9]+"), sequences(rb"[34][0-7]")
PLAIN = set(b"\a\b\t\n\r\x0e\x0f")


def without_sequences(data):
    return re.sub(rb"[\x07\x08\x0e\x0f]", b"", FEW.sub(b"", MANY.sub(b"", data)))


def forbidden(data, sequence=MANY):
    """What of the bytes is neither a sequence of curses' nor a printable character; data must not end inside of one."""
    found = []
    rest = sequence.sub(b"", data)
    try:
        text = rest.decode()
    except UnicodeDecodeError as e:
        found.append("invalid UTF-8 at %r" % rest[max(0, e.start - 20):e.end + 20])
        text = rest.decode(errors="replace")
    for i, c in enumerate(text):
        kind = unicodedata.category(c)
        if kind in ("Cc", "Cf", "Zl", "Zp", "Cs", "Cn") and not (ord(c) < 0x80 and ord(c) in PLAIN):
            found.append("U+%04X in %r" % (ord(c), text[max(0, i - 20):i + 20]))
    return found


class Pseudo:
    """A program on a pseudo-terminal of its own; .sent is all that it wrote to it."""

    def __init__(self, command, env, cols=80, rows=24, cwd=None):
        self.master, slave = pty.openpty()
        self.slave = slave  # kept open, so that its modes can be asked afterwards
        self.size(cols, rows)
        self.before = termios.tcgetattr(slave)
        self.errors = b""
        self.sent = b""
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=subprocess.PIPE, env=env, cwd=cwd,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.set_blocking(self.process.stderr.fileno(), False)

    def size(self, cols, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def type(self, data):
        """All of it, reading meanwhile: a terminal's buffer is small. False when nobody reads any more."""
        data = data.encode() if isinstance(data, str) else data
        end = time.monotonic() + PATIENCE
        while data and time.monotonic() < end:
            self.read(0)
            if not select.select([], [self.master], [], 0.05)[1]:
                if self.process.poll() is not None:
                    return False
                continue
            try:
                data = data[os.write(self.master, data[:256]):]
            except OSError:
                return False
        return not data

    def read(self, seconds):
        """What comes within that time, until nothing came for a moment; False when nothing did."""
        end, got = time.monotonic() + seconds, False
        while True:
            ready = select.select([self.master, self.process.stderr], [], [], max(0, min(end - time.monotonic(), 0.05)))[0]
            if self.process.stderr in ready:
                self.errors += os.read(self.process.stderr.fileno(), 65536)
            if self.master in ready:
                try:
                    self.sent += os.read(self.master, 65536)
                    got = True
                    continue
                except OSError as e:
                    if e.errno != errno.EIO:
                        raise
            if self.process.poll() is not None or time.monotonic() >= end or got:
                return got

    def see(self, *texts):
        """Whether a screen that is drawn anew (C-l, where nothing is asked) comes to hold all these texts."""
        return self.wait(lambda drawn: all(text.encode() in drawn for text in texts), b"\x0c")

    def appears(self, *texts, since=0):
        """The same without asking for a new screen: in what was sent from that offset on."""
        return self.wait(lambda drawn: all(text.encode() in without_sequences(self.sent[since:]) for text in texts), b"")

    def wait(self, good, ask):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            at = len(self.sent)
            self.type(ask)
            self.read(0.5)
            if good(without_sequences(self.sent[at:])):
                return True
        return False

    def stop(self, key=b""):
        """By that key or else by the signal itself; nobody is there to continue it, so that it goes on at once. Until it has the terminal
        in hand again what is typed is echoed by the kernel. Knows it by the other screen, which some have not."""
        at, end = len(self.sent), time.monotonic() + PATIENCE
        if key:
            self.type(key)
        else:
            self.process.send_signal(signal.SIGTSTP)
        while time.monotonic() < end and self.process.poll() is None:
            self.read(0.05)
            if b"\x1b[?1049h" in self.sent[at:]:
                return True
        return False

    def finish(self):
        """Waits for the end; the exit status, negative for a signal, or None if it goes on."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        while self.read(0):
            pass
        try:
            self.errors += os.read(self.process.stderr.fileno(), 1 << 20)
        except BlockingIOError:
            pass
        return self.process.poll()

    def left_as_found(self):
        """The modes are as before, and what switches the terminal was switched back; else what is not."""
        wrong = []
        after = termios.tcgetattr(self.slave)
        if after != self.before:
            wrong.append("the terminal's modes differ: %s, not %s" % (after[:4], self.before[:4]))
        for mode, name in ((b"1049", "other screen"), (b"2004", "bracketed paste"), (b"1000", "mouse"), (b"1006", "mouse, SGR")):
            switched = re.findall(rb"\x1b\[\?(?:[0-9]+;)*%s(?:;[0-9]+)*([hl])" % mode, self.sent)
            if switched and switched[-1] == b"h":
                wrong.append(name + " is left on")
        if self.sent.rfind(b"\x1b[?25l") > self.sent.rfind(b"\x1b[?25h"):
            wrong.append("the cursor is left hidden")
        coloured = re.findall(rb"\x1b\[([0-9;]*)m", self.sent)
        if coloured and coloured[-1] not in (b"", b"0", b"0;10", b"39;49", b"37;40"):
            wrong.append("the last colour is left on")
        return wrong

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.process.stderr.close()
        os.close(self.master)
        os.close(self.slave)
