#!/usr/bin/env python3
"""Scenarios that assume anchors: the browser's answer is that of `canopy impact`,
what is saved is what was loaded, and nothing that is trusted only because it is
assumed passes for the program's own; and of which day one is asked. Also of the scenarios that come with canopy,
where the folder with real data is there (CANOPY_DATA).

usage: assumed.py CANOPY CANOPY-WORLD SCREEN FOLDER-OF-SCENARIOS
"""

import collections
import json
import os
import re
import shlex
import sqlite3
import sys

from fixture import DAY, Tap, World

HERE = os.path.dirname(os.path.abspath(__file__))
# Of an inclusion: no marks; a limit on it; beside a date rule of the store, with a mark and an exemption; what it assumes
# is removed again; a subordinate CA's certificate, for e-mail.
FICTIONAL = {
    "made-up-inclusion": ("mozilla", "tls", "assume Yew University Root"),
    "made-up-limit": ("chrome", "tls", "assume Yew University Root\nassume Ginkgo Research Root\n"
                                       "mark Yew University Root=distrust-after@2026-04-01\nmark Ginkgo Research Root=block"),
    "made-up-history": ("mozilla", "tls", "assume Cedar Root E1\nassume Yew University Root\nmark Cedar Root E1=distrust-after@2026-01-15\n"
                                          "mark Birch Root R1=remove\nexempt Alder Policy CA\nmark Yew University Root=remove\n"
                                          "stage 2026-09-01 Fir Root CA=remove"),
    "made-up-mail": ("apple", "email", "assume Alder E-Mail CA\nassume Alder Rollover CA\nmark Alder Root CA=revoke\n"
                                       "ref 7495110f8d10e142219ef869632387494d18ef38c49609ee69650ee18bb25feb Alder Rollover CA"),
}
GLYPHS = "●◐○✗◇"


def write_files(world, folder):
    """Ours, and those that come with canopy and assume anchors; the latter with the day and options of their command."""
    os.mkdir(world.env["CANOPY_SCENARIOS"])
    shipped = {}
    for name, (program, purpose, text) in FICTIONAL.items():
        with open(os.path.join(world.env["CANOPY_SCENARIOS"], name + ".txt"), "w", encoding="utf-8") as f:
            f.write("# Fictional.\n#\n#     canopy impact --scenario %s --as-of 2026-05-31\n\nprogram %s\npurpose %s\n%s\n"
                    % (name, program, purpose, text))
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file), encoding="utf-8") as f:
            text = f.read()
        if file.endswith(".txt") and re.search("^assume ", text, re.M):
            shipped[file[:-4]] = text
            with open(os.path.join(world.env["CANOPY_SCENARIOS"], file), "w", encoding="utf-8") as f:
                f.write(text)
    return shipped


def number(text):
    """The counted part: how lower bounds are written is not the question here."""
    digits = re.sub(r"\D", "", text)
    return int(digits) if digits else 0


def clipped(name):
    """As much of it as a row of the page has, without the owner behind it."""
    return name.split("  ")[0][:60]


class Asker:
    def __init__(self, world, canopy, screen, db):
        self.world, self.canopy, self.screen, self.db = world, canopy, screen, db

    def play(self, keys, size="150x30", more=()):
        return self.world.run([self.screen, "--db", self.db, "--as-of", DAY, "--today", DAY, "--size", size, "--keys", keys, *more])

    def impact(self, *arguments):
        return json.loads(self.world.run([self.canopy, "impact", "--db", self.db, "--format", "json", *arguments]))

    def saved(self, name):
        return self.world.run([self.canopy, "scenario", "show", name, "--db", self.db])


def sections(text):
    """Lines by section of a page: a title stands one column in."""
    found, title = {}, ""
    for line in text.splitlines()[1:-2]:
        if re.match(r" \S", line):
            title = line.strip()
        elif line.strip():
            found.setdefault(re.split(r"  | \(", title)[0], []).append(line)
    return found


def as_impact(a, name, day, more=()):
    """What of the browser's answer differs from the command's."""
    answer = a.impact("--scenario", name, "--as-of", day, *more)
    text = a.play("L '%s' Enter i" % name, "160x900")
    page, wrong = sections(text), []

    def differ(what, shown, want):
        if shown != want:
            wrong.append("%s: %s on the screen, %s in impact" % (what, shown, want))

    assumed = page.get("Assumed to be an anchor", []) + page.get("Assumed to be anchors", [])
    differ("anchors assumed", sum(line.split()[:1] == ["A"] for line in assumed), len(answer["assume"]))
    for ref in answer["assume"]:
        differ(ref, any(ref in line for line in assumed), True)
    differ("marks", sum(bool(re.match(r"   [RBVDSXArbvds]  ", line)) for line in page.get("Marks", [])), len(answer["marks"]) + len(answer["exempt"]))
    differ("marks without effect", sum("no effect:" in line for line in page.get("Marks", [])), sum(m["no_effect"] for m in answer["marks"]))
    shown = {line[3:20].strip(): number(line[20:36]) for line in page["Totals"] if re.match(r"   \w", line)}
    cas, total = answer["cas"], answer["total"]
    gone = [ca for ca in cas if ca["after"] == "none"]
    for label, want in [("trusted leaves", total["trusted"]), ("of CAs touched", sum(ca["trusted"] or 0 for ca in cas)), ("lost", total["lost"]),
                        ("kept", total["kept"]), ("CAs limited", answer["changed_cas"] - len(gone)),
                        ("CAs kept", len(cas) - answer["changed_cas"])]:
        differ(label, shown.get(label), want)
    differ("CAs that lose trust", int(re.search(r"CAs that lose trust +([\d,]+)", text)[1].replace(",", "")), len(gone))
    differ("decay", {day: number(n) for day, n in re.findall(r"(\d{4}-\d\d-\d\d) +(?:now|\+\d+ d) +(\S+)", "\n".join(page["Decay"]))},
           {d["date"]: d["lost"] for d in answer["decay"]} if answer["changed_cas"] and total["lost"] else {})
    rows = [re.match(r" *(\S+) +(\S+)  (\w+) +(\w+→\w+) +(.*)", line) for line in page.get("CAs touched", [])]
    rows = [(number(r[1]), number(r[2]), r[3], r[4], clipped(r[5])) for r in rows if r and r[3] in ("lost", "limited", "kept")]
    outcome = {True: "lost", False: "limited"}
    want = [(ca["lost"] or 0, ca["trusted"] or 0, "kept" if not (ca["before"] != ca["after"] or ca["lost"]) else outcome[ca["after"] == "none"],
             "%s→%s" % (ca["before"], ca["after"]), clipped(ca["name"])) for ca in cas]
    # of some before and some after, whether it changed is said by the number of those that change alone, which is compared above
    known = lambda v: collections.Counter((*r[:2], r[3] == "some→some" or r[2], *r[3:]) for r in v)
    differ("CAs", sorted(map(str, (known(rows) - known(want)).elements())), sorted(map(str, (known(want) - known(rows)).elements())))
    for program in re.findall(r"^ [› ] (\w+)(?: !)? +\S+ +\S+ +\d", "\n".join(page["Programs"]), re.M):
        other = a.impact("--scenario", name, "--as-of", day, "--program", program, *more)
        line = next(line for line in page["Programs"] if re.match(r" [› ] %s\b" % program, line))
        got = [number(n) for n in re.sub(r"^.*?%s(?: !)?" % program, "", line).split()[:5]]
        lost = sum(ca["after"] == "none" for ca in other["cas"])
        differ(program, got, [other["total"]["lost"], other["total"]["kept"], lost, other["changed_cas"] - lost,
                              len(other["cas"]) - other["changed_cas"]])
    line = text.splitlines()[-2]
    marks = len(answer["marks"])
    want = ("%d mark%s" % (marks, "" if marks == 1 else "s") if marks else "no marks")
    want += (", %d exempt" % len(answer["exempt"]) if answer["exempt"] else "") + ", %d assumed" % len(answer["assume"])
    differ("the line of the marks", line[:len(want) + 1].strip(), want)
    return wrong


def body(text):
    return "\n".join(text.splitlines()[:-1])


def turned_back(a, name):
    """Undone, done again, cleared and brought back it is what it was; the last line says how."""
    load = "L '%s' Enter" % name
    asked = [a.play(load + more, "150x60") for more in ("", " u C-r", " U y u")]
    before = [re.sub(r"\d+/\d+$", "", body(a.play(keys + " g", "150x60"))) for keys in ("", load + " u")]
    wrong = ["%s differs\n%s" % (how, text) for how, text in zip(("redone", "brought back"), asked[1:]) if body(text) != body(asked[0])]
    wrong += ["undone is not as before it was loaded\n" + before[1]] if before[0] != before[1] else []
    wrong += ["still assumed\n" + before[1]] if "assumed" in before[1] or "◇" in before[1] or "no marks" not in before[1] else []
    return wrong


def round_trip(a, name, day):
    """Saved, loaded and saved again it is the same bytes, and asks the same."""
    a.play("L '%s' Enter w C-u 'kept of %s' Enter" % (name, name))
    a.play("L 'kept of %s' Enter w C-u 'again %s' Enter" % (name, name))
    first, second = a.saved("kept of " + name), a.saved("again " + name)
    with open(os.path.join(a.world.env["CANOPY_SCENARIOS"], name + ".txt"), encoding="utf-8") as f:
        text = f.read()
    kind = lambda text, word: sorted(re.findall("^%s (.*)$" % word, text, re.M))
    wrong = [] if first == second else [first + "differs from\n" + second]
    wrong += ["%s: %s is saved of %s" % (word, kind(first, word), kind(text, word)) for word in ("assume", "mark", "stage", "exempt")
              if kind(first, word) != kind(text, word)]
    asked = [a.impact("--scenario", n, "--as-of", day) for n in (name, "again " + name)]
    for answer in asked:
        del answer["command"]
        del answer["index_sha256"]  # of the file: it keeps one scenario more by now
    return wrong + ([] if asked[0] == asked[1] else ["the answers differ"])


def glyphs(text):
    """What the columns of the programs show, by the row's name, and whether it says that it is assumed."""
    found = {}
    for line in text.splitlines()[2:-2]:
        row = re.match(r".*? ((?:[%s]  ?)+) *[│├└─ ]*[▾▸ ] (.*?)(?:  |$)" % GLYPHS, line)
        if row:
            name = re.sub(r" (\(assumed\)|◇|⇄ \d+)", "", row[2])
            found.setdefault(name, []).append((re.findall("[%s]" % GLYPHS, row[1]), "(assumed)" in line or "%s ◇" % name in line))
    return found


def passed_off(a, name):
    """Rows that claim more for the program alone than it says without what is assumed."""
    program, purpose, text = FICTIONAL[name]
    marks = "\n".join(line for line in text.splitlines() if not line.startswith("assume "))
    with open(os.path.join(a.world.env["CANOPY_SCENARIOS"], "without.txt"), "w", encoding="utf-8") as f:
        f.write("#     --as-of 2026-05-31\nprogram %s\npurpose %s\n%s\n" % (program, purpose, marks))
    shown, own = (glyphs(a.play("A L '%s' Enter *" % n, "200x300")) for n in (name, "without"))
    names = re.findall(r"\b(Mz|Ch|Ap|Ms|Ow)\b", a.play("", "200x24").splitlines()[1])
    at = names.index({"mozilla": "Mz", "chrome": "Ch", "apple": "Ap"}[program])
    wrong, seen = [], 0
    for ca, rows in shown.items():
        for (got, says), (want, _) in zip(rows, own.get(ca, [])):
            seen += got[at] == "◇"
            if got[at] != want[at] and got[at] in "●◐":
                wrong.append("%s is %s with what is assumed, %s without" % (ca, got[at], want[at]))
            if got[:at] + got[at + 1:] != want[:at] + want[at + 1:]:
                wrong.append("%s: %s in other programs, %s without" % (ca, got, want))
        if ("assume " + ca) in text.splitlines() and not any(says for _, says in rows):
            wrong.append(ca + " does not say that it is assumed")
    return wrong if len(shown) > 50 and seen else ["only %d rows, %d assumed" % (len(shown), seen)] + wrong


def gained(a, name):
    """The CAs that impact names as trusted by what is assumed are as many as the program trusts more, and have the sign in the tree."""
    lines = a.play("L '%s' Enter i" % name, "150x60").splitlines()
    at = next((i for i, line in enumerate(lines) if "trusted by that alone" in line), len(lines) - 1)
    names = []
    for line in lines[at + 1:]:
        if not line.startswith("     "):
            break
        names.append(line.strip().split("  ")[0])
    number = lambda text: int(re.search(r"trusts? (\d+) of", text)[1])
    more = number(a.play("L '%s' Enter" % name, "150x24").splitlines()[-2]) - number(a.play("", "150x24").splitlines()[-2])
    tree = a.play("L '%s' Enter A *" % name, "150x200")
    signed = {n for n in names if any(n in line and "◇" in line for line in tree.splitlines())}
    said = re.match(r" +(\d+) CAs? (?:is|are) trusted by that alone", lines[at])
    return [] if said and int(said[1]) == more == len(names) > 1 and signed == set(names) else ["%s more, signed %s\n%s" % (more, signed, "\n".join(lines))]


def counts(a, name, day):
    """The program would trust as many leaves as impact says; the sum of a tree that has no such row would be less."""
    trusted = a.impact("--scenario", name, "--as-of", day)["total"]["trusted"]
    line = a.play("L '%s' Enter" % name, "150x24").splitlines()[-2]
    return [] if re.search(r"would trust \d+ of \d+ CAs for tls, ≥%d leaves" % trusted, line) else ["%d in impact: %s" % (trusted, line)]


def from_the_menu(a):
    """Assumed and limited by hand it is what the command line's options say; the written report, too."""
    keys = "A / 'yew university' Enter m a m d C-u '2026-04-01' Enter"
    options = ["--assume", "Yew University Root", "--mark", "Yew University Root=distrust-after@2026-04-01", "--as-of", DAY, "--program", "mozilla",
               "--purpose", "tls"]
    answer, line = a.impact(*options), a.play(keys).splitlines()[-2]
    want = "1 mark, 1 assumed to be an anchor · ≥%d leaves lost of ≥%d trusted" % (
        answer["total"]["lost"], sum(ca["trusted"] or 0 for ca in answer["cas"]))
    wrong = [] if want in line and answer["total"]["lost"] else ["%s: %s" % (want, line)]
    for form, suffix in [("json", "json"), ("markdown", "md"), ("csv", "csv"), ("html", "html")]:
        path = os.path.join(a.world.path, "by-hand." + suffix)
        said = a.play(keys + " x C-u '%s' Enter" % path, more=["--canopy", a.canopy]).splitlines()[-1]
        wrong += written(a, path, options, suffix, said)
    return wrong


def in_any_order(a):
    """Of two CAs of one name one is assumed first, then the other one marked: what is saved is read and saved again alike."""
    a.play("/ 'alder rollover' Enter m a n Space w C-u 'twins' Enter")
    a.play("L 'twins' Enter w C-u 'twins again' Enter")
    first, second = a.saved("twins"), a.saved("twins again")
    good = first == second and len(re.findall("^(?:assume|mark) .*Alder Rollover CA|^(?:assume|mark) [0-9a-f]{64}", first, re.M)) == 2
    return [] if good else [first + "\n" + second]


def asked_again(a):
    """A scenario that is saved is asked of the day that it was saved of, and undone of the day before."""
    a.play("D C-u '2026-03-15' Enter Space w C-u 'of a day' Enter")
    loaded, undone = (a.play("L 'of a day' Enter" + more).splitlines() for more in ("", " u"))
    answer = a.impact("--scenario", "of a day", "--as-of", "2026-03-15")["total"]
    lost = "≥%d leaves lost" % answer["lost"]
    other = a.impact("--scenario", "of a day", "--as-of", DAY)["total"]["lost"]
    good = "· 2026-03-15 " in loaded[0] and loaded[-1].strip() == "'of a day' asks mozilla tls 2026-03-15; it was %s; u undoes" % DAY and lost in loaded[-2]
    good &= "· %s " % DAY in undone[0] and "no marks" in undone[-2] and "mozilla tls 2026-03-15  1 mark" in a.play("L 'of a'")
    return [] if good and other != answer["lost"] else ["%s, %s of %s\n%s" % (lost, other, DAY, "\n".join(loaded + undone[-2:]))]


def names_set_no_day(a):
    """What a certificate is called cannot pass for the command in a comment."""
    name = "Fictional canopy impact --as-of 2001-01-01"
    with sqlite3.connect(a.db) as db:
        (ca_id,) = db.execute("SELECT lower(hex(ca_id)) FROM ca WHERE name = 'Hemlock Root CA'").fetchone()
        db.execute("UPDATE ca SET name = ? WHERE lower(hex(ca_id)) = ?", (name, ca_id))
    db.close()
    a.world.run([a.canopy, "scenario", "save", "named", "--db", a.db, "--mark", ca_id + "=block"])
    text, loaded = a.saved("named"), a.play("L 'named' Enter").splitlines()
    good = name in text and "· %s " % DAY in loaded[0] and loaded[-1].strip() == "'named' asks mozilla tls; u undoes"
    return [] if good else [text + "\n".join(loaded)]


def written(a, path, options, form, said=""):
    """Without the line that repeats the command."""
    own = lambda text: re.sub(r"canopy impact [^\n<\"]*", "canopy impact", text)
    if not os.path.exists(path):
        return [form + " is not written: " + said]
    with open(path, encoding="utf-8") as f:
        got = f.read()
    beside = [] if form in ("csv", "ndjson") else ["--beside", "all"]
    want = a.world.run([a.canopy, "impact", "--db", a.db, *options, "--format", form, *beside])
    return [] if own(got) == own(want) and len(want) > 100 else ["%s differs\n%s\n%s" % (form, got[:400], want[:400])]


def exported(a, name, day):
    """The Graphviz file of what changes: X asks as `canopy export` does."""
    path = os.path.join(a.world.path, name + ".dot")
    said = a.play("L '%s' Enter X d C-u '%s' Enter" % (name, path), more=["--canopy", a.canopy]).splitlines()[-1]
    want = a.world.run([a.canopy, "export", "dot", "--db", a.db, "--scenario", name, "--as-of", day])
    if not os.path.exists(path):
        return [said]
    with open(path, encoding="utf-8") as f:
        got = f.read()
    return [] if got == want and len(want) > 300 else ["%s\n%s" % (got, want)]


def real(world, canopy):
    """An index of real data as the scenarios that come with canopy need it, or None."""
    places = [os.environ.get("CANOPY_DATA"), os.path.join(HERE, "..", "..", "..", "shared", "data")]
    data = next((p for p in filter(None, places) if os.path.isdir(os.path.join(p, "mozilla-history"))), None)
    if not data:
        return None
    db, data = os.path.join(world.path, "real.db"), os.path.abspath(data)
    ccadb = os.path.join(data, "ccadb")
    pems = [os.path.join(ccadb, f) for f in sorted(os.listdir(ccadb)) if f.startswith("AllCertificatePEMs")]
    world.run([canopy, "import", "-q", "--db", db, *pems, os.path.join(data, "mozilla-history")])
    world.run([canopy, "import", "-q", "--db", db, "--source-date", "2025-12-16",
               os.path.join(data, "chrome", "root_store.derived.textproto")])
    return db


def command_day(text, name):
    """The day of the scenario's own command."""
    found = shlex.split(re.search(r"^#     canopy (impact --scenario %s .*)$" % re.escape(name), text, re.M)[1])
    return found[found.index("--as-of") + 1]


def main():
    canopy, maker, screen, folder = map(os.path.abspath, sys.argv[1:5])
    world, tap = World(canopy, maker), Tap(None)
    shipped = write_files(world, folder)
    a = Asker(world, canopy, screen, world.db)
    for name in FICTIONAL:
        for what, wrong in [("loses what impact says", as_impact(a, name, "2026-05-31")), ("comes back when it is undone", turned_back(a, name)),
                            ("is saved as it was loaded", round_trip(a, name, "2026-05-31")),
                            ("passes nothing off as the program's own", passed_off(a, name))]:
            tap.point(not wrong, "%s %s" % (name, what), "\n".join(wrong))
    path = os.path.join(world.path, "report.json")
    a.play("L 'made-up-history' Enter x C-u '%s' Enter" % path, more=["--canopy", canopy])
    wrong = written(a, path, ["--scenario", "made-up-history", "--as-of", "2026-05-31"], "json")
    tap.point(not wrong, "the report is that of impact", "\n".join(wrong))
    for what, wrong in [("an inclusion counts what it would bring", counts(a, "made-up-inclusion", "2026-05-31")),
                        ("impact names whom it would bring", gained(a, "made-up-inclusion")),
                        ("what the menu assumes is what --assume does", from_the_menu(a)),
                        ("what is saved does not depend on the order of the keys", in_any_order(a)),
                        ("what is saved is asked of its day again", asked_again(a)), ("names set no day", names_set_no_day(a)),
                        ("what is exported has it, too", exported(a, "made-up-history", "2026-05-31"))]:
        tap.point(not wrong, what, "\n".join(wrong))
    tap.point(len(shipped) >= 2, "some that come with canopy assume anchors", " ".join(shipped))
    db = real(world, canopy)
    for name, text in shipped.items() if db else ():
        b = Asker(world, canopy, screen, db)
        for what, wrong in [("loses what impact says", as_impact(b, name, command_day(text, name))),
                            ("is saved as it was loaded", round_trip(b, name, command_day(text, name)))]:
            tap.point(not wrong, "%s %s" % (name, what), "\n".join(wrong))
    tap.end()


if __name__ == "__main__":
    main()
