#!/usr/bin/env python3
"""What people open the browser for, played key by key; what they read there is
what the commands say: on a large screen in ASCII, and on one of 80x24 in UTF-8,
where they scroll.

usage: tasks.py CANOPY CANOPY-WORLD SCREEN
"""

import itertools
import json
import os
import re
import sqlite3
import sys

from fixture import DAY, Tap, World

# Signs beyond ASCII, as they are where there are none.
SIGNS = {"●": "Y", "◐": "s", "○": "-", "✗": "x", "✓": "ok", "├": "|", "└": "`", "─": "-", "│": "|", "…": "..", "⇄": "<>", "›": ">", "·": "|", "≥": ">="}
SCREENS = [("160x90", True), ("80x24", False)]  # and whether in ASCII
PAGES = 40  # of nothing that is scrolled are there so many


class Desk:
    """A browser on a world with Chrome's store and revocations, each CA of which is counted to the end."""

    size, ascii = SCREENS[0]

    def __init__(self, canopy, maker, screen):
        self.world = World(canopy, maker, ["--scale", "2000"])
        self.canopy, self.screen = canopy, screen
        self.world.run([canopy, "import", "--quiet", "--db", self.world.db, "--source-date", "2026-05-30", "chrome", "onecrl", "crlset", "crl"],
                       cwd=os.path.join(self.world.path, "world"))
        db = sqlite3.connect(self.world.db)
        db.execute("INSERT INTO ca_count SELECT id, 0, NULL, NULL, NULL, 'import', (SELECT max(source_day) FROM ca_count), 2, 0 FROM ca"
                   " WHERE id NOT IN (SELECT ca FROM ca_count)")
        db.execute("UPDATE ca_count SET coverage = 2")
        db.commit()
        db.close()

    def see(self, keys, program="mozilla", size=None):
        """The lines that stand on the screen after the keys."""
        text = self.world.run([self.screen, "--db", self.world.db, "--as-of", DAY, "--today", DAY, "--program", program, "--size", size or self.size,
                               "--canopy", self.canopy, "--keys", keys] + ["--ascii"] * self.ascii, cwd=self.world.path)
        if text.isascii() and not self.ascii:
            raise ValueError("no sign beyond ASCII\n" + text)
        for sign, plain in SIGNS.items():
            text = text.replace(sign, plain)
        return text.splitlines()

    def scroll(self, keys, program="mozilla"):
        """The lines of all pages from the start on, between what surrounds them."""
        keys, every = keys + " g", []
        for _ in range(PAGES):
            page = self.see(keys, program)[2:-2]
            same = next(n for n in range(min(len(every), len(page)), -1, -1) if every[len(every) - n:] == page[:n])
            if every and same == len(page):
                return every
            every += page[same:]
            keys += " PgDn"
        raise ValueError("it has no end: " + keys)

    def say(self, command, *arguments):
        """What a command says. It may find something: exit status 1."""
        text = self.world.run(["sh", "-c", '"$@" || [ $? = 1 ]', "sh", self.canopy, command, "--db", self.world.db, "--as-of", DAY, *arguments,
                               "--format", "json"])
        return json.loads(text)


def number(text):
    found = re.search(r"\d[\d,]*", text)
    return int(found[0].replace(",", "")) if found else None


def field(lines, label):
    """What stands behind a label, on that line and those below."""
    for i, line in enumerate(lines):
        found = re.match(r" {3}%s {2,}(.*)" % re.escape(label), line)
        if found:
            more = itertools.takewhile(bool, (re.match(r" {19}(\S.*)", line) for line in lines[i + 1:]))
            return " ".join([found[1].strip()] + [line[1].strip() for line in more])
    return None


def is_cut(shown, name):
    """A name that was too long lacks its middle."""
    return re.fullmatch(".*".join(map(re.escape, shown.split(".."))), name)


def section(lines, title):
    """The lines of a section."""
    at = next((i for i, line in enumerate(lines) if line.startswith(" " + title)), len(lines))
    end = next((i for i in range(at + 1, len(lines)) if not lines[i].strip()), len(lines))
    return lines[at:end]


def who_operates(tap, d):
    """A fingerprint is pasted as openssl writes it, with colons; Enter opens whose it is."""
    db = sqlite3.connect(d.world.db)
    every = [row[0].hex() for row in db.execute("SELECT sha256 FROM ca_certificate ORDER BY sha256")]
    db.close()
    wrong, owners = [], set()
    for sha256 in every[::4]:
        pasted = ":".join(sha256[i:i + 2] for i in range(0, 64, 2)).upper()
        got = field(d.see("/ '%s' Enter Enter" % pasted), "owner") or ""
        want = d.say("show", sha256)["owner"]
        owners.add(want)
        # of a name that cannot stand on a terminal the rest is compared
        like = ".*".join(map(re.escape, re.split(r"[^ -~]+", want))) if want else "not known"
        if not re.match(like, got):
            wrong.append("%s: %r on the screen, %r in show" % (sha256[:8], got, want))
    tap.point(not wrong and len(owners) > 5, "who operates a given fingerprint", "\n".join(wrong) or str(owners))


def five_largest(tap, d):
    """A root is opened: below it stand its sub-CAs, the largest first; last those that stand there by a revoked certificate."""
    def revoked(child):
        faces = {c["sha256"]: c["revoked_by"] for c in d.say("show", child["ca_id"])["certificates"]}
        return all({"crl", "ccadb", "onecrl"} & {by["source"] for by in faces[sha256] if by["holds_on_day"]} for sha256 in child["cert_sha256"])

    lines = d.scroll("a / 'alder root ca' Enter l")
    rows = [re.match(r" +([\d,]+) .*[|`]-\S* +(\S.*?)(?:  |$)", line) for line in lines]
    got = [(number(row[1]), row[2]) for row in rows if row]
    children = d.say("show", "Alder Root CA")["child_cas"]
    want = sorted(((c["subtree_unexpired"], c["name"]) for c in children if not revoked(c)), reverse=True)
    want += sorted(((c["subtree_unexpired"], c["name"]) for c in children if revoked(c)), reverse=True)
    tap.point(len(got) == len(want) > 5 and [n for n, _ in got] == [n for n, _ in want] and
              all(any(n == of and is_cut(re.sub(r" <> \d+$", "", name), whole) for of, whole in want) for n, name in got[:5]),
              "the five largest sub-CAs of a root", "on the screen %s\nin show %s" % (got, want))


def survives(tap, d):
    """The root is removed; a sub-CA's details then say whether it is trusted, by which path, or what fails on each."""
    answer = d.say("impact", "--program", "mozilla", "--purpose", "tls", "--mark", "Alder Root CA=remove")
    wrong, seen = [], set()
    for ca in answer["cas"]:
        lines = d.scroll("/ 'alder root ca' Enter m r / '%s' Enter Enter" % ca["ca_id"])
        trust = section(lines, "Trust for tls")
        own = trust[2:next((i for i in range(3, len(trust)) if re.match(r"   \S", trust[i])), len(trust))]
        said = {"Y": "all", "s": "some", "-": "none", "x": "none"}[own[0].split()[0]]
        paths = [line for line in own if re.search(r"[|`]- (ok|x) ", line)]
        kept = any(" ok " in line for line in paths)
        why = any("removed by a mark" in line for line in paths)
        seen.add((said, kept))
        if said != ca["after"] or kept != (said != "none") or not why:
            wrong.append("%s: %s in impact\n%s" % (ca["name"], ca["after"], "\n".join(own)))
    tap.point(not wrong and {("none", False), ("all", True)} <= seen, "whether a sub-CA survives the removal of its root, and why",
              "\n".join(wrong) or str(seen))


SIX = ["Alder Root CA", "Birch Root R1", "Cedar Root E1", "Elm Government Root 2055", "Fir Root CA", "Dogwood Mail CA 1"]
MARK_SIX = " ".join("/ '%s' Enter Space" % name.lower() for name in SIX)
SIX_MARKS = [word for name in SIX for word in ("--mark", name + "=block")]


def loss_in_chrome(tap, d):
    """Six roots are marked; Chrome's loss stands in a line at once, and in its row among the programs."""
    lines = d.see(MARK_SIX, "chrome")
    total = d.say("impact", "--program", "chrome", "--purpose", "tls", *SIX_MARKS)["total"]
    line = next((line for line in lines if line.startswith(" 6 marks")), "")
    said = re.search(r"([\d,]+)(?: of ([\d,]+))? leaves lost", line)
    row = next((line for line in section(d.scroll(MARK_SIX + " i", "chrome"), "Programs") if line.split()[:2] == [">", "chrome"]), "")
    tap.point(said and number(said[1]) == total["lost"] > 50 and number(row) == total["lost"],
              "six roots are marked and the loss in Chrome is read", "%s\n%s\n%s" % (line, row, total))


# In no order; Chrome's store has none of the last three.
OWNED = ["Alder Root CA", "Cedar Root E1", "Fir Root CA", "Ginkgo Research Root", "Oak Class 3 Root", "Pine Root (SHA-1)"]


def owners_six(tap, d):
    """The owner's row is searched for and marked: those roots that the program has, or all of them, each as by itself; and where it has none."""
    wrong = []
    for names, question, answers in [(OWNED, "mark chrome's 3 of 6 roots of Maple (fictional)? (y; a: all 6; else no)", [("y", OWNED[:3]), ("a", OWNED)]),
                                     (OWNED[3:], "mark the 3 roots of Maple (fictional)? (y; any other key: no)", [("y", OWNED[3:])])]:
        with sqlite3.connect(d.world.db) as db:
            was = db.execute("SELECT owner, id FROM ca WHERE name IN (%s)" % ",".join("?" * len(names)), names).fetchall()
            db.executemany("UPDATE ca SET owner = 'Maple (fictional)' WHERE id = ?", [row[1:] for row in was])
        keys = "A O / 'maple' Enter Space"
        asked = d.see(keys, "chrome")[-1].strip()
        for answer, marked in answers:
            lines, single = d.scroll("%s %s i" % (keys, answer), "chrome"), d.scroll(
                "A " + " ".join("/ '%s' Enter Space" % name.lower() for name in marked) + " i", "chrome")
            total = d.say("impact", "--program", "chrome", "--purpose", "tls", *[word for name in marked for word in ("--mark", name + "=block")])["total"]
            row = next((line for line in section(lines, "Programs") if line.split()[:2] == [">", "chrome"]), "")
            marks = [sorted(line for line in section(page, "Marks") if re.match(r"   B  ", line)) for page in (lines, single)]
            if asked != question or marks[0] != marks[1] or len(marks[0]) != len(marked) or number(row) != total["lost"]:
                wrong.append("%s: %s\n%s\n%s\n%s" % (answer, asked, marks, row, total))
        with sqlite3.connect(d.world.db) as db:
            db.executemany("UPDATE ca SET owner = ? WHERE id = ?", was)
    tap.point(not wrong and total["lost"] == 0, "the roots of an owner are marked in his row", "\n".join(wrong))


def day_of_fewer(tap, d):
    """`t` asks for a number; the day stands in the impact view."""
    until = d.say("impact", "--program", "chrome", "--purpose", "tls", *SIX_MARKS, "--until", "100")["until"]
    lines = d.see(MARK_SIX + " i t C-u '100' Enter", "chrome")
    line = " ".join(" ".join(lines).split())
    line = line[max(line.find("fewer than 100") - 80, 0):][:200]
    tap.point(until["from"] and "from %s on" % until["from"] in line, "the day when fewer than 100 leaves would break", "%s\n%s" % (line, until))


def report(tap, d):
    """`x` asks for the file's name."""
    path = os.path.join(d.world.path, "cut-%s.json" % d.size)
    lines = d.see(MARK_SIX + " x C-u '%s' Enter" % os.path.basename(path), "chrome")
    with open(path, encoding="utf-8") as f:
        got = json.load(f)
    want = d.say("impact", "--program", "chrome", "--purpose", "tls", *SIX_MARKS)
    tap.point("is written" in lines[-1] and got["total"] == want["total"] and got["cas"] == want["cas"], "the report is saved", lines[-1])


# Revoked on the day by anybody, while another certificate of the key is valid on it and nobody has revoked that one.
ALIVE = """
  WITH gone AS (SELECT DISTINCT certificate FROM revocation
    WHERE (since IS NULL OR date(since, 'unixepoch') <= :day) AND (until IS NULL OR date(until, 'unixepoch') > :day)),
  mine AS (SELECT c.*, spki_sha256 FROM ca_certificate c JOIN ca ON ca.id = c.ca)
  SELECT lower(hex(r.sha256)), lower(hex(o.sha256)), date(o.not_after, 'unixepoch') FROM mine r JOIN mine o USING (spki_sha256)
    WHERE r.certificate IN gone AND o.certificate NOT IN gone"""


def alive(tap, d):
    """The findings of one kind, as the help tells: every revoked CA whose key lives on, on every screen; and what is written of them."""
    db = sqlite3.connect(d.world.db)
    lives = db.execute(ALIVE, {"day": DAY}).fetchall()
    owners = dict(db.execute("SELECT lower(hex(sha256)), owner FROM ca_certificate c JOIN ca ON ca.id = c.ca"))
    db.close()
    want, wrong = sorted({row[0][:8] for row in lives}), []
    for keys in "f / 'sibling-alive' Enter l", "f & 'kind:sibling-alive' Enter":
        for size in "80x24", "100x30", "120x40", "160x90":
            lines = d.see(keys, size=size)
            rows = [re.match(r" {3}(?:high|medium|low) +(\S.*?) +(?:\S.* )?([0-9a-f]{8}) revoked by \w+ on 20", line) for line in lines]
            rows = [row for row in rows if row]
            if sorted(row[2] for row in rows) != want or [row[1] for row in rows] != sorted(row[1] for row in rows):
                wrong.append("%s at %s\n%s" % (keys, size, "\n".join(lines)))
    d.see("f & 'kind:sibling-alive' Enter x C-u 'alive-%s.md' Enter" % d.size)
    with open(os.path.join(d.world.path, "alive-%s.md" % d.size), encoding="utf-8") as f:
        text = f.read()
    for revoked, living, end in lives:
        row = next((row for row in text.splitlines() if "| %s |" % revoked in row), "")
        told = r"revoked by crl on 20\S+, .*key lives on in certificate .*%s of '[^']+', valid to %s, trusted by mozilla tls" % (living, end)
        if not re.search(told, row) or owners[revoked] not in row.replace("\\", ""):
            wrong.append("%s: %s" % (revoked, row))
    tap.point(not wrong and len(want) >= 3 and text.startswith("# findings about the hierarchy on %s\n" % DAY) and
              "- %d findings about" % len(want) in text, "every revoked CA whose key lives on", "%s\n%s" % (want, "\n".join(wrong)))


class Played(Tap):
    where = ""

    def point(self, good, name, why=""):
        super().point(good, name + self.where, why)


TASKS = [who_operates, five_largest, survives, loss_in_chrome, owners_six, day_of_fewer, report, alive]


def main():
    d = Desk(*map(os.path.abspath, sys.argv[1:4]))
    tap = Played(len(TASKS) * len(SCREENS))
    for d.size, d.ascii in SCREENS:
        tap.where = " on %s in %s" % (d.size, "ASCII" if d.ascii else "UTF-8")
        for task in TASKS:
            task(tap, d)
    tap.end()


main()
