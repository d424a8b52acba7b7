#!/usr/bin/env python3
"""The views of findings and of sources: their screens, and that they say what `canopy check` and `canopy sources` say.

usage: views.py CANOPY CANOPY-WORLD SCREEN FOLDER

FOLDER holds the screens. CANOPY_UPDATE_GOLDEN=1 writes them instead; look at what changed before you commit.
"""

import csv
import io
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter

from fixture import DAY, Tap, World
from golden import check, checked, imported

CASES = [
    ("rules_60x12", "60x12", "& 'sunset' Enter", []),
    ("rules_80x24", "80x24", "& 'sunset' Enter", []),
    ("rules_90x24_ascii", "90x24", "& 'sunset' Enter", ["--ascii"]),
    ("rules_plain", "80x24", "& 'sunset' Enter", ["--plain"]),
    ("rules_100x24", "100x24", "& 'sunset' Enter", []),
    ("findings_shut", "80x24", "f", []),
    ("findings_search_in_a_cut_text", "80x24", "f j l / 'usages:' Enter", []),
    ("findings_plain", "80x24", "f j l", ["--plain"]),
    ("findings_filter_kind", "80x24", "f & 'kind:weak-key' Enter", []),
    ("findings_filter_of_the_tree", "80x24", "f & 'owner:birch' Enter", []),
    ("findings_filter_error_while_typed", "80x24", "f & 'kind:siblin'", []),
    ("findings_filter_typo_of_the_beginning_of_a_kind", "80x24", "f & 'kind:siblng' Enter", []),
    ("findings_are_written_from_the_list", "80x24", "f & 'kind:weak-key' Enter j Enter x", ["--canopy", "/nowhere/canopy"]),
    ("findings_are_written_from_the_list_marks_are_not", "80x24", "f & 'kind:weak-key' Enter j Enter Space x", ["--canopy", "/nowhere/canopy"]),
    ("findings_filter_error_stays_open", "80x24", "f & 'severity:huge' Enter", []),
    ("findings_filter_cancelled", "80x24", "f & 'kind:weak-key' Esc", []),
    ("findings_of_an_empty_kind", "80x24", "f j j j j Enter", []),
    ("findings_of_an_empty_kind_expanded", "80x24", "f j j j j l", []),
    ("findings_filter_off", "80x24", "f & 'kind:weak-key' Enter Esc", []),
    ("findings_filter_of_unknown_counts", "80x24", "f & 'issued>4' Enter", []),
    ("findings_filter_of_unknown_counts_alone", "80x24", "f & '!issued>4 birch' Enter", []),
    ("findings_filter_hides_all", "80x24", "f & 'nothing has this' Enter", []),
    ("findings_search_opens_the_kind", "80x24", "f / 'accepted by' Enter n", []),
    ("findings_by_severity", "80x24", "f o l j", []),
    ("findings_to_the_ca", "80x24", "f / 'sibling-alive' Enter l j Enter", []),
    ("findings_marked", "80x24", "f / 'sibling-alive' Enter l j Space", []),
    ("findings_stay_when_left", "80x24", "f / 'sibling-alive' Enter l j q f", []),
    ("findings_of_another_day", "80x24", "f D C-u '2019-06-01' Enter", []),
    ("findings_title_cut_by_parts", "60x12", "f & 'severity:low fictional' Enter", []),
    ("findings_copied", "80x24", "f / 'sibling-alive' Enter l j y", []),
    ("findings_cut_evidence", "60x22", "f / 'sibling-alive' Enter l j", []),
    ("findings_of_one_kind", "72x20", "f & 'kind:sibling-alive' Enter j j", ["--ascii"]),
    ("findings_of_one_kind_narrow", "71x20", "f & 'kind:sibling-alive' Enter j j", []),
    ("findings_help", "120x60", "f ? / 'severity:'", []),
    ("findings_filter_not", "80x24", "f & '!kind:weak-key !owner:birch' Enter", []),
    ("findings_filter_quoted", "80x24", "f & '\"kind:weak-key\"' Enter", []),
    ("findings_filter_typo", "80x24", "f & 'hihg'", []),
    ("findings_filter_typo_turned_round", "80x24", "f & '!hihg' Enter", []),
    ("findings_filter_typo_of_a_program", "60x12", "f & 'program:chorme' Enter", ["--ascii"]),
    ("findings_filter_typo_of_an_owner", "80x24", "f & 'owner:brich' Enter", []),
    ("findings_filter_no_kind", "80x24", "f & 'kind:zzz' Enter", []),
    ("findings_filter_suggests", "80x24", "f & 'kind:s'", []),
    ("findings_filter_beginning_of_one", "80x24", "f & 'kind:sibling' Enter", []),
    ("findings_filter_beginning_of_several", "80x24", "f & 'kind:st' Enter", []),
    ("findings_filter_completed", "80x24", "f & 'kind:sib' Tab Enter", []),
    ("findings_filter_completed_as_far_as_all_agree", "80x24", "f & 'kind:stor' Tab", []),
    ("findings_filter_completed_severity", "80x24", "f & 'sev' Tab 'h' Tab", []),
    ("findings_filter_completed_of_the_tree", "80x24", "f & 'undi' Tab", []),
    ("findings_filter_unknown_word", "80x24", "f & 'ownr:birch'", []),
    ("findings_search_not_found", "80x24", "f / 'zzzz'", []),
    ("findings_search_names_first", "80x24", "f / 'sibling' Enter", []),
    ("findings_search_then_what_is_told", "80x24", "f / 'sibling' Enter n", []),
    ("findings_search_then_explanations", "80x24", "f / 'sibling' Enter N", []),
    ("findings_search_a_ca_first", "80x24", "f / 'elm' Enter", []),
    ("findings_search_cells", "80x24", "f / 'sibling' Enter", ["--cells"]),
    ("findings_back", "80x24", "f / 'sibling-alive' Enter l j j Enter (", []),
    ("findings_back_where_it_was_left", "80x24", "f / 'sibling-alive' Enter l j j Enter f k Enter ( ( (", []),
    ("findings_back_opens_the_kind", "80x24", "f / 'sibling-alive' Enter l j j Enter f h h i ( ( (", []),
    ("findings_back_behind_a_filter", "80x24", "f / 'sibling-alive' Enter l j j Enter f & 'kind:weak-key' Enter j Enter ( ( (", []),
    ("findings_way", "80x24", "f / 'sibling-alive' Enter l j Enter / 'signed by' Enter Enter", []),
    ("findings_forward", "80x24", "f / 'sibling-alive' Enter l j Enter ( )", []),
    ("findings_write", "80x24", "f x", ["--canopy", "canopy"]),
    ("findings_write_with_marks", "80x24", "Space f x C-u 'a.doc' Enter", ["--canopy", "canopy"]),
    ("findings_filter_program", "80x24", "f & 'program:mozilla' Enter j", []),
    ("sources_back", "80x24", "s G k Enter (", []),
    ("sources_back_and_forward", "80x24", "s G Enter q k Enter ( (", []),
    ("sources_way", "60x12", "l j Enter s G Enter", []),
    ("sources_not_from_here", "80x24", "s r", []),
    ("sources_of_files", "80x24", "s G r", []),
    ("sources_of_an_old_store", "80x24", "s G", ["--today", "2026-07-10", "--as-of", "2026-06-26"]),
    ("sources_of_an_old_store_60x12_ascii", "60x12", "s G", ["--today", "2026-06-26", "--as-of", "2026-06-26", "--ascii"]),
    ("sources_of_an_old_store_documents", "80x24", "s G Enter", ["--today", "2026-07-10", "--as-of", "2026-06-26"]),
    ("sources_of_a_later_store", "80x24", "s G", ["--today", "2026-06-26", "--as-of", "2020-01-01"]),
    ("sources_old", "80x24", "s G", ["--today", "2026-09-01", "--as-of", "2026-09-01"]),
]


def headings(world, screen, day):
    """What the view counts: kind to numbers by severity."""
    text = world.run([screen, "--db", world.db, "--as-of", day, "--size", "99x60", "--keys", "f"])
    found = {}
    for line in text.splitlines()[2:]:
        m = re.match(r" [▸ ] ([a-z0-9-]+) +([\d,]+) *(.*)$", line)
        if m:
            counts = {word: int(n.replace(",", "")) for n, word in re.findall(r"([\d,]+) (high|medium|low)", m[3])}
            found[m[1]] = (int(m[2].replace(",", "")), counts)
    return found


def as_check(world, canopy, screen, day):
    """What differs from `canopy check` on that day."""
    rows = list(csv.DictReader(io.StringIO(os.popen("%s check --db %s --as-of %s --format csv" % (canopy, world.db, day)).read())))
    wrong = []
    for kind, (n, counts) in headings(world, screen, day).items():
        want = Counter(r["severity"] for r in rows if r["kind"] == kind)
        if n != sum(want.values()) or counts != dict(want):
            wrong.append("%s: %d %s on the screen, %s in check" % (kind, n, counts, dict(want)))
    missing = {r["kind"] for r in rows} - set(headings(world, screen, day))
    return wrong + ["%s is not on the screen" % kind for kind in missing] + ([] if len(rows) > 8 else ["only %d rows" % len(rows)])


def in_order(world, canopy, screen):
    """The rows of the open view beside those that `canopy check` writes for people: severity and evidence, one after another."""
    written = os.popen("%s check --db %s --as-of %s --format md" % (canopy, world.db, DAY)).read().replace("\\", "")
    columns = ["kind", "severity", "ca_id", "cert_sha256", "subject", "detail"]
    rows = [dict(zip(columns, line.strip("| ").split(" | "))) for line in written.splitlines()
            if re.match(r"\| [a-z0-9-]+ \| (high|medium|low) ", line)]
    text = world.run([screen, "--db", world.db, "--as-of", DAY, "--size", "400x%d" % (len(rows) + 40), "--keys", "f *"])
    shown = [line for line in text.splitlines()[2:] if re.match(r"   (high|medium|low) ", line)]
    wrong = [line[:90] for line, r in zip(shown, rows) if line.split()[0] != r["severity"] or r["detail"][:60] not in line
             or r["cert_sha256"][:8].strip("–") not in line]
    return wrong if len(shown) == len(rows) > 8 else ["%d of %d rows" % (len(shown), len(rows))] + wrong


def unreadable(world, screen):
    """What an index of which a part cannot be read shows instead of findings, in their view and in a detail."""
    damaged = os.path.join(world.path, "damaged.db")
    shutil.copy(world.db, damaged)
    with sqlite3.connect(damaged) as c:
        c.execute("DROP TABLE signature")
    c.close()
    wrong = []
    for keys in ["f", "l j Enter / 'Findings' Enter"]:
        text = world.run([screen, "--db", damaged, "--as-of", DAY, "--size", "300x60", "--keys", keys])
        if "no such table: signature" not in text or "findings:" in text or "Findings (" in text:
            wrong.append(text)
    with sqlite3.connect(damaged) as c:
        c.execute("DROP TABLE store_anchor")
    c.close()
    # A tree without it would say that nothing is trusted.
    done = subprocess.run([screen, "--db", damaged, "--as-of", DAY, "--keys", ""], env=world.env, capture_output=True, text=True)
    if done.returncode == 0 or "no such table: store_anchor" not in done.stderr or done.stdout:
        wrong.append(done.stdout + done.stderr)
    return wrong


def as_sources(world, canopy, screen):
    rows = list(csv.DictReader(io.StringIO(world.run([canopy, "sources", "--db", world.db, "--format", "csv"]))))
    text = world.run([screen, "--db", world.db, "--as-of", DAY, "--today", DAY, "--size", "120x40", "--keys", "s"])
    line = next(line.split() for line in text.splitlines() if line.startswith(" import "))
    want = ["ok", max(r["source_as_of"] for r in rows), "%s" % "2", "days"]
    want += ["{:,}".format(n) for n in (len(rows), *(sum(int(r[k]) for r in rows) for k in ("records", "problems")))]
    return [] if line[1:8] == want else ["%s on the screen, %s in sources" % (line, want)]


def every_document(world, canopy, screen):
    """The page of a source has each of its documents: day, records, kind, file and hash; the newest of a kind first."""
    rows = list(csv.DictReader(io.StringIO(world.run([canopy, "sources", "--db", world.db, "--format", "csv"]))))
    text = world.run([screen, "--db", world.db, "--as-of", DAY, "--today", DAY, "--size", "200x800", "--keys", "s G Enter"])
    lines = text[text.index("Documents (%d)" % len(rows)):].splitlines()[2:]
    got = [(*lines[i].split()[:3], lines[i + 1].strip(), lines[i + 2].strip()) for i in range(0, 3 * len(rows), 3)]
    want = [(r["source_as_of"], "{:,}".format(int(r["records"])), r["kind"], r["from"], r["sha256"]) for r in rows]
    wrong = ["not on the page: %s" % (row,) for row in sorted(set(want) - set(got))]
    return wrong + ["%s before %s" % (a, b) for a, b in zip(got, got[1:]) if (a[2], b[0]) > (b[2], a[0])]


FAILED = "https://certificates.example/a/rather/long/path/%s"


def failed_and_suspect(world, canopy):
    """A copy of the index in which fetching failed and a store shrank."""
    db = os.path.join(world.path, "doubtful.db")
    shutil.copy(world.db, db)
    found = []
    for name in sorted(os.listdir(os.path.join(world.path, "world", "ccadb"))):
        with open(os.path.join(world.path, "world", "ccadb", name), encoding="utf-8", newline="") as f:
            found += [row["X.509 Certificate (PEM)"].strip("'") for row in csv.DictReader(f) if "PEMs" in name]
    for n, day in ((20, "2026-01-10"), (8, "2026-02-10")):
        with open(os.path.join(world.path, "shrank.pem"), "w", encoding="utf-8") as f:
            f.write("\n".join(found[:n]) + "\n")
        world.run([canopy, "import", "--quiet", "--db", db, "--store", "ours", "--source-date", day, "shrank.pem"], cwd=world.path)
    at = 1780000000
    with sqlite3.connect(db) as c:
        for source, name, why in (
                ("mozilla", "certdata.txt", "cannot fetch '" + FAILED % "certdata.txt" + "' in 5 attempts: the server answered with 503"),
                ("chrome", "root_store.textproto", "cannot fetch '" + FAILED % "root_store.textproto" + "': no answer in time"),
                ("chrome", "root_store.certs", "cannot fetch '" + FAILED % "root_store.certs"
                 + "': not asked for, because the host gave no answer before")):
            at += 1
            c.execute("INSERT INTO tried (source, document, url, tried_at, status, error, run) VALUES (?, ?, ?, ?, 0, ?, 1)",
                      (source, name, FAILED % name, at, why))
    c.close()
    return db


def other_certificate(world, canopy, screen):
    """Two stores that anchor two certificates of one key: what removing one does in each."""
    db = os.path.join(world.path, "renewed.db")
    shutil.copy(world.db, db)
    with open(os.path.join(world.path, "world", "facts.tsv"), encoding="utf-8") as f:
        facts = dict(line.rstrip("\n").split("\t", 1) for line in f)
    pem = {}
    for name in sorted(os.listdir(os.path.join(world.path, "world", "ccadb"))):
        with open(os.path.join(world.path, "world", "ccadb", name), encoding="utf-8", newline="") as f:
            pem.update((row["SHA-256 Fingerprint"].lower(), row["X.509 Certificate (PEM)"]) for row in csv.DictReader(f) if "PEMs" in name)
    old, new = facts["cert.birch-renew-2012"], facts["cert.birch-renew-2021"]
    for store, cert in (("first", old), ("second", new)):
        with open(os.path.join(world.path, store + ".pem"), "w", encoding="utf-8") as f:
            f.write(pem[cert].strip("'") + "\n")
        world.run([canopy, "import", "--quiet", "--db", db, "--store", store, "--source-date", DAY, store + ".pem"], cwd=world.path)
    world.run([canopy, "scenario", "save", "renewed", "-q", "--db", db, "--program", "first", "--mark", old + "=remove",
               "--exempt", "Alder Policy CA"])
    text = world.run([screen, "--db", db, "--as-of", DAY, "--today", DAY, "--program", "first", "--size", "200x60", "--keys",
                      "L 'renewed' Enter i"])
    return new[:12], text


def store_of_a_later_day(world, canopy, screen):
    """Where the browser shows a program whose store is later than the day asked, and one whose store is not: what it lacks."""
    db = os.path.join(world.path, "later.db")
    shutil.copy(world.db, db)
    with open(os.path.join(world.path, "later.pem"), "w", encoding="utf-8") as to:
        to.write(world.run([canopy, "export", "certs", "--db", db, "--as-of", DAY, "--mark", "Alder Root CA=remove", "-q"]))
    world.run([canopy, "import", "--quiet", "--db", db, "--store", "ours", "--source-date", "2026-07-01", "later.pem"], cwd=world.path)

    def shows(day, size, keys):
        return world.run([screen, "--db", db, "--as-of", day, "--today", "2026-07-02", "--size", size, "--keys", keys])

    said = [("80x24", "", " Ou!"), ("80x24", "T", "Ou, store of 2026-07-01, later !"), ("120x60", "Space i", "  2026-07-01 later"),
            ("80x60", "Space i", "ours !"), ("80x60", "Space i", "  2026-07-01 later"), ("80x60", "Space i", "! later than"),
            ("60x60", "Space i", "by its store of 2026-07-01, later"), ("80x60", "Space i T o", "! by a store of 2026-07-01, later than"),
            ("80x24", "Space i T o", "1 mark · later store ! · ≥8"), ("120x24", "Space i T o", "1 mark · store 2026-07-01, later ! · ≥8"),
            ("200x24", "Space i T o", "1 mark · by a store of 2026-07-01, later ! · ≥8"), ("60x12", "Space i T o", "1 mark · later store ! · ≥8"),
            ("150x60", "T o A / 'yew university' Enter m b i", "! what ours trusted on %s is not known: its store is of 2026-07-01, later, and" % DAY),
            ("150x60", "T o A / 'yew university' Enter m b i", "; m A assumes it as an anchor,"),
            ("150x60", "T o A / 'yew university' Enter m b i", "lost                   not known"),
            ("150x60", "T o A / 'yew university' Enter m b i", "later ! · loss unknown: the store trusts none of what is marked"),
            ("150x60", "T o A / 'yew university' Enter m b i t Enter", "by a later store ! that trusts none of what is marked"),
            ("150x60", "T o A / 'yew university' Enter m b i", "› ours !              ?           ?        ?       ?     ?"),
            ("150x60", "T o A / 'yew university' Enter m b i", "CAs that lose trust    not known"),
            ("150x60", "T o A / 'yew university' Enter m b i", "CAs kept               not known"),
            ("150x60", "T o A / 'yew university' Enter m b i t C-u '5' Enter", "fewer than 5 leaves are lost: unknown"),
            ("150x30", "T o A / 'yew university' Enter m b i t C-u '5' Enter", "unknown: the store trusts none of what is marked"),
            ("120x60", "l j Enter / 'ours' Enter", "store of 2026-07-01, later !"), ("60x12", "Space i T o", ", later !")]
    wrong = ["%s at %s: no %r\n%s" % (keys, size, what, shows(DAY, size, keys)) for size, keys, what in said
             if what not in shows(DAY, size, keys)]
    for size, keys, what in said:
        text = shows("2026-07-01", size, keys)
        wrong += ["%s at %s: %r on its own day\n%s" % (keys, size, what, text)] if what in text else []
    return wrong + ([] if "behind a program" in shows(DAY, "120x200", "?") else ["the help does not tell the sign"])


def loss_unknown(world, canopy, screen):
    """The line of the marks where no loss is known: what is unknown and why, and no number; what it lacks."""
    bare = os.path.join(world.path, "uncounted.db")
    world.run([canopy, "import", "--quiet", "--db", bare, "--source-date", "2026-05-30", os.path.join(world.path, "world", "ccadb"),
               os.path.join(world.path, "world", "mozilla")])
    wrong, later, policy = [], "Space D C-u '2020-01-01' Enter", "/ 'Alder Policy' Enter m v"
    for db, size, keys, says in [
            (bare, "60x12", policy, "1 mark · loss unknown: CAs uncounted · 3 CAs lost"),
            (bare, "80x24", policy, "1 mark · loss unknown: nobody counts these CAs · 3 CAs lose trust"),
            (bare, "120x24", policy, "1 mark · loss unknown: nobody counts these CAs · 3 CAs lose trust (3 not fully counted)"),
            (bare, "60x12", later, "1 mark · later store ! · loss unknown · 6 CAs lost"),
            (bare, "80x24", later, "1 mark · later store ! · loss unknown: CAs uncounted · 6 CAs lost"),
            (world.db, "150x24", later, ", later ! · loss unknown: nobody counts 1 of 4 CAs · 4 CAs lose trust, 7 kept"),
            (world.db, "200x24", later, ", later ! · loss unknown: nobody counts 1 of 4 CAs, 3 not to the end · 4 CAs lose trust, 7 kept"),
            (bare, "80x24", "/ 'Birch Root R1' Enter Space", "1 mark · 0 leaves lost · 0 CAs lose trust, 6 kept"),
            (bare, "80x24", "Space D C-u '2036-01-01' Enter", "nothing changes")]:
        line = world.run([screen, "--db", db, "--as-of", DAY, "--today", DAY, "--size", size, "--keys", keys]).splitlines()[-2]
        if says not in line or re.search(r"0 of|of \?|not known", line):
            wrong.append("%s at %s: no %r in %r" % (keys, size, says, line))
    return wrong


def unknowns_as_report(world, canopy, screen):
    """What is counted how far, between which bounds, and which sources are old: in the words of the report."""
    db, day, wrong = os.path.join(world.path, "figures.db"), "2026-09-01", []
    shutil.copy(world.db, db)
    with open(os.path.join(world.path, "world", "facts.tsv"), encoding="utf-8") as f:
        facts = dict(line.rstrip("\n").split("\t", 1) for line in f)
    with open(os.path.join(world.path, "figures.csv"), "w", encoding="utf-8") as f:
        f.write("ca,issued,unexpired,unexpired_high,source,as_of\n%s,,200,3499,fictional hand count,2026-08-01\n" % facts["ca.alder-policy"])
    world.run([canopy, "import", "--quiet", "--db", db, "--source-date", "2026-05-30", "figures.csv"], cwd=world.path)
    report = world.run([canopy, "impact", "--db", db, "--as-of", day, "--mark", "Alder Root CA=remove", "--format", "md", "-q"]).replace("\\", "")
    text = world.run([screen, "--db", db, "--as-of", day, "--today", day, "--size", "200x99", "--keys", "Space i"])
    flat = " ".join(text.split())
    parts = re.search("counted, of the CAs that lose trust or some of it: (.*)", report)[1].split(", ")
    wrong += [part for part in parts if "CAs that change are %s" % part.split(" ", 1)[1] not in flat.replace("are counted", "are").replace("are not counted", "are not")
              or "%s CAs that change" % part.split()[0] not in flat]
    wrong += [] if re.search("by counts and figures together [^\n]*", report)[0] in flat else ["the bounds"]
    old = re.findall("(?<=old: )(?!.* more sources).*", report)
    wrong += [name for name in old[:3] if name not in flat]
    more = len(old) - 3 if "more sources" not in report else 1
    wrong += ["how many more are old"] if more > 0 and not re.search(r"and \d+ more; canopy impact --format json", flat) else []
    return wrong + ([text, report] if wrong or len(old) < 2 or len(parts) < 2 else [])


def figure_of_several(world, canopy, screen):
    """That a figure bounds each of several CAs is said before their rows, which do not add up; the page."""
    db = os.path.join(world.path, "several.db")
    shutil.copy(world.db, db)
    with open(os.path.join(world.path, "world", "facts.tsv"), encoding="utf-8") as f:
        facts = dict(line.rstrip("\n").split("\t", 1) for line in f)
    with open(os.path.join(world.path, "several.csv"), "w", encoding="utf-8") as f:
        f.write("ca,issued,unexpired,unexpired_high,source,as_of\n%s; %s,,,3499,fictional hand count,2026-05-01\n"
                % (facts["ca.alder-policy"], facts["ca.alder-tls-1"]))
    world.run([canopy, "import", "--quiet", "--db", db, "--source-date", "2026-05-30", "several.csv"], cwd=world.path)
    text = world.run([screen, "--db", db, "--as-of", DAY, "--today", DAY, "--size", "60x150", "--keys", "Space i"])
    flat = " ".join(text.split())
    flat = flat[flat.find("CAs touched ("):]
    return 0 < flat.find("of 2 of these CAs a figure for several together tells") < flat.find("lost trusted"), text


def two_rules(world, canopy, screen):
    """A root with a date rule of two programs, at every width: each rule is told or signed, no date is cut, and the sign of a CA in
    several places stands."""
    db = os.path.join(world.path, "rules.db")
    shutil.copy(world.db, db)
    world.run([canopy, "import", "--quiet", "--db", db, "--source-date", "2026-05-30", "chrome"], cwd=os.path.join(world.path, "world"))
    wrong, forms = [], set()
    for width in range(60, 140):
        for option in [], ["--ascii"]:
            text = world.run([screen, "--db", db, "--as-of", DAY, "--size", "%dx24" % width, "--keys", ""] + option)
            to, more, several = ("->", "..", "<> 2") if option else ("→", "…", "⇄ 2")
            row = next(line for line in text.splitlines() if "Cedar" in line)
            rules = re.findall(r"(Mz|Ch)%s(\S*)" % to, row)
            told = [day for _, day in rules]
            forms.add(tuple(day == more for day in told))
            if any(day not in ("2025-11-30", more) for day in told) or [p for p, _ in rules] not in ([], ["Mz", "Ch"]):
                wrong.append(row)
            wrong += [line for line in text.splitlines() if "Birch Root" in line and several not in line]
    return wrong + ["only these forms: %s" % sorted(forms)] * (not {(False, False), (False, True), (True, True)} <= forms)


def main():
    canopy, maker, screen, folder = map(os.path.abspath, sys.argv[1:5])
    world = World(canopy, maker)
    # Lists of what is revoked, an older report: more to find.
    world.run([canopy, "import", "--quiet", "--db", world.db, "--source-date", "2026-05-30", "older", "onecrl", "crl", "single"],
              cwd=os.path.join(world.path, "world"))
    tap = Tap(len(CASES) + 28)
    for name, size, keys, options in CASES:
        day = [] if "--as-of" in options else ["--as-of", DAY, "--today", DAY]
        text = world.run([screen, "--db", world.db, "--size", size, "--keys", keys] + day + options)
        check(tap, folder, name, imported(text))
    empty = os.path.join(world.path, "absent.db")
    check(tap, folder, "findings_of_nothing", world.run([screen, "--db", empty, "--as-of", DAY, "--size", "80x24", "--keys", "f"]))
    bare = os.path.join(world.path, "bare.db")
    world.run([canopy, "import", "--quiet", "--db", bare, "--source-date", "2026-05-30", "mozilla"], cwd=os.path.join(world.path, "world"))
    text = world.run([screen, "--db", bare, "--as-of", DAY, "--today", DAY, "--size", "80x24", "--keys", "f j j Enter"])
    check(tap, folder, "findings_without_revocations", imported(text))
    doubtful = failed_and_suspect(world, canopy)
    for name, keys in (("sources_failed", "s j"), ("sources_failed_first", "s j j"), ("sources_failed_documents", "s j j Enter"),
                       ("sources_suspect", "s G"), ("sources_suspect_documents", "s G Enter")):
        text = world.run([screen, "--db", doubtful, "--as-of", DAY, "--today", DAY, "--size", "80x24", "--keys", keys])
        check(tap, folder, name, imported(text))
    text = world.run([screen, "--db", doubtful, "--as-of", DAY, "--today", DAY, "--program", "ours", "--size", "80x150", "--keys",
                      "Space i / 'What is not known' Enter"])
    tap.point("ours's store may not be whole: 8 anchors, 18 in the one before it" in text, "impact_says_that_a_store_is_suspect", text)
    for size, keys, what in [("80x24", "", " Ou!"), ("80x24", "T", "Ou, store of 2026-02-10, suspect !"), ("120x60", "Space i", "  2026-02-10 suspect"),
                             ("80x60", "Space i", "! suspect: it may not be whole"),
                             ("120x60", "T o A / 'cedar root' Enter Space i", "store may not be whole, with 8 anchors, 18 in the one before it,"),
                             ("80x150", "Space i", "! ours's store may not be whole: 8 anchors"), ("120x90", "l j Enter / 'ours' Enter", "today), suspect !")]:
        text = world.run([screen, "--db", doubtful, "--as-of", DAY, "--today", DAY, "--size", size, "--keys", keys])
        tap.point(what in text, "a suspect store has a sign: " + what.strip(), text)
    new, text = other_certificate(world, canopy, screen)
    row = next((line for line in text.splitlines() if line.startswith("   second ")), "")
    reason = "  second: no effect: it is no anchor of second for tls; %s of the same key is: remove that instead, or block the key" % new
    tap.point(row.endswith("1 of 1") and " 0 " in row and reason in text and "  first: no effect" not in text
              and re.search(r"(?m)^   no effect: [a-z, ]*\bsecond\b[a-z, ]*;", text),
              "a_program_that_anchors_another_certificate_says_so", text)
    wrong = unknowns_as_report(world, canopy, screen)
    tap.point(not wrong, "what_is_not_known_is_said_as_the_report_says_it", "\n".join(wrong))
    before, text = figure_of_several(world, canopy, screen)
    tap.point(before, "a_figure_of_several_is_told_before_the_rows_it_bounds", text)
    wrong = loss_unknown(world, canopy, screen)
    tap.point(not wrong, "the_line_of_the_marks_says_what_is_unknown_and_why", "\n".join(wrong))
    wrong = store_of_a_later_day(world, canopy, screen)
    tap.point(not wrong, "a_store_later_than_the_day_has_a_sign_wherever_it_is", "\n".join(wrong))
    for day in (DAY, "2019-06-01"):
        wrong = as_check(world, canopy, screen, day)
        tap.point(not wrong, "findings_are_those_of_check_on_" + day, "\n".join(wrong))
    wrong = in_order(world, canopy, screen)
    tap.point(not wrong, "and_stand_in_its_order", "\n".join(wrong))
    wrong = unreadable(world, screen)
    tap.point(not wrong, "what_cannot_be_read_is_said", "\n".join(wrong))
    wrong = every_document(world, canopy, screen)
    tap.point(not wrong, "the_page_of_a_source_has_every_document", "\n".join(wrong))
    wrong = as_sources(world, canopy, screen)
    tap.point(not wrong, "the_view_of_sources_says_what_sources_says", "\n".join(wrong))
    wrong = two_rules(world, canopy, screen)
    tap.point(not wrong, "two_date_rules_have_whole_days_or_signs_at_every_width", "\n".join(wrong[:20]))
    left = sorted(set(os.listdir(folder)) - checked)
    tap.point(not left, "no_screen_is_left_over", " ".join(left))
    tap.end()


main()
