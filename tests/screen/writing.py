#!/usr/bin/env python3
"""What `x` and `X` write is what the command writes, to the byte; what cannot
be written is said, and nothing else is touched.

usage: writing.py CANOPY CANOPY-WORLD SCREEN
"""

import os
import re
import resource
import signal
import subprocess
import sys

from fixture import DAY, Tap, World

ASK = ["--as-of", DAY, "--program", "mozilla", "--purpose", "tls"]
ROWS = ("csv", "ndjson")
FORMATS = {"md": "md", "html": "html", "csv": "csv", "json": "json", "ndjson": "ndjson", "txt": "table"}
EXPORTS = {"onecrl": "o", "blocklist": "b", "certdata": "c", "constraints": "n", "dot": "d", "certs": "e"}


class Player:
    def __init__(self, canopy, maker, screen):
        self.world = World(canopy, maker)
        self.canopy, self.screen = canopy, screen
        self.folder = os.path.join(self.world.path, "written here")
        os.mkdir(self.folder)

    def play(self, keys, size="140x24", **more):
        return self.world.run([self.screen, "--db", self.world.db, "--today", DAY, "--size", size, "--canopy", self.canopy,
                               "--keys", keys] + ASK[:2], cwd=self.folder, **more)

    def answer(self, keys, **more):
        return self.play(keys, **more).rstrip("\n").splitlines()[-1].strip()

    def command(self, *arguments, code=0):
        done = subprocess.run([self.canopy, *arguments, "--db", self.world.db], env=self.world.env, capture_output=True,
                              cwd=self.folder)
        if done.returncode != code:
            sys.exit("%s: exit %d\n%s" % (arguments, done.returncode, done.stderr.decode()))
        return done.stdout

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        try:
            with open(self.path(name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def files(self):
        return sorted(os.listdir(self.folder))


def own_line(report):
    """Without the line that repeats the command: options stand in another order there."""
    return re.sub(rb"canopy impact [^\n<]*", b"canopy impact", report)


def reports(tap, p):
    marks = []
    for line in p.command("scenario", "show", "all-kinds", "--format", "table").decode().splitlines():
        word, _, rest = line.partition(" ")
        if word in ("mark", "exempt", "revocation"):
            marks += ["--" + word, rest]
        elif word == "stage":
            marks += ["--stage", rest.replace(" ", ":", 1)]
    for suffix, form in FORMATS.items():
        said = p.answer("L 'all-kinds' Enter x C-u 'report.%s' Enter" % suffix)
        beside = [] if suffix in ROWS else ["--beside", "all"]
        got, want = p.read("report." + suffix), p.command("impact", *marks, *ASK, "--format", form, *beside)
        good = got and own_line(got) == own_line(want) and "is written, {:,} bytes".format(len(got)) in said
        tap.point(good and len(want) > 300, "the report as %s is that of impact" % form, said)
    line = re.search(rb"canopy (impact [^\n`]*)", p.read("report.md"))[1].decode()
    done = subprocess.run(["sh", "-c", '"$CANOPY" ' + line], env=dict(p.world.env, CANOPY=p.canopy), cwd=p.folder,
                          capture_output=True)
    tap.point(done.stdout == p.read("report.md"), "the command in the report makes the same bytes",
              line + "\n" + done.stderr.decode())
    return marks


def told(said):
    """The options of the command that the browser says it was."""
    found = re.search(r"as canopy impact( [^,;]*)", said)
    return found[1].split() if found else None


def later(tap, p):
    """What `t` and the programs answer on the screen stands in the report, too."""
    ask = "i t C-u '20' Enter"
    marks = ["--mark", "Alder Root CA=remove"]
    p.command("scenario", "save", "one", "-q", "--program", "mozilla", *marks)
    shown = p.play("L 'one' Enter " + ask + " ")
    for suffix, form in FORMATS.items():
        said = p.answer("L 'one' Enter %s x C-u 'later.%s' Enter" % (ask, suffix))
        options = ["--format", form]
        if suffix not in ROWS:
            options += ["--until", "20"] + (["--report"] if form in ("md", "table") else []) + ["--beside", "all"]
        got, want = p.read("later." + suffix), p.command("impact", *marks, *ASK, *options)
        tap.point(told(said) == options and own_line(got) == own_line(want), "as %s: the command that is said makes the same bytes" % form,
                  said)
        os.unlink(p.path("later." + suffix))
    md = p.command("impact", *marks, *ASK, "--format", "md", "--until", "20", "--report", "--beside", "all").decode()
    found = re.search(r"fewer than 20 leaves are lost: (not before|from) (\d{4}-\d\d-\d\d)", md)
    tap.point(found and re.search("fewer than 20 are lost: %s %s" % (found[1], found[2]), shown), "the day is that of the screen", shown)
    p.command("scenario", "save", "unknown", "-q", "--program", "mozilla", "--mark", "Birch Root R1=remove")
    said = p.answer("L 'unknown' Enter %s x C-u 'no.md' Enter" % ask)
    tap.point("is written" in said, "an answer of no is written as well", said)


def asked_anew(tap, p):
    """What `t` asked is forgotten with the question that it was asked in, and stands in no later report."""
    ask, asks = "L 'one' Enter i t C-u '20' Enter ", "t asks from which day on"
    for name, keys, kept in (("nothing", "i", True), ("what is counted", "q a i", True), ("the marks", "q / 'Birch Root R1' Enter Space i", False),
                             ("the marks undone", "u C-r", False), ("the program", "p", False), ("the purpose", "P P", False),
                             ("the day", "{", False)):
        shown = p.play(ask + keys, size="140x60")
        said = p.play(ask + keys + " x C-u 'anew.md' Enter")
        got = p.read("anew.md").decode()
        tap.point(("fewer than 20" in got) == kept and ("--until 20" in got) == kept and (asks in shown) != kept,
                  "t is %s after a change of %s" % ("kept" if kept else "forgotten", name), shown + got[:900] + said)
        os.unlink(p.path("anew.md"))


def exports(tap, p, marks):
    for name, letter in EXPORTS.items():
        said = p.answer("L 'all-kinds' Enter X %s C-u 'out' Enter" % letter)
        got = p.read("out")
        want = p.command("export", name, *marks, *ASK, code=0 if got is not None else 1)
        tap.point(got == want if got is not None else "'out' is not written" in said and not want,
                  "the export %s is that of the command" % name, said)
        if got is not None:
            os.unlink(p.path("out"))


def questions(tap, p):
    with open(p.path("old.md"), "w", encoding="utf-8") as f:
        f.write("old\n")
    os.chmod(p.path("old.md"), 0o640)
    asked = p.answer("Space x C-u 'old.md' Enter")
    kept = p.answer("Space x C-u 'old.md' Enter n")
    tap.point("'old.md' is there; replace it?" in asked and p.read("old.md") == b"old\n" and "written" not in kept,
              "a file that is there is asked about, and kept", asked)
    said = p.answer("Space x C-u 'old.md' Enter y")
    tap.point("is written" in said and p.read("old.md").startswith(b"# ") and os.stat(p.path("old.md")).st_mode & 0o777 == 0o640,
              "and replaced after y, with its permissions", said)
    said = p.answer("/ 'alder rollover' Enter m r x C-u 'idle.csv' Enter")
    tap.point(re.search(r"'[0-9a-f]{8}…=remove' changes nothing in mozilla", said), "a fingerprint gives way to what is said of it", said)
    said = p.answer("Space x Enter")
    tap.point("impact-mozilla-tls-%s.md" % DAY in p.files(), "a name is proposed", said)
    said = p.answer("Space w 'my cut' Enter x Enter")
    tap.point("my-cut.md" in p.files(), "that of the scenario when it has one", said)


def findings(tap, p):
    for suffix, form in FORMATS.items():
        if form == "html":
            continue
        said = p.answer("f x C-u 'found.%s' Enter" % suffix)
        got, want = p.read("found." + suffix), p.command("check", "--as-of", DAY, "--format", form, code=1)
        tap.point(got == want and len(want) > 300 and "findings, {:,} bytes".format(len(got)) in said,
                  "the findings as %s are those of check" % form, said)
    said = p.answer("f & 'kind:weak-key' Enter x C-u 'some.csv' Enter")
    tap.point(p.read("some.csv") == p.command("check", "--as-of", DAY, "--format", "csv", "--kind", "weak-key", code=1)
              and "as the filter has them" in said, "a filter holds for the file, too", said)
    p.answer("f & 'kind:weak-key' Enter x C-u 'some.md' Enter")
    md = p.read("some.md")
    tap.point(md == p.command("check", "--as-of", DAY, "--format", "md", "--kind", "weak-key", code=1)
              and md.startswith(b"# findings about the hierarchy on %s\n" % DAY.encode()) and b"- filter: kind:weak-key\n" in md,
              "which names it in Markdown, as the command does", md.decode())
    p.answer("f & '\"of_pine\" !kind:cycle' Enter x C-u 'words.md' Enter")
    tap.point(b'- filter: "of\\_pine" !kind:cycle\n' in p.read("words.md"), "as it was typed, made harmless", p.read("words.md").decode())
    said = p.answer("f & 'kind:unrevoked' Enter x C-u 'none.json' Enter")
    tap.point(p.read("none.json").strip() == b"[]" and "0 findings" in said, "also one that leaves none", said)
    with open(p.path("there.csv"), "w", encoding="utf-8") as f:
        f.write("old\n")
    asked, kept = p.answer("f x C-u 'there.csv' Enter"), p.answer("f x C-u 'there.csv' Enter n")
    tap.point("'there.csv' is there; replace it?" in asked and p.read("there.csv") == b"old\n" and "written" not in kept,
              "a file that is there is asked about", asked)
    said = p.answer("f x C-u 'there.csv' Enter y")
    tap.point(p.read("there.csv") == p.read("found.csv"), "and replaced after y", said)
    before = p.files()
    for name, want in [("a.html", "end it in .csv"),
                       ("nowhere/a.csv", "cannot write into 'nowhere/': no such file or directory")]:
        said = p.answer("f x C-u '%s' Enter" % name)
        tap.point(want in said and p.files() == before, "findings: %s is refused" % name, said)
    def full():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as canopy itself has it; Python's own children do not
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
    shm = p.answer("f x C-u 'there.csv' Enter y", preexec_fn=full)
    tap.point("is not written: cannot write: file too large" in shm and p.read("there.csv") == p.read("found.csv") and p.files() == before,
              "findings that do not fit on the disk leave the file that was there", shm)
    said = p.answer("f x Enter")
    tap.point("findings-%s.md" % DAY in p.files(), "a name is proposed for findings", said)


def refusals(tap, p):
    os.mkdir(p.path("folder.md"))
    before = p.files()
    for name, want in [("nowhere/a.md", "cannot write into 'nowhere/': no such file or directory"),
                       ("folder.md", "that is a folder: name a file in it"),
                       ("a.doc", "end it in .md"),
                       ("/dev/null.md", "cannot write '/dev/null.md'") if os.geteuid() else
                       ("old.md/a.md", "cannot write into 'old.md/': not a directory")]:
        said = p.answer("Space x C-u '%s' Enter" % name)
        tap.point(want in said and p.files() == before, "%s is refused" % name, said)
    said = p.answer("x")
    tap.point("no marks to write of" in said, "without marks there is nothing to write", said)
    # SQLite's own files are as large as that, the page is larger.
    full = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (32768, 32768))
    said = p.answer("Space x C-u 'full.html' Enter", preexec_fn=full)
    tap.point("'full.html' is not written: cannot write to stdout: file too large" in said and p.files() == before,
              "a full disk is said, and nothing is left", said)
    with open(p.path("old.html"), "w", encoding="utf-8") as f:
        f.write("old\n")
    before = p.files()
    said = p.answer("Space x C-u 'old.html' Enter y", preexec_fn=full)
    tap.point("is not written" in said and p.read("old.html") == b"old\n" and p.files() == before,
              "and the file that was there stays", said)
    name = 40 * "long" + ".md"
    with open(p.path(name), "w", encoding="utf-8") as f:
        f.write("old\n")
    asked = p.answer("Space x C-u '%s' Enter" % name)
    tap.point(asked.startswith("'longlong") and asked.endswith("long.md' is there; replace it? (y; any other key: no)"),
              "a long name gives way to the question, not the question to it", asked)
    said = p.answer("Space x C-u 'folder.md' Enter Backspace Backspace 'csv' Enter")
    tap.point("'folder.csv' is written" in said, "what is refused may be mended", said)
    said = p.answer("Space x C-u 'away/a.md' Enter Home Del Del Del Del Del Enter")
    tap.point("'a.md' is written" in said, "a name in a folder that is not there may be mended, too", said)
    os.symlink("old.md", p.path("link.md"))
    said = p.answer("Space x C-u 'link.md' Enter y")
    tap.point(os.path.islink(p.path("link.md")) and "is written" in said, "a link is written through", said)


def main():
    p = Player(*map(os.path.abspath, sys.argv[1:4]))
    tap = Tap(len(FORMATS) + 1 + len(FORMATS) + 2 + len(EXPORTS) + 4 + 9 + len(FORMATS) - 1 + 13 + 7 + 1)
    said = p.answer("L Enter")
    tap.point("none is kept yet; w keeps the marks as one" in said, "where no scenario is kept, loading none says so", said)
    p.command("scenario", "save", "all-kinds", "-q", "--program", "mozilla", "--mark", "Alder Root CA=remove",
              "--mark", "Birch Root R1=distrust-after@2025-06-30", "--stage", "2026-07-15:Cedar Root E1=block",
              "--exempt", "Alder TLS CA 1", "--revocation", "none")
    marks = reports(tap, p)
    later(tap, p)
    asked_anew(tap, p)
    exports(tap, p, marks)
    questions(tap, p)
    findings(tap, p)
    refusals(tap, p)
    tap.end()


main()
