#!/usr/bin/env python3
"""The detail view says of every CA of the fictional world what the commands say of it.

usage: detail.py CANOPY CANOPY-WORLD SCREEN
"""

import contextlib
import csv
import io
import json
import os
import re
import shutil
import sqlite3
import sys

from fixture import DAY, Tap, World

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from crlcase import CA, extension, pem, tlv

GLYPHS = {"all": "Y", "some": "s", "none": "-x"}


class Screen:
    """The text of one detail, all of it, in ASCII and without charts."""

    def __init__(self, text):
        self.lines = [line[1:] for line in text.splitlines()[2:-2]]
        self.field = {}
        label = None
        for line in self.lines:
            if re.match(r"  \S.{0,14} +", line[:18]) and line[18:19].strip():
                label = line[2:18].strip()
                self.field.setdefault(label, []).append(line[18:])
            elif label and line[:18].strip() == "" and line.strip():
                self.field[label][-1] += " " + line[18:]
            else:
                label = None

    def first(self, label):
        return self.field.get(label, [""])[0]

    def section(self, title):
        """The lines of a section, up to the next empty one."""
        for i, line in enumerate(self.lines):
            if line.startswith(title):
                rest = self.lines[i:]
                return rest[:rest.index("") if "" in rest else len(rest)]
        return []


def number(text):
    """The least that a number on the screen says; None: unknown."""
    digits = re.sub(r"[^0-9]", "", re.split("[–-]", text)[0])
    return None if text == "?" or not digits else int(digits)


def counts(s, show):
    want = {"this CA": (show["unexpired"], show["issued"]),
            "with all below": (show["subtree_unexpired"], show["subtree_issued"])}
    for label, (unexpired, issued) in want.items():
        got = re.match(r"(\S+) unexpired of (\S+) issued", s.first(label))
        if not got:
            if unexpired is not None:
                yield "%s: %r on the screen, %s in show" % (label, s.first(label), unexpired)
            continue
        # nothing known and at least 0 are one sign
        for shown, told in ((got[1], unexpired), (got[2], issued)):
            if (number(shown) or 0) != (told or 0):
                yield "%s: %s on the screen, %s in show" % (label, shown, told)
    months = re.findall(r"(?:\d{4}-\d\d: |^|, )([\d,]+)(?= before|,|$| from)", s.first("issued by month"))
    if show["issued"] and sum(number(m) for m in months) != show["issued"]:
        yield "months: %s, issued %s" % (s.first("issued by month"), show["issued"])
    lengths = re.findall(r"(?:days|longer) +([\d,]+)", " ".join(s.field.get("validity", [])))
    if lengths and sum(number(n) for n in lengths) != show["unexpired"]:
        yield "validity: %s, unexpired %s" % (lengths, show["unexpired"])
    if show["source"] and show["source"] not in s.first("counted by"):
        yield "counted by: %r, %s in show" % (s.first("counted by"), show["source"])


def certificates(s, show):
    shown = s.field.get("SHA-1", [])
    if len(shown) != len(show["certificates"]):
        yield "%d certificates on the screen, %d in show" % (len(shown), len(show["certificates"]))
        return
    for at, c in enumerate(show["certificates"]):
        wrong = [k for label, k in (("SHA-1", "sha1"), ("serial", "serial"), ("issuer", "issuer"))
                 if not s.field[label][at].startswith(c[k] or "")]
        wrong += [k for k in ("not_before", "not_after") if c[k] and c[k] not in s.field["valid"][at]]
        if not any(re.match(r"\d+ +" + c["sha256"], line) for line in s.lines):
            wrong.append("sha256")
        for k in wrong:
            yield "certificate %s: %s is not on the screen" % (c["sha256"][:8], k)
    revoked = sorted(r["source"] for c in show["certificates"] for r in c["revoked_by"])
    got = sorted(text.split()[0].rstrip(";,") for text in s.field.get("revoked by", []) if not text.startswith("no source"))
    if got != revoked:
        yield "revoked by %s on the screen, %s in show" % (got, revoked)


def kin(s, show):
    for title, key in (("Parents", "parents"), ("Children", "child_cas")):
        lines = s.section(title)
        names = sorted(k["name"] or k["subject"] for k in show[key])
        if not lines or "(%d)" % len(names) not in lines[0]:
            yield "%s: %s on the screen, %d in show" % (title, lines[:1], len(names))
        # ASCII mode writes others with question marks
        for name in (n for n in names if n.isascii() and len(n) < 200):
            if not any(name in line for line in lines):
                yield "%s: %s is not on the screen" % (title, name)


def trust(s, show):
    for t in show["trust"]:
        said = re.search(r"(\S) " + t["program"] + r"\b", s.first(t["purpose"]))
        if not said or said[1] not in GLYPHS[t["acceptance"]]:
            yield "%s %s: %r on the screen, %s in show" % (t["program"], t["purpose"], s.first(t["purpose"]), t["acceptance"])
    lines = [line for line in s.section("Trust for tls")]
    chosen = lines[1:1 + next((i for i, line in enumerate(lines[2:], 1) if re.match(r"  \S ", line)), len(lines))]
    paths = next(t for t in show["trust"] if t["program"] == "mozilla" and t["purpose"] == "tls")["paths"]
    for p in paths:
        hexes = [c[:8] for c in p["certs"]]
        if not all(any(h in line for line in chosen) for h in hexes):
            yield "a path of mozilla is not drawn: %s" % hexes
        at, want = (p["at"][:8], p["verdict"]) if p["at"] else (hexes[-1], "anchor")
        if not any(want in line and at in line for line in chosen):
            yield "'%s' is not said at %s" % (want, at)


ENFORCED = set()


def enforced(s, show):
    """What the chosen program's clients enforce is told at the certificate, whatever else the path fails for."""
    lines = s.section("Trust for tls")
    chosen = lines[1:1 + next((i for i, line in enumerate(lines[2:], 1) if re.match(r"  \S ", line)), len(lines))]
    for c in show["certificates"]:
        by = {e: [r["source"] for r in c["revoked_by"] if r["holds_on_day"] and ("mozilla tls" in r["enforced_by"]) == e]
              for e in (True, False)}
        for line in (line for line in chosen if c["sha256"][:8] in line):
            told = [said.replace(", not enforced", "") for said in re.findall(r"revoked by ([a-z, ]*)", line)]
            want = [", ".join(names) for names in by.values() if names]
            if sorted(told) != sorted(want) or (by[True] and told[0] != want[0]):
                yield "revoked by %s on the line, %s in show: %s" % (told, want, line)
            ENFORCED.update(by[True])


def findings(s, rows, ca_id):
    want = sorted(r["kind"] for r in rows if r["ca_id"] == ca_id)
    got = sorted(m[1] for m in (re.match(r"  (?:high|medium|low) +(\S+)", line) for line in s.section("Findings")) if m)
    if want != got:
        yield "findings %s on the screen, %s in check" % (got, want)


FIGURES = """ca,unexpired,unexpired_high,source,as_of
%s,3499,3499,fictional hand count,2026-03-03
%s,200,250,fictional hand count,2026-03-02
"""


def figures(s, show):
    """Beside what show tells of them, that one of another quarter does not count."""
    got, day = s.first("figure"), show["figure_as_of"] or show["stale_figure_as_of"]
    if (day or "") not in got or bool(day) != bool(got):
        yield "figure: %r, of %s in show" % (got, day)
    if ("too old for 2026-06-01: not counted" in got) != bool(show["stale_figure_as_of"]):
        yield "figure: %r, too old: %s in show" % (got, show["stale_figure_as_of"])


ANCHORS = 7  # one more than the page draws paths


def certify(ca, by, serial, until):
    more = [extension(0x13, tlv(0x30, b"\1\1\xff"), True), extension(0x0F, b"\3\2\1\6", True)]
    return by.certificate(bytes([serial]), ca.name, ca.spki, more, "200101000000", until)


def of_many_paths(world, canopy):
    """An index of two CAs below one that a mark cuts: one has more good paths than are drawn, one more that fail; its path."""
    db = os.path.join(world.path, "paths.db")
    roots = [CA(world.path, "Lime Root %d" % (i + 1)) for i in range(ANCHORS)]
    cut, between, good, poor = (CA(world.path, "Lime " + name) for name in ("Cut Root", "Between CA", "Good CA", "Poor CA"))
    certs = [certify(between, cut, 1, "400101000000")]
    certs += [certify(good, root, 2, "400101000000") for root in roots] + [certify(good, between, 3, "400101000000")]
    certs += [certify(poor, roots[0], 4, "400101000000"), certify(poor, between, 5, "400101000000")]
    certs += [certify(poor, roots[1], 6 + i, "21010%d000000" % (i + 1)) for i in range(ANCHORS)]
    for name, ders in (("lime.pem", [ca.cert for ca in roots + [cut]]), ("below.pem", certs)):
        with open(os.path.join(world.path, name), "wb") as f:
            f.write(b"".join(map(pem, ders)))
    world.run([canopy, "import", "--quiet", "--db", db, "--store", "lime", "--source-date", DAY, "lime.pem"], cwd=world.path)
    world.run([canopy, "import", "--quiet", "--db", db, "--source-date", DAY, "below.pem"], cwd=world.path)
    return db


def drawn_with_marks(world, canopy, screen, db):
    """What the folded page of a CA leaves out of what the marks did, or of what they left."""
    for name, rest in (("good", "and 2 more paths: 2 trusted; further anchors: Lime Root"), ("poor", "and 3 more paths: 3 that fail; v draws more")):
        for marks in ("", "/ 'lime cut root' Enter Space "):
            text = world.run([screen, "--db", db, "--as-of", DAY, "--today", DAY, "--program", "lime", "--size", "120x120", "--keys",
                              marks + "/ 'lime %s ca' Enter Enter" % name])
            cut, good = len(re.findall("removed by a mark", text)), len(re.findall("✓ Lime ", text))
            if cut != bool(marks) or not good or ("more paths: " not in text) or (marks and rest not in text):
                yield text


def cut_by_date(world, screen, db):
    """A limit before all that the anchor's own rule takes leaves nothing of it."""
    later = shutil.copy(db, os.path.join(world.path, "later.db"))
    with contextlib.closing(sqlite3.connect(later)) as to:
        to.execute("UPDATE store_anchor SET nb_lo = strftime('%s', '2025-01-01') + 0 WHERE purpose = 0")
        to.commit()
    return world.run([screen, "--db", later, "--as-of", DAY, "--today", DAY, "--program", "lime", "--size", "120x60", "--keys",
                      "/ 'lime cut root' Enter m d C-u '2024-06-30' Enter / 'lime between ca' Enter Enter"])


def folded(world, screen, db):
    """What is searched for and stands only in what is left out."""
    def play(text, more, before=""):
        return world.run([screen, "--db", db, "--as-of", DAY, "--today", DAY, "--program", "lime", "--size", "110x30", "--keys",
                          "/ 'lime poor ca' Enter Enter%s / '%s'%s" % (before, text, more)])

    days = ["expired 2021-01-0%d" % (i + 1) for i in range(ANCHORS)]
    says = "not on this page as it is folded"
    hidden = [day for day in days if says in play(day, "")]
    if len(hidden) != 3:
        yield "hidden: %s" % hidden
    for day in days:
        for more in (" Enter", " Enter n"):
            shown = play(day, more)
            if (says + ": v shows all, then n goes to '%s'" % day in shown) != (day in hidden) or (day in hidden) == ("  " + day in shown):
                yield shown
        shown = play(day, " Enter v n")
        if says in shown or "  " + day not in shown:
            yield shown
    for before in ("", " v"):
        shown = play("zzzz", " Enter", before)
        if "not on this page, where / searches" not in shown or says in shown:
            yield shown


def main():
    canopy, maker, screen = map(os.path.abspath, sys.argv[1:4])
    world = World(canopy, maker)
    at = ["--db", world.db, "--as-of", DAY]
    # two sources of revocation, so that both are told
    world.run([canopy, "import", "--quiet", "--db", world.db, "--source-date", "2026-05-30", "onecrl", "crl"],
              cwd=os.path.join(world.path, "world"))
    named = [r["ca_id"] for r in json.loads(world.run([canopy, "counts", "--format", "json"] + at)) if r["coverage"] == "none"]
    with open(os.path.join(world.path, "figures.csv"), "w", encoding="utf-8") as f:
        f.write(FIGURES % tuple(named[:2]))
    world.run([canopy, "import", "--quiet", "--db", world.db, f.name])
    listed = list(csv.DictReader(io.StringIO(world.run([canopy, "counts", "--format", "csv"] + at))))
    checked = list(csv.DictReader(io.StringIO(world.run(["sh", "-c", '"$@" || test $? = 1', "sh", canopy, "check", "--format", "csv"]
                                                        + at))))
    tap = Tap(len(listed) + 6)
    seen, told = 0, set()
    for row in listed:
        show = json.loads(world.run([canopy, "show", "--format", "json", row["ca_id"]] + at))
        what = show["certificates"][0]["sha256"] if show["certificates"] else show["name"]
        text = world.run([screen, "--size", "400x999", "--plain", "--keys", "/ '%s' Enter Enter v" % what, "--today", DAY] + at)
        s = Screen(text)
        if s.first("ca_id") != row["ca_id"]:
            tap.point(not show["certificates"], "%s %s is not found by its name" % (row["ca_id"][:8], what), text[:200])
            continue
        seen += 1
        told |= {show["figure_as_of"], show["stale_figure_as_of"]}
        wrong = [w for part in (counts, figures, certificates, kin, trust, enforced) for w in part(s, show)]
        wrong += findings(s, checked, row["ca_id"])
        tap.point(not wrong, "the detail of %s %s" % (row["ca_id"][:8], re.sub(r"[^ -~]", "?", show["name"] or "")), "\n".join(wrong))
    tap.point(told == {None, "2026-03-03", "2026-03-02"}, "figures that count and that do not are compared", str(told))
    tap.point(ENFORCED == {"onecrl"}, "a revocation that is enforced is compared", str(ENFORCED))
    tap.point(seen > 60, "nearly all are compared", "%d of %d" % (seen, len(listed)))
    db = of_many_paths(world, canopy)
    wrong = list(drawn_with_marks(world, canopy, screen, db))
    tap.point(not wrong, "one that the marks cut is drawn, and one that they left", "\n".join(wrong))
    text = cut_by_date(world, screen, db)
    tap.point(re.search("✗ Lime Cut Root .*  anchor, cut by the marks\n", text) and "✓" not in text,
              "what a date leaves nothing of is no anchor any more", text)
    wrong = list(folded(world, screen, db))
    tap.point(not wrong, "what is searched for in what is folded away is told to be there", "\n".join(wrong))
    tap.end()


main()
