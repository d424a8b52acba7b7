#!/usr/bin/env python3
"""Each word of the browser's filter against what canopy counts, SQLite and the
certificates say; without INDEX on the fictional world.

usage: filters.py CANOPY CANOPY-WORLD FITS [INDEX DATE]
"""

import csv
import datetime
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys

from fixture import DAY, Tap, World

# Bits of v_ca_certificate's table: index/graph.h.
DISCLOSED, NAME_CONSTRAINTS, OUTSIDE = 1 << 7, 1 << 8, 1 << 10


def key_of(der):
    """Type and bits as openssl tells them."""
    text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], input=der, capture_output=True).stdout.decode(
        errors="replace")
    kind = text.partition("Public Key Algorithm: ")[2].split("\n")[0]
    bits = text.partition("Public-Key: (")[2].split(" bit")[0]
    name = {"rsaEncryption": "rsa", "id-ecPublicKey": "ec", "dsaEncryption": "dsa"}.get(kind, kind.lower())
    return name, int(bits) if bits.isdigit() else 0


class Facts:
    def __init__(self, world, canopy, db, day):
        self.ca = {}
        rows = world.run([canopy, "counts", "--db", db, "--as-of", day, "--format", "csv"])
        for row in csv.DictReader(io.StringIO(rows)):
            self.ca[row["ca_id"]] = row
        index = sqlite3.connect("file:%s?mode=ro" % db, uri=True)
        for row in self.ca.values():
            row.update(flags=[], ends=[], begins=[], der=None)
        query = ("SELECT lower(hex(a.ca_id)), c.flags, c.not_before, c.not_after, d.der, a.subject FROM ca_certificate c"
                 " JOIN ca a ON a.id = c.ca JOIN certificate d ON d.id = c.certificate ORDER BY c.certificate")
        for ca, flags, begin, end, der, subject in index.execute(query):
            row = self.ca[ca]
            row["flags"].append(flags)
            row["begins"].append(begin)
            row["ends"].append(end)
            row["der"], row["subject"] = row["der"] or der, subject
        start = datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.timezone.utc).timestamp()
        self.alive = {ca for ca, row in self.ca.items()
                      if any(b is not None and e is not None and b < start + 86400 and e >= start
                             for b, e in zip(row["begins"], row["ends"]))}

        end = start + 86400
        self.revoked = {ca for ca, since, until in index.execute(
            "SELECT lower(hex(a.ca_id)), r.since, r.until FROM revocation r JOIN ca_certificate c USING (certificate)"
            " JOIN ca a ON a.id = c.ca") if (since is None or since < end) and (not until or until >= end)}
        rows = world.run([canopy, "counts", "--db", db, "--as-of", day, "--program", "mozilla", "--purpose", "tls",
                          "--format", "csv"])
        self.trusted = {row["ca_id"] for row in csv.DictReader(io.StringIO(rows))}

    def those(self, fits):
        return {ca for ca, row in self.ca.items() if fits(row)}


def number(row, name):
    return int(row[name] or 0)


# Of two CAs that no source counts otherwise; "about 5850" may be 5841.
FIGURES = "ca,issued,unexpired,unexpired_high,as_of,source\n%s,,~5850,,2026-05-30,by hand\n%s,700,20,30,2026-05-30,by hand\n"


def counted(world, canopy):
    """An index of which some CAs are counted completely, some of these long ago, and two by a figure; the latter by ca_id."""
    db, figures = (os.path.join(world.path, name) for name in ("counted.db", "figures.csv"))
    shutil.copy(world.db, db)
    rows = csv.DictReader(io.StringIO(world.run([canopy, "counts", "--db", db, "--as-of", DAY, "--format", "csv"])))
    named = sorted(row["ca_id"] for row in rows if row["coverage"] == "none")[:2]
    with open(figures, "w", encoding="utf-8") as f:
        f.write(FIGURES % tuple(named))
    world.run([canopy, "import", "--quiet", "--db", db, "--source-date", "2026-05-30", figures])
    index = sqlite3.connect(db)
    with index:
        index.execute("UPDATE ca_count SET coverage = 2 WHERE ca % 3 > 0")
        index.execute("UPDATE ca_count SET source_day = source_day - 8 WHERE ca % 5 = 0")
        index.execute("UPDATE ca_count SET issued = 0, last_nb_day = NULL WHERE ca IN"
                      " (SELECT ca FROM ca_count WHERE coverage = 2 AND issued = 1 AND ca % 5 > 0 LIMIT 2)")
    index.close()
    return db, dict(zip(named, (5840, 700)))


def whole(row, day):
    """Nothing that it issued is missing: counted completely, and not long ago."""
    return row["coverage"] == "complete" and row["source_as_of"] >= day


def decided(facts, figures, since):
    """Filter, whom it fits and of whom that is not known."""
    least = lambda r: max(number(r, "issued"), figures.get(r["ca_id"], 0))
    for n in (0, 4, 699, 700, 5839, 5840):
        more = facts.those(lambda r: least(r) > n)
        no = facts.those(lambda r: least(r) <= n and whole(r, since))
        open_ = set(facts.ca) - more - no
        yield "issued>%d" % n, more, open_
        yield "!issued>%d" % n, no, open_
    for day in ("2026-05-15", "2026-04-01"):
        later = facts.those(lambda r: r["last_not_before"][:10] >= day)
        never = facts.those(lambda r: r["last_not_before"][:10] < day and whole(r, since))
        open_ = set(facts.ca) - later - never
        yield "last<" + day, never, open_
        yield "!last<" + day, later, open_
    # a word that does not fit decides
    yield "issued>4 expired", facts.those(lambda r: least(r) > 4) - facts.alive, \
        facts.those(lambda r: least(r) <= 4 and not whole(r, since)) - facts.alive


def limited(world, canopy, db, day, trusted):
    """CAs of which Mozilla accepts only some leaves, as show says."""
    found = set()
    for ca in trusted:
        answer = json.loads(world.run([canopy, "show", "--db", db, "--as-of", day, "--program", "mozilla", "--purpose", "tls",
                                       "--format", "json", ca]))
        if answer["trust"][0]["acceptance"] == "some":
            found.add(ca)
    return found


def cases(facts, owner, name, last):
    """Filter and whom it must fit."""
    every = set(facts.ca)
    low = lambda text: text.lower()
    yield "owner:" + owner, facts.those(lambda r: low(owner) in low(r["owner"]))
    yield "name:" + name, facts.those(lambda r: low(name) in low(r["name"]))
    yield name, facts.those(lambda r: any(low(name) in low(r[k]) for k in ("name", "owner", "subject")))
    yield "issued>5", facts.those(lambda r: number(r, "issued") > 5)
    # of a CA that is not counted completely nobody knows that it issued nothing else
    yield "!issued>5", set()
    yield "last<" + last, set()
    yield "!last<" + last, facts.those(lambda r: r["last_not_before"][:10] >= last)
    yield "trusted", facts.trusted
    yield "revoked", facts.revoked
    yield "lost", set()
    yield "expired", every - facts.alive
    yield "!expired", facts.alive
    yield "EXPIRED issued>0", facts.those(lambda r: number(r, "issued") > 0) - facts.alive
    yield "undisclosed", facts.those(lambda r: any(not f & DISCLOSED for f in r["flags"]))
    yield "constrained", facts.those(lambda r: any(f & (NAME_CONSTRAINTS | OUTSIDE) for f in r["flags"]))
    keys = {ca: key_of(row["der"]) for ca, row in facts.ca.items() if row["der"]}
    for text, fits in [("key:rsa", lambda t, b: t == "rsa"), ("key:RSA<2048", lambda t, b: t == "rsa" and b < 2048),
                       ("key:rsa>2048", lambda t, b: t == "rsa" and b > 2048), ("key:ec=256", lambda t, b: (t, b) == ("ec", 256)),
                       ("!key:ec", lambda t, b: t != "ec")]:
        yield text, {ca for ca, key in keys.items() if fits(*key)}


def main():
    canopy, maker, fits = map(os.path.abspath, sys.argv[1:4])
    world = World(canopy, maker)
    db, day = sys.argv[4:6] if len(sys.argv) > 5 else (world.db, DAY)
    facts = Facts(world, canopy, db, day)
    real = len(sys.argv) > 5
    every = list(cases(facts, *(("sectigo", "global", "2026-03-01") if real else ("birch", "alder", "2026-05-15"))))
    if not real:
        every.append(("sunset", limited(world, canopy, db, day, facts.trusted)))
    some, figures = counted(world, canopy)
    known = list(decided(Facts(world, canopy, some, DAY), figures, "2026-05-23"))
    tap = Tap(len(every) + 2 * len(known) + 6)
    for text, want, unknown in known:
        got = set(world.run([fits, some, DAY, "mozilla", text]).split())
        for name, right in (("is known to fit %d" % len(want), want), ("is not known of %d" % len(unknown), {"?" + ca for ca in unknown})):
            wrong = right ^ {ca for ca in got if ca.startswith("?") == name.startswith("is not")}
            tap.point(not wrong, "%s %s" % (text, name), str(sorted(wrong)[:5]))
    for text, want in every:
        got = {ca for ca in world.run([fits, db, day, "mozilla", text]).split() if not ca.startswith("?")}
        tap.point(got == want, "%s fits %d" % (text, len(want)), "%d instead; %s" % (len(got), sorted(got ^ want)[:5]))
    for text in ["ownr:x", "issued>many", "last<soon", "key:rsa<", "key:gost", "owner:"]:
        done = subprocess.run([fits, db, day, "mozilla", text], env=world.env, capture_output=True)
        tap.point(done.returncode == 2 and text.rstrip("x") in done.stderr.decode(), "%s is refused" % text, done.stderr.decode())
    tap.end()


main()
