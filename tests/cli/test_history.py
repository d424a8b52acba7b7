"""What a newer report says otherwise than the one it replaced: findings of check, dated stores, and that both outlive a rebuild."""
import csv
import io
import os
import re
import sqlite3
import sys

sys.dont_write_bytecode = True
from harness import check, equal, main  # noqa: E402

RECORDS = "AllCertificateRecordsCSVFormatV5"
FIRST, SECOND, THIRD = "2026-05-20", "2026-05-30", "2026-06-10"
KINDS = ["--kind", "new-ca", "--kind", "status-changed"]


def rows_of(t):
    with open(t.path("ccadb", "%s.2026-05-30.csv" % RECORDS), encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def report(t, day, rows, name=RECORDS):
    text = io.StringIO(newline="")
    out = csv.DictWriter(text, list(rows[0]), quoting=csv.QUOTE_ALL, lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    return t.write("%s.%s.csv" % (name, day), text.getvalue())


def fingerprint(row):
    return row["SHA-256 Fingerprint"].lower()


def base(t):
    """All certificates, their PEM reports younger than everything else here."""
    db = t.dir + "/history.db"
    pems = t.path("ccadb")
    t.ok("import", "-q", "--db", db, "--source-date", "2026-07-01", *[
        "%s/AllCertificatePEMsCSVFormat_NotBeforeYear_%d.csv" % (pems, y)
        for y in [1999, 2005] + list(range(2007, 2024))])
    return db


def roots(rows, column, value):
    return [r for r in rows if r[column] == value and r["Certificate Record Type"] == "Root Certificate"]


class World:
    """Three reports: the second has one CA more, in the third Apple and CCADB changed their minds of two and one record is gone."""

    def __init__(self, t):
        self.db, second = base(t), rows_of(t)
        known = {c["sha256"] for c in self.certificates(t)}
        second = [r for r in second if fingerprint(r) in known]
        self.apple = roots(second, "Apple Status", "Included")[0]
        subs = [r for r in second if r["Certificate Record Type"] == "Intermediate Certificate"]
        self.revoked = next(r for r in subs if r["Revocation Status"] == "Not Revoked")
        self.new, self.gone = [r for r in subs if r is not self.revoked][:2]
        third = [dict(r) for r in second if r is not self.gone]
        for r in third:
            if fingerprint(r) == fingerprint(self.apple):
                r["Apple Status"] = "Removed"
            if fingerprint(r) == fingerprint(self.revoked):
                r["Revocation Status"] = "Revoked"
        self.reports = {FIRST: [r for r in second if r is not self.new], SECOND: second, THIRD: third}
        for day, rows in self.reports.items():
            t.ok("import", "-q", "--db", self.db, report(t, day, rows))

    def certificates(self, t):
        with sqlite3.connect(self.db) as db:
            return [{"sha256": h} for h, in db.execute("SELECT DISTINCT sha256 FROM v_ca_certificate")]

    def findings(self, t, *args, day="2026-08-01"):
        r = t.run("check", "--db", self.db, "--as-of", day, "--format", "json", *KINDS, *args)
        check(r.code in (0, 1), r.err)
        return [(f["kind"], f["cert_sha256"], f["detail"], f["source"], f["severity"]) for f in r.json()]

    def expected(self):
        source = "ccadb, " + RECORDS
        return sorted([
            ("new-ca", fingerprint(self.new), "in the report of %s, not in that of %s" % (SECOND, FIRST), source, "low"),
            ("status-changed", fingerprint(self.gone), "in the report of %s, no more in that of %s" % (SECOND, THIRD),
             source, "low"),
            ("status-changed", fingerprint(self.apple),
             "apple_status was 'Included' in the report of %s, is 'Removed' in that of %s" % (SECOND, THIRD), source, "low"),
            ("status-changed", fingerprint(self.revoked), "revocation_status was 'Not Revoked' in the report of %s, is "
             "'Revoked' in that of %s" % (SECOND, THIRD), source, "low"),
        ])


def anchors(db, day):
    with sqlite3.connect(db) as c:
        return {h for h, in c.execute("SELECT lower(hex(a.sha256)) FROM store_anchor a JOIN store_snapshot s ON s.id ="
                                      " a.snapshot WHERE s.program = 'apple' AND date(s.day * 86400, 'unixepoch') = ?",
                                      [day])}


def test_changes_are_findings_with_their_source(t):
    w = World(t)
    equal(sorted(w.findings(t)), w.expected())


def test_a_first_import_changes_nothing(t):
    db = base(t)
    t.ok("import", "-q", "--db", db, report(t, FIRST, rows_of(t)))
    r = t.run("check", "--db", db, *KINDS, "--format", "json")
    equal((r.code, r.json()), (0, []))
    t.ok("import", "-q", "--db", db, report(t, SECOND, rows_of(t)))
    equal(t.run("check", "--db", db, *KINDS).code, 0, "the same rows on another day")


def test_since_and_the_day_bound_the_changes(t):
    w = World(t)
    late = [f for f in w.expected() if f[0] != "new-ca"]
    equal(sorted(w.findings(t, "--since", THIRD)), late)
    equal(sorted(w.findings(t, "--since", SECOND)), w.expected())
    equal(w.findings(t, "--since", "2026-06-11"), [])
    equal(sorted(w.findings(t, day=SECOND)), [f for f in w.expected() if f[0] == "new-ca"])
    equal(w.findings(t, day="2026-05-29"), [])
    t.fails(2, "check", "--db", w.db, "--since", "yesterday", says="--since")


def test_since_leaves_other_kinds_alone(t):
    both = [t.run("check", "--as-of", "2026-06-01", "--format", "json", *more).json() for more in ([], ["--since", "2099-01-01"])]
    equal(*both)
    check(both[0])


def test_a_change_taken_back_on_the_same_day_is_none(t):
    w = World(t)
    again = [dict(r) for r in w.reports[SECOND] if r is not w.new]
    t.ok("import", "-q", "--db", w.db, report(t, THIRD, again))
    details = [f[2] for f in w.findings(t, "--since", THIRD)]
    equal(details, ["in the report of %s, no more in that of %s" % (THIRD, THIRD)])


def test_what_another_report_had_before_is_not_new(t):
    w = World(t)
    roots_report = [dict(r) for r in w.reports[SECOND] if r is not w.new and r is not w.apple]
    name = "AllCertificateRecordsCSVFormatV4"
    t.ok("import", "-q", "--db", w.db, report(t, "2026-06-12", roots_report, name))
    before = w.findings(t)
    t.ok("import", "-q", "--db", w.db, report(t, "2026-06-20", w.reports[SECOND], name))
    equal(w.findings(t), before, "both are in the other report")


def test_every_report_leaves_a_dated_store(t):
    w = World(t)
    apple = fingerprint(w.apple)
    for day in (FIRST, THIRD):
        equal(anchors(w.db, day), {fingerprint(r) for r in roots(w.reports[day], "Apple Status", "Included")}, day)
    equal(anchors(w.db, SECOND), set(), "the store of the day before stands for an equal one")
    for day, used, before in [("2026-05-25", FIRST, "all"), ("2026-06-09", FIRST, "all"), (THIRD, THIRD, "none")]:
        a = t.run("impact", "--db", w.db, "--program", "apple", "--as-of", day, "--mark", apple + "=block", "--format",
                  "json", "-q").json()
        equal(a["store_date"], used, day)
        ca_id = t.ok("show", apple, "--db", w.db, "--format", "json").json()["ca_id"]
        equal(next((c["before"] for c in a["cas"] if c["ca_id"] == ca_id), "none"), before, day)


def test_a_store_later_than_the_day_says_so_in_every_report(t):
    w = World(t)
    mark = fingerprint(w.apple) + "=block"
    for day, later in (("2026-05-19", True), (FIRST, False)):
        ask = ["impact", "--db", w.db, "--program", "apple", "--as-of", day, "--mark", mark, "-q", "--format"]
        for form, says in (("table", ["; by a store of %s, later than the day asked" % FIRST]),
                           ("md", ["by stores later than %s, so that what they had then is not known: apple of %s" % (day, FIRST),
                                   "the store that is asked is of %s, which is later than %s: what it had then is not known"
                                   % (FIRST, day)])):
            out = t.run(*ask, form).out
            equal([s in out for s in says], [later] * len(says), "%s %s\n%s" % (day, form, out[:1500]))
            lost = next(line for line in out.splitlines() if re.match(r"(  |- )lost\b", line))
            equal(lost.endswith("; by a store of %s, later than the day asked" % FIRST), later, lost)
        for form, more in (("md", ["--beside", "apple"]), ("table", ["--beside", "apple"]), ("table", ["--purpose", "all"]),
                           ("html", ["--purpose", "all"])):
            out = t.run(*ask, form, *more).out
            equal("%s, later" % FIRST in out, later, "the row says it: %s %s\n%s" % (form, more, out[:1500]))
        for form in ("csv", "json"):
            check(", later" not in t.run(*ask, form, "--purpose", "all").out, "a date is a date there")
        line = t.run(*ask, "table", "--until", "5").out
        equal("; by a store of %s, later than the day asked" % FIRST in line, later, line)


def test_a_store_that_is_old_says_so_beside_others(t):
    w = World(t)
    for day, old in (("2026-07-11", True), ("2026-07-10", False)):
        ask = ["impact", "--db", w.db, "--as-of", day, "--program", "apple", "--mark", fingerprint(w.revoked) + "=revoke", "-q", "--format"]
        for form, more in (("md", ["--beside", "apple"]), ("table", ["--beside", "apple"]), ("html", ["--beside", "apple"]),
                           ("table", ["--purpose", "all"]), ("html", ["--purpose", "all"])):
            out = t.run(*ask, form, *more).out
            equal("%s, old" % THIRD in out, old, "%s %s %s\n%s" % (day, form, more, out[:1500]))
            if "--beside" in more:
                equal("the store is of %s, over 30 days before %s: it may have changed since" % (THIRD, day) in out, old, out[:1500])
        for form in ("csv", "json"):
            check(", old" not in t.run(*ask, form, "--purpose", "all").out, "a date is a date there")


def test_nothing_lost_by_a_later_store_that_has_none_of_it_is_no_answer(t):
    w, day = World(t), "2026-05-19"
    has = anchors(w.db, FIRST)
    other = next(r for r in roots(w.reports[FIRST], "Apple Status", "Not Included") if r["CA Owner"].startswith("Yew"))
    check(fingerprint(other) not in has and fingerprint(w.apple) in has)
    caveat = "; by a store of %s, later than the day asked" % FIRST

    def lines(row, *more, day=day, form="md"):
        return t.run("impact", "--db", w.db, "--program", "apple", "--as-of", day, "--mark", fingerprint(row) + "=block", "-q",
                     "--format", form, "--until", "5", "--report", *more).out

    whole = lines(w.apple)
    for begins in ("fewer than 5 leaves", "from when on nothing is lost any more"):
        said = re.findall(r"(?m)^(?:- )?(%s.*)$" % begins, whole)
        check(len(said) == 2 and all(s.endswith(caveat) for s in said), (begins, said))
    unknown = ("what apple trusted on %s is not known: its store is of %s, later, and trusts none of what is marked; "
               "--assume takes it for an anchor of apple beforehand" % (day, FIRST))
    for form in ("md", "table"):
        whole = lines(other, form=form)
        check("nothing is lost" not in whole and unknown in whole and "at least 0 trusted" not in whole, whole)
        check("no CA loses trust" not in whole and re.search(r"CAs(:| +) ?not known which change", whole), whole)
        check(re.search(r"lost(:| +) ?not known%s, which trusts none of what is marked" % caveat, whole), whole)
        equal(whole.count("fewer than 5 leaves are lost: unknown%s, which trusts none of what is marked" % caveat),
              2 if form == "md" else 1, whole)
    check(unknown in lines(other, "--purpose", "all"), "beside others")
    tables = lines(other, "--beside", "apple") + lines(other, "--purpose", "all")
    rows = re.findall(r"(?m)^\| apple *\|(?: tls *\|)? *%s, later *\|(.*)\|$" % FIRST, tables)
    equal([[c.strip() for c in r.split("|")[:-1]] for r in rows], [["–"] * 7, ["–"] * 5], tables)
    several = lines(other, "--purpose", "all")
    days = re.findall(r"(?m)^\| 20\d\d-\d\d-\d\d *\| *\d+ *\|(.*)\|$", several)
    check(not days or all(d.split("|")[0].strip() == "–" for d in days), several)
    for said in (lines(other, day=FIRST), lines(other, "--assume", fingerprint(other))):
        check("is not known: its store" not in said, said)
    equal([(r["lost"], r["date"]) for r in t.run("impact", "--db", w.db, "--program", "apple", "--as-of", day, "--mark",
           fingerprint(other) + "=block", "-q", "--format", "csv", "--days").csv()][0], ("0", day), "rows are as they were")
    for row, asked, answered in (other, day, False), (other, FIRST, True), (w.apple, day, True):
        a = t.run("impact", "--db", w.db, "--program", "apple", "--as-of", asked, "--mark", fingerprint(row) + "=block", "-q",
                  "--format", "json", "--beside", "apple", "--until", "5")
        for said in a.json(), a.json()["beside"][0]:
            equal((said["answered"], type(said["total"]["lost"]), type(said["changed_cas"])), (answered, int, int))


def test_a_store_of_two_reports_stays_when_one_of_them_is_replaced(t):
    w = World(t)
    db, rows = t.dir + "/two.db", w.reports[SECOND]
    kept = roots(rows, "Apple Status", "Included")
    t.ok("import", "-q", "--db", db, report(t, SECOND, kept), report(t, SECOND, kept[1:], "AllCertificateRecordsCSVFormatV4"))
    t.ok("import", "-q", "--db", db, report(t, THIRD, kept[1:]))
    with sqlite3.connect(db) as c:
        days = c.execute("SELECT date(s.day * 86400, 'unixepoch'), count(DISTINCT a.sha256), count(*) > count(DISTINCT"
                         " a.sha256 || a.purpose) FROM store_snapshot s JOIN store_anchor a ON a.snapshot = s.id"
                         " WHERE s.program = 'apple' GROUP BY 1 ORDER BY 1").fetchall()
    equal([d for d in days if d[0] == SECOND], [(SECOND, len(kept), 0)])


def test_diff_tells_what_a_store_lost(t):
    w = World(t)
    for day in (FIRST, SECOND):
        rows = t.ok("diff", "--db", w.db, "--store", "apple", day, THIRD, "--format", "json", "-q").json()
        lost = {(r["kind"], r["cert_sha256"]) for r in rows if r["kind"].startswith("anchor-")}
        equal(lost, {("anchor-gone", fingerprint(w.apple))}, day)


def test_two_chrome_stores_answer_for_their_days(t):
    db = base(t)
    with open(t.path("chrome", sorted(os.listdir(t.path("chrome")))[0]), encoding="utf-8") as f:
        text = f.read()
    hashes = [s.split('"')[1] for s in text.split("\n") if s.strip().startswith("sha256_hex:")]
    check(len(hashes) > 1, text[:200])
    head, sep, rest = text.partition("trust_anchors {")
    first, sep2, others = rest.partition("trust_anchors {")
    older, newer = t.write("root_store.2026-01-05.textproto", text), t.write("root_store.2026-03-05.textproto",
                                                                            head + sep2 + others)
    t.ok("import", "-q", "--db", db, newer)
    t.ok("import", "-q", "--db", db, older)
    days = {day: t.run("impact", "--db", db, "--program", "chrome", "--as-of", day, "--mark", hashes[0] + "=block",
                       "--format", "json", "-q").json() for day in ("2026-02-01", "2026-04-01")}
    equal([a["store_date"] for a in days.values()], ["2026-01-05", "2026-03-05"])
    rows = t.ok("diff", "--db", db, "--store", "chrome", "2026-01-05", "2026-03-05", "--format", "json", "-q").json()
    equal({(r["kind"], r["cert_sha256"]) for r in rows if r["kind"].startswith("anchor-")}, {("anchor-gone", hashes[0])})


def test_of_two_stores_of_one_day_the_newest_version_answers_from_it_on_and_which_it_is_is_told(t):
    def store(version):
        with open(t.path("chrome", sorted(f for f in os.listdir(t.path("chrome")) if f.endswith(".textproto"))[0]), encoding="utf-8") as f:
            text = re.sub(r"version_major: \d+", "version_major: %d" % version, f.read())
        head, sep, rest = text.partition("trust_anchors {")
        gone, sep2, others = rest.partition("trust_anchors {")
        first = re.search(r'sha256_hex: "([0-9a-f]+)"', gone)[1]
        return t.write("of.%d/root_store.textproto" % version, text if version == 31 else head + sep2 + others), first

    (older, gone), (newer, _) = store(31), store(36)
    for order in ([older, newer], [newer, older]):
        db = t.dir + "/%s.db" % ("older" if order[0] == older else "newer")
        t.ok("import", "-q", "--db", db, "--source-date", "2026-07-01",
             *["%s/AllCertificatePEMsCSVFormat_NotBeforeYear_%d.csv" % (t.path("ccadb"), y) for y in (2010, 2019)])
        for path in order:
            t.ok("import", "-q", "--db", db, "--source-date", "2026-03-05", path)
        # before both the oldest answers, as where days differ
        for day, version in (("2026-03-04", 31), ("2026-03-05", 36), ("2026-03-06", 36)):
            r = t.run("show", gone, "--db", db, "--as-of", day, "--program", "chrome", "--purpose", "tls")
            says = "chrome tls: %s (store of 2026-03-05 (version %d)" % ("trusted" if version == 31 else "not trusted", version)
            check(r.code == 0 and says in r.out, "%s: %s%s" % (day, r.out, r.err))
            r = t.run("impact", "--db", db, "--program", "chrome", "--as-of", day, "--mark", gone + "=revoke", "--report", "-q")
            check("store and rules of chrome: snapshot of 2026-03-05 (version %d)\n" % version in r.out, r.out + r.err)


def test_a_rebuild_keeps_the_history(t):
    w = World(t)
    before = w.findings(t), anchors(w.db, FIRST), anchors(w.db, THIRD)
    check(before[0] and before[1])
    t.ok("index", "--rebuild", "--db", w.db, "-q")
    equal((w.findings(t), anchors(w.db, FIRST), anchors(w.db, THIRD)), before)


def test_days_without_a_change_add_nothing(t):
    w = World(t)

    def sizes():
        with sqlite3.connect(w.db) as c:
            return [c.execute("SELECT count(*) FROM " + table).fetchone()[0]
                    for table in ("ccadb_change", "store_snapshot", "store_anchor", "ccadb_record", "file")]
    before = sizes()
    for day in range(11, 16):
        t.ok("import", "-q", "--db", w.db, report(t, "2026-06-%d" % day, w.reports[THIRD]))
    equal(sizes()[0], before[0])
    # the first of these days leaves the changed stores of the day before behind, the others nothing
    grown = sizes()
    t.ok("import", "-q", "--db", w.db, report(t, "2026-06-16", w.reports[THIRD]))
    equal(sizes(), grown)


if __name__ == "__main__":
    main()
