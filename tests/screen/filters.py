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
    yield "last<" + last, facts.those(lambda r: number(r, "issued") and r["last_not_before"][:10] < last)
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
    tap = Tap(len(every) + 6)
    for text, want in every:
        got = set(world.run([fits, db, day, "mozilla", text]).split())
        tap.point(got == want, "%s fits %d" % (text, len(want)), "%d instead; %s" % (len(got), sorted(got ^ want)[:5]))
    for text in ["ownr:x", "issued>many", "last<soon", "key:rsa<", "key:gost", "owner:"]:
        done = subprocess.run([fits, db, day, "mozilla", text], env=world.env, capture_output=True)
        tap.point(done.returncode == 2 and text.rstrip("x") in done.stderr.decode(), "%s is refused" % text, done.stderr.decode())
    tap.end()


main()
