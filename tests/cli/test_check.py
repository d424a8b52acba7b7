"""check: findings as rows, which are asked for, and what the exit status says."""
import csv
import hashlib
import io
import os
import re
import shutil
import sqlite3
import ssl
import sys

sys.dont_write_bytecode = True
from crlcase import CA, extension, pem, revoked  # noqa: E402
from ctlog import tlv  # noqa: E402
from harness import DAY, check, clean, equal, main  # noqa: E402

COLUMNS = ["kind", "severity", "ca_id", "cert_sha256", "subject", "detail", "source"]
SEVERITIES = ["high", "medium", "low"]


def findings(t, *args, code=1):
    r = t.run("check", "--as-of", DAY, "--format", "json", *args)
    equal((r.code, r.err), (code, ""))
    return r.json()


def test_the_columns_are_exactly_the_contract_s(t):
    equal(t.run("check", "--format", "csv").header().split(","), COLUMNS)
    for row in findings(t):
        equal(list(row), COLUMNS)


def test_findings_of_the_world_are_told_with_their_certificates(t):
    found = {(r["kind"], r["cert_sha256"]): r for r in findings(t)}
    for kind, nick in [("undisclosed", "undisclosed-ca"), ("ocsp-signing-eku", "alder-ocsp"), ("weak-key", "pine-weak"),
                       ("sha1-signature", "birch-sha1"), ("expired-parent", "birch-expired-child")]:
        row = found[kind, t.cert(nick)]
        equal(row["ca_id"], t.ca(nick), kind)
        check("(fictional)" in row["subject"] and row["detail"] and row["source"], row)
    equal(found["undisclosed", t.cert("undisclosed-ca")]["severity"], "high")


def markdown(t, *args):
    """The rows that people get: lists of cells, escapes taken away."""
    out = t.run("check", "--as-of", DAY, *args, "--format", "md").out.replace("\\", "")
    return [line.strip("| ").split(" | ") for line in out.splitlines() if re.match(r"\| [a-z0-9-]+ \| (high|medium|low) ", line)]


def test_rows_for_programs_come_by_kind_then_severity_then_ca_id_those_for_people_by_name(t):
    listed = [line.split()[0] for line in t.ok("check", "--help").out.split("Values of --kind\n\n")[1].split("\n\n")[0]
              .splitlines() if line.startswith("  ") and line[2] != " "]
    found = findings(t, "--db", t.full_db())
    # what is about no CA, and what is about no certificate, comes last
    keys = [(listed.index(r["kind"]), SEVERITIES.index(r["severity"]), r["ca_id"] or "~", r["cert_sha256"] or "~") for r in found]
    equal(keys, sorted(keys))
    check(len({k[0] for k in keys}) > 5)
    cells = markdown(t, "--db", t.full_db())
    equal(len(cells), len(found))
    keys = [(listed.index(c[0]), SEVERITIES.index(c[1]), c[7].lower() if c[2] != "–" else "\U0010ffff", c[3]) for c in cells]
    equal(keys, sorted(keys))
    ids = [(*k[:2], c[2]) for k, c in zip(keys, cells)]
    check(ids != sorted(ids), "the ids have another order, or this proves nothing")


def test_certificates_of_one_name_come_by_fingerprint_whosever_they_are(t):
    db = t.path("namesakes.db")
    shutil.copy(t.full_db(), db)
    made = [CA(t.dir, "Namesake CA") for _ in range(6)]
    with open(t.path("namesakes.pem"), "wb") as f:
        f.write(b"".join(pem(ca.cert) for ca in made))
    t.ok("import", "--quiet", "--db", db, t.path("namesakes.pem"))
    found = [c for c in markdown(t, "--db", db, "--kind", "undisclosed") if c[4] == "CN=Namesake CA"]
    equal([c[3] for c in found], sorted(hashlib.sha256(ca.cert).hexdigest() for ca in made))
    check([c[2] for c in found] != sorted(ca.id for ca in made), "the ids have another order, or this proves nothing")


def test_a_key_that_lives_on_is_told_with_who_revoked_when_and_which_certificate_lives(t):
    """Each certificate that is revoked, unlike another of the same key: both are told, beside what the index has of them."""
    found = findings(t, "--db", t.full_db(), "--kind", "sibling-alive")
    with sqlite3.connect(t.full_db()) as c:
        ends = {sha: (end, key) for sha, end, key in c.execute(
            "SELECT sha256, not_after, spki_sha256 FROM v_ca_certificate JOIN v_ca USING (ca_id)")}
    lives = r"[0-9a-f]{64} of '[^']+', valid to \d{4}-\d\d-\d\d, trusted by (?:\w+ (?:tls|email)(?:, (?=\w))?)+"
    for row in found:
        who, _, where = row["detail"].partition("; its key lives on in certificate ")
        check(re.fullmatch(r"revoked by (crl|onecrl) on \d{4}-\d\d-\d\d(, by onecrl on \d{4}-\d\d-\d\d)?", who), who)
        check(re.fullmatch(lives + "(?:; and in certificate " + lives + ")*", where), where)
        for sha, end in re.findall(r"([0-9a-f]{64}) of '[^']+', valid to (\S+),", where):
            equal((ends[sha][0][:10], ends[sha][1]), (end, ends[row["cert_sha256"]][1]))
            check(sha != row["cert_sha256"], row)
    equal(len(found), 3)
    equal([r["detail"][:29] for r in found if r["cert_sha256"] == t.cert("cedar-shared-by-alder")], ["revoked by crl on 2026-03-15;"])


def test_a_key_lives_on_however_many_paths_fail_and_what_is_many_is_counted(t):
    """A CA of 40 expired certificates below one of 20, so that 820 paths are there, and 20 that hold."""
    root = CA(t.dir, "Faces Root")
    above = CA(t.dir, "Faces Above", root, b"\2")
    sub = CA(t.dir, "Faces", above, b"\3")
    ca = [extension(0x13, tlv(0x30, b"\1\1\xff"), True), extension(0x0F, b"\3\2\1\6", True)]

    def faces(issuer, of, serials, before="200101000000", after="390101000000"):
        return [issuer.certificate(bytes([n]), of.name, of.spki, ca, before, after) for n in serials]

    def alive(*certs):
        with open(t.path("faces.pem"), "wb") as f:
            f.write(b"".join(map(pem, certs)))
        t.ok("import", "--quiet", "--db", db, t.path("faces.pem"))
        [row] = findings(t, "--db", db, "--kind", "sibling-alive")
        equal(row["cert_sha256"], hashlib.sha256(sub.cert).hexdigest())
        who, *where = row["detail"].split("; ")
        equal(who, "revoked by crl on 2026-05-10")
        return where

    db = t.path("faces.db")
    for name, option, data in [("root.pem", ["--store", "ours"], pem(root.cert)), ("a.crl", [], above.crl(revoked(b"\3"))), ("sub.pem", [], pem(sub.cert))]:
        with open(t.path(name), "wb") as f:
            f.write(data)
        t.ok("import", "--quiet", "--db", db, "--source-date", "2026-05-20", *option, t.path(name))
    old = faces(root, above, range(4, 23), after="250101000000") + faces(above, sub, range(50, 90), after="250101000000")
    [one] = faces(above, sub, [100])
    told = "certificate %s of 'Faces', valid to 2039-01-01, trusted by ours tls, ours email"
    equal(alive(above.cert, one, *old), ["its key lives on in " + told % hashlib.sha256(one).hexdigest()])
    more = faces(above, sub, range(101, 118))
    where = alive(*more)
    equal(where[-1], "and in 2 more")
    equal(where[:-1], [("and in " if i else "its key lives on in ") + told % sha
                       for i, sha in enumerate(sorted(hashlib.sha256(c).hexdigest() for c in [one, *more])[:16])])


def chrome_store(t, cert):
    """Chrome's, whose anchors are not judged by their own dates."""
    store = 'version_major: 36\n\ntrust_anchors {\n  sha256_hex: "%s"\n}\n' % hashlib.sha256(cert).hexdigest()
    return [t.write("root_store.2026-05-20.textproto", store), t.write("root_store.2026-05-20.certs", pem(cert))]


def test_a_key_lives_on_through_an_expired_anchor_where_its_dates_are_not_judged(t):
    root, old = CA(t.dir, "Other Root"), CA(t.dir, "Old Root")
    basic = [extension(0x13, tlv(0x30, b"\1\1\xff"), True)]
    anchor = old.certificate(b"\2", old.name, old.spki, basic, "050101000000", "250101000000")
    cross = root.certificate(b"\3", old.name, old.spki, basic, "120101000000", "340101000000")
    db = t.path("expired-anchor.db")
    t.ok("import", "--quiet", "--db", db, "--source-date", "2026-05-20", *chrome_store(t, anchor), t.write("other.pem", pem(root.cert)),
         t.write("cross.pem", pem(cross)), t.write("other.crl", root.crl(revoked(b"\3"))))
    [row] = findings(t, "--db", db, "--kind", "sibling-alive")
    equal((row["cert_sha256"], row["detail"]), (hashlib.sha256(cross).hexdigest(), "revoked by crl on 2026-05-10; its key lives on in certificate %s"
          " of 'Old Root', valid to 2025-01-01, trusted by chrome tls" % hashlib.sha256(anchor).hexdigest()))


def test_a_certificate_with_more_paths_than_are_followed_is_not_said_to_be_accepted_nowhere(t):
    """Below 17 layers of two CAs, each certified by both above, one certificate is too many by the root's pathLenConstraint, on each of
    the 131,072 paths; of its CA there is another one, so that the CA is accepted."""
    layers = 17
    root, bottom = CA(t.dir, "Wide Root"), CA(t.dir, "Wide Bottom")
    basic = [extension(0x13, tlv(0x30, b"\1\1\xff"), True)]
    limit = [extension(0x13, tlv(0x30, b"\1\1\xff", tlv(2, bytes([layers]))), True)]

    def of(issuer, ca, serial):
        return issuer.certificate(serial, ca.name, ca.spki, basic, "200101000000", "390101000000")

    anchor = root.certificate(b"\1", root.name, root.spki, limit, "200101000000", "390101000000")
    short, above, certs = of(root, bottom, b"\2"), [root], []
    for n in range(layers):
        here = [CA(t.dir, "Wide %d %d" % (n, k)) for k in range(2)]
        certs += [of(a, ca, bytes([3 + k])) for a in above for k, ca in enumerate(here)]
        above = here
    far = of(above[0], bottom, b"\5")
    db = t.path("wide.db")
    for data, option, file in [(pem(anchor), ["--store", "ours"], "anchor.pem"), (b"".join(map(pem, [short, far, *certs])), [], "wide.pem")]:
        t.ok("import", "--quiet", "--db", db, "--source-date", "2026-05-20", *option, t.write(file, data))
    t.ok("import", "--quiet", "--db", db, t.path("ccadb"))
    found = {r["cert_sha256"]: (r["severity"], r["detail"].split("; ")[1]) for r in findings(t, "--db", db, "--kind", "undisclosed")}
    equal(found[hashlib.sha256(short).hexdigest()], ("high", "accepted by ours tls, ours email"))
    equal(found[hashlib.sha256(far).hexdigest()], ("high", "not known whether accepted by ours tls, ours email: too many paths"))
    t.ok("import", "--quiet", "--db", db, t.write("root.crl", root.crl(revoked(b"\2"))))
    [row] = findings(t, "--db", db, "--kind", "sibling-alive", hashlib.sha256(short).hexdigest())
    equal(row["detail"], "revoked by crl on 2026-05-10; its key may live on in certificate %s of 'Wide Bottom', valid to 2039-01-01, "
          "not known whether trusted by ours tls, ours email: too many paths" % hashlib.sha256(far).hexdigest())


def owners(db):
    with sqlite3.connect(db) as c:
        return dict(c.execute("SELECT ca_id, coalesce(nullif(owner, ''), 'not known') FROM v_ca"))


def test_the_owner_of_each_ca_has_a_column_in_markdown(t):
    want = owners(t.full_db())
    cells = markdown(t, "--db", t.full_db())
    equal([c[8] for c in cells if c[2] != "–"], [want[c[2]] for c in cells if c[2] != "–"])
    check({"not known"} < {c[8] for c in cells}, "owners that are known, and one that is not")


def test_markdown_tells_what_it_is_of_and_shortens_nothing(t):
    out = t.run("check", "--as-of", DAY, "--db", t.full_db(), "--kind", "sibling-alive", "--format", "md").out
    head, _, table = out.replace("\\", "").partition("\n| kind ")
    rows, want = findings(t, "--db", t.full_db(), "--kind", "sibling-alive"), owners(t.full_db())
    lines = head.splitlines()
    equal(lines[:4], ["# findings about the hierarchy on " + DAY, "", "- 3 findings about 3 CAs", "- filter: kind:sibling-alive"])
    check(re.fullmatch(r"- programs: every one, for tls and email, by its store: mozilla of 2026-05-15, chrome of 2026-05-\d\d, .*", lines[4]), lines[4])
    check(re.fullmatch(r"- index: its newest source is of \d{4}-\d\d-\d\d", lines[5]), lines[5])
    equal(lines[6:], ["- sibling-alive: a revoked CA certificate whose key stays trusted through another certificate"])
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    equal(sorted(c[:7] + c[8:] for c in cells),
          sorted([*(r[name] for name in COLUMNS), want[r["ca_id"]]] for r in rows))
    check(all("CN=" + c[7] in c[4] for c in cells), "the name")
    for args, says in [((), "none, these are all findings"), (("--kind", "cycle", "--kind", "weak-key"), "kind:cycle or kind:weak-key"),
                       (("Alder Root CA",), "about 'Alder Root CA'"),
                       (("--kind", "new-ca", "--since", DAY), "kind:new-ca, of new-ca and status-changed what changed since " + DAY)]:
        out = t.run("check", "--as-of", DAY, "--format", "md", *args).out
        check("\n- filter: %s\n" % says in out, out[:400])


def test_a_revocation_without_a_day_is_told_so(t):
    undated = t.path("undated.db")
    shutil.copy(t.full_db(), undated)
    with sqlite3.connect(undated) as c:
        c.execute("UPDATE revocation SET since = NULL")
    c.close()
    found = findings(t, "--db", undated, "--kind", "sibling-alive")
    equal(sorted(r["detail"].split(";")[0] for r in found),
          ["revoked by crl, crlset (undated)", "revoked by crl, crlset (undated)", "revoked by crl, onecrl (undated)"])
    os.remove(undated)


def test_the_exit_status_says_whether_there_are_findings(t):
    equal(t.run("check", "--as-of", DAY).code, 1)
    equal(findings(t, "--kind", "unrevoked", code=0), [])
    equal(findings(t, "Alder Root CA", code=0), [])
    r = t.run("check", "--kind", "unrevoked", "--format", "csv")
    equal((r.code, r.out), (0, ",".join(COLUMNS) + "\n"))
    equal(t.run("check", "no such CA").code, 2)


NO_REVOCATIONS = "no source of revocations is indexed (OneCRL, CRLSet, CRLs, CCADB's revocation status): nothing is known of "
OF_REVOCATIONS = ["revoked-not-everywhere", "unrevoked", "sibling-alive"]


def test_without_a_source_of_revocations_what_rests_on_them_is_said_not_to_be_known(t):
    db = os.path.join(t.dir, "bare.db")

    def note(*args):
        return t.run("check", "--as-of", DAY, "--db", db, "--format", "csv", *args).err
    check("not known" not in note() and "revocations" not in note(), "an empty index says that it is")
    t.ok("import", "--quiet", "--db", db, "--source-date", DAY, t.path("mozilla"))
    equal(note(), "canopy: " + NO_REVOCATIONS + ", ".join(OF_REVOCATIONS) + "\n")
    equal(note("--kind", "sibling-alive", "--kind", "weak-key"), "canopy: " + NO_REVOCATIONS + "sibling-alive\n")
    equal((note("--kind", "weak-key"), note("--quiet")), ("", ""))
    line = "- " + NO_REVOCATIONS + ", ".join(OF_REVOCATIONS)
    check(line in t.run("check", "--as-of", DAY, "--db", db, "--format", "md").out.replace("\\", "").splitlines())
    check("no source of revocations" not in t.run("check", "--as-of", DAY, "--format", "md").out)
    for part in "onecrl", "crlset", "crl", "ccadb":
        one = os.path.join(t.dir, part + ".db")
        shutil.copy(db, one)
        t.run("import", "--quiet", "--db", one, "--source-date", DAY, t.path(part))
        equal(t.run("check", "--as-of", DAY, "--db", one, "--format", "csv").err, "", part)


def test_kinds_restrict_the_rows(t):
    everything = findings(t)
    equal(findings(t, "--kind", "cycle"), [r for r in everything if r["kind"] == "cycle"])
    equal(findings(t, "--kind", "weak-key", "--kind", "cycle"),
          [r for r in everything if r["kind"] in ("cycle", "weak-key")], "in the order of the kinds")
    for kind in {r["kind"] for r in everything}:
        equal(findings(t, "--kind", kind), [r for r in everything if r["kind"] == kind], kind)


def test_refs_restrict_the_rows_to_cas_and_certificates(t):
    everything = findings(t)
    wanted = [r for r in everything if r["ca_id"] in (t.ca("birch-sha1"), t.ca("pine-weak"))]
    equal(findings(t, "Birch SHA-1 CA", t.ca("pine-weak")), wanted)
    equal(len(wanted), 2)
    equal(findings(t, t.cert("birch-sha1")), [r for r in everything if r["cert_sha256"] == t.cert("birch-sha1")])
    alder = [t.ca(n) for n in t.nicks() if t.facts.get("owner." + n) == "Alder Trust Services (fictional)"]
    equal(findings(t, "owner:Alder Trust Services (fictional)"), [r for r in everything if r["ca_id"] in alder])
    # a CA of two certificates of which one has a finding
    other = findings(t, t.cert("cedar-shared-by-cedar"), "--db", t.full_db(), code=0)
    equal(other, [])
    check(findings(t, t.cert("cedar-shared-by-alder"), "--db", t.full_db()))


def test_what_is_about_no_ca_has_empty_cells(t):
    found = findings(t, "--kind", "unparsable", "--db", t.full_db())
    check(found, "the world has lists that cannot be read")
    for row in found:
        equal((row["ca_id"], row["cert_sha256"], row["subject"]), (None, None, None))
        check(row["detail"] and row["source"], row)


def test_the_day_decides(t):
    equal(findings(t, "--kind", "expired-parent", "Birch CA below an expired CA", "--as-of", "2008-01-01", code=0), [])
    equal(len(findings(t, "--kind", "expired-parent", "Birch CA below an expired CA")), 1)


def test_all_formats_tell_the_same(t):
    args = ["check", "--as-of", DAY]
    rows = findings(t)
    equal(t.run(*args, "--format", "ndjson").ndjson(), rows)
    equal([{k: v or None for k, v in r.items()} for r in t.run(*args, "--format", "csv").csv()], rows)
    for form in ["table", "md"]:
        out = t.run(*args, "--format", form).out
        clean(out)
        for kind in {r["kind"] for r in rows}:
            check(kind in out, kind)


def test_what_cannot_be_read_is_an_error_and_no_finding_less(t):
    damaged = t.path("damaged.db")
    for table in ["store_anchor", "store_distrust", "revoked_once", "ccadb_change", "signature", "leaf_certificate", "ct_duplicate",
                  "problem"]:
        shutil.copy(t.full_db(), damaged)
        with sqlite3.connect(damaged) as c:
            c.execute("DROP TABLE " + table)
        c.close()
        t.fails(5, "check", "--db", damaged, "--as-of", DAY, says="no such table")
    os.remove(damaged)


def test_a_store_that_cannot_be_read_is_an_error_and_trusts_no_ca_less(t):
    damaged = t.path("damaged.db")
    shutil.copy(t.full_db(), damaged)
    with sqlite3.connect(damaged) as c:
        c.execute("DROP TABLE store_anchor")
    c.close()
    for command in [["tree"], ["counts", "--program", "mozilla"], ["counts", "--by", "program"], ["show", "Alder Root CA"],
                    ["impact", "--mark", "Alder Root CA=block"], ["leaves", "--lost", "--mark", "Alder Root CA=block"]]:
        r = t.run(*command, "--db", damaged, "--as-of", DAY)
        equal((r.code, "no such table: store_anchor" in r.err), (5, True), command)
    os.remove(damaged)


STORES = ["--kind", "store-shrank", "--kind", "store-contradicts-ccadb"]
REPORT = "ccadb/AllCertificateRecordsCSVFormatV5.2026-05-30.csv"


def report(t, name, change):
    """The world's newest report, with rows as change() leaves them."""
    with open(t.path(REPORT), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    out = io.StringIO()
    w = csv.DictWriter(out, list(rows[0]), quoting=csv.QUOTE_ALL)
    w.writeheader()
    for row in rows:
        if row["Certificate Record Type"] == "Root Certificate":
            change(row)
        w.writerow(row)
    return t.write(name, out.getvalue())


def stores(t, day, *paths, code=1):
    """What check says of the stores of an index of Chrome's newest one and these files."""
    db = os.path.join(t.dir, "stores.db")
    if os.path.exists(db):
        os.remove(db)
    t.run("import", "--quiet", "--db", db, t.path("ccadb"), t.path("chrome", "root_store.2026-05-20.textproto"),
          t.path("chrome", "root_store.2026-05-20.certs"), *paths)
    return findings(t, "--db", db, "--as-of", day, *STORES, code=code)


def test_a_store_that_says_otherwise_than_ccadb_is_told_with_both_days(t):
    [row] = findings(t, *STORES, "--db", t.full_db())
    equal((row["kind"], row["severity"], row["cert_sha256"]), ("store-contradicts-ccadb", "low", t.cert("ginkgo-root")))
    equal(row["detail"], "an anchor of chrome for tls in its store of 2026-05-20, 'Not Included' by CCADB's report of 2026-05-30")
    equal(row["source"], "ccadb, AllCertificateRecordsCSVFormatV5")
    # a store that is derived from the reports says what they say, and one of another year is no contradiction
    equal(findings(t, *STORES, code=0), [])
    equal(findings(t, *STORES, "--db", t.full_db(), "--as-of", "2024-12-01", code=0), [])


def test_ccadb_s_included_roots_that_are_no_anchors_are_told_one_by_one_while_they_are_few(t):
    others = []

    def include_one(row):
        if row["Chrome Status"] == "Not Included" and not others and row["SHA-256 Fingerprint"].lower() != t.cert("ginkgo-root"):
            others.append(row["SHA-256 Fingerprint"].lower())
            row["Chrome Status"] = "Included"
    found = stores(t, DAY, report(t, "AllCertificateRecordsCSVFormatV5.2026-05-31.csv", include_one))
    equal(sorted(r["cert_sha256"] for r in found), sorted([*others, t.cert("ginkgo-root")]))
    row = next(r for r in found if r["cert_sha256"] in others)
    equal(row["detail"], "included in chrome by CCADB's report of 2026-05-31, no anchor in its store of 2026-05-20")


def test_many_contradictions_are_one_finding_that_says_both_numbers(t):
    def include(row):
        row["Chrome Status"] = "Included"
    [row] = stores(t, DAY, report(t, "AllCertificateRecordsCSVFormatV5.2026-05-31.csv", include))
    equal((row["severity"], row["ca_id"], row["cert_sha256"]), ("medium", None, None))
    check(row["detail"].endswith("includes for chrome are no anchors in its store of 2026-05-20 (version 36), which has 11"), row)
    told = re.match(r"(\d+) of the (\d+) roots that CCADB's report of 2026-05-31 ", row["detail"])
    check(told and 5 < int(told[1]) < int(told[2]), row)


def test_reports_of_another_time_or_without_an_included_root_say_nothing_of_a_store(t):
    def exclude(row):
        row["Chrome Status"] = "Not Included"

    def include(row):
        row["Chrome Status"] = "Included"
    equal(stores(t, DAY, report(t, "AllCertificateRecordsCSVFormatV5.2026-05-31.csv", exclude), code=0), [])
    equal(stores(t, "2026-12-01", report(t, "AllCertificateRecordsCSVFormatV5.2026-08-01.csv", include), code=0), [])


def test_a_file_that_was_derived_from_others_is_no_word_of_ccadb_about_a_store(t):
    def include(row):
        row["Chrome Status"] = "Included"
    found = stores(t, DAY, report(t, "AllCertificateRecordsCSVFormatV5.derived.2026-05-31.csv", include))
    equal([(r["cert_sha256"], r["source"]) for r in found], [(t.cert("ginkgo-root"), "ccadb, AllCertificateRecordsCSVFormatV5")])
    # the same without CCADB's own report beside it: nothing is said at all
    db = os.path.join(t.dir, "derived.db")
    t.run("import", "--quiet", "--db", db, t.path("chrome", "root_store.2026-05-20.textproto"),
          t.path("chrome", "root_store.2026-05-20.certs"), report(t, "AllCertificateRecordsCSVFormatV5.derived.2026-05-31.csv", include))
    equal(findings(t, "--db", db, "--as-of", DAY, *STORES, code=0), [])


def test_who_says_that_a_certificate_is_not_revoked_in_ccadb(t):
    pems = [t.path("ccadb", n) for n in os.listdir(t.path("ccadb")) if "PEMs" in n]

    def told(name, *paths):
        db = os.path.join(t.dir, name)
        t.run("import", "--quiet", "--db", db, t.path("onecrl"), *pems, *paths)
        r = t.run("check", "--db", db, "--as-of", DAY, "--kind", "revoked-not-everywhere", "--format", "json")
        return {f["cert_sha256"]: f["detail"] for f in r.json() if "ccadb" in f["detail"]}
    own = told("own.db", t.path(REPORT))
    check(t.cert("pine-weak") in own)
    check(not any("derived" in d for d in own.values()))
    equal(told("pems.db"), {}, "these reports have no revocation status")
    copied = report(t, "AllCertificateRecordsCSVFormatV5.derived.2026-05-31.csv", lambda row: None)
    derived = told("copied.db", copied)
    equal(derived.keys(), own.keys())
    equal(derived, {cert: d + "; what ccadb says is from a file derived from others" for cert, d in own.items()})
    equal(told("both.db", t.path(REPORT), copied), own, "the own word goes before")


def test_all_who_revoke_a_certificate_are_named_and_a_crlset_is_asked_of_none_that_it_lacks(t):
    r = t.run("check", "--db", t.full_db(), "--as-of", DAY, "--kind", "revoked-not-everywhere", "--format", "json")
    found = {f["cert_sha256"]: f for f in r.json()}
    one = found[t.cert("birch-sha1")]
    equal((one["detail"], one["source"]), ("revoked in crl, onecrl, crlset, not in ccadb", "crl, onecrl, crlset"))
    check(all("crlset" not in f["detail"].split("not in")[1] for f in found.values()), found)
    equal(found[t.cert("elm-aki")]["detail"], "revoked in crl, not in ccadb, onecrl", "no CRLSet has it")
    check(not any("revoked in crlset" in f["detail"] for f in found.values()), found)


def test_trust_bits_that_differ_from_the_store_s_purposes_are_told(t):
    with open(t.path("older", "IncludedCACertificateReport.2025-07.csv"), encoding="utf-8", newline="") as f:
        own = f.read()
    check("Websites;Email" in own, own[:300])
    late = t.write("IncludedCACertificateReport.2026-05-20.csv", own.replace("Websites;Email", "Websites"))
    found = [r for r in stores(t, DAY, t.path("mozilla"), late) if "trust bits" in r["detail"]]
    check(found, "an anchor for both purposes")
    for row in found:
        equal(row["detail"], "an anchor of mozilla for tls and email in its store of 2026-05-15, 'Websites' by the trust bits in "
              "CCADB's report of 2026-05-20")


def test_a_root_outlives_no_parent_where_the_name_is_written_in_two_ways(t):
    root = CA(t.dir, "Twin Root")
    basic = [extension(0x13, tlv(0x30, b"\1\1\xff"), True)]
    utf8, printable = root.name, tlv(0x30, tlv(0x31, tlv(0x30, bytes.fromhex("0603550403"), tlv(19, b"Twin Root"))))
    below = root.certificate(b"\2", CA(t.dir, "Below", root).name, CA(t.dir, "Other").spki, basic, "200101000000", "400101000000")
    old_above = root.certificate(b"\4", utf8, root.spki, basic, "200101000000", "250101000000")
    root.name = printable
    old = root.certificate(b"\3", printable, root.spki, basic, "200101000000", "250101000000")

    def expired_parents(name, *ders):
        db = os.path.join(t.dir, name)
        t.run("import", "--quiet", "--db", db, t.write(name + ".pem", b"".join(pem(d) for d in ders)))
        with sqlite3.connect(db) as c:
            edges = c.execute("SELECT count(*) FROM edge").fetchone()[0]
        code = t.run("check", "--db", db, "--kind", "expired-parent", "--as-of", DAY).code
        return edges, [r["cert_sha256"] for r in findings(t, "--db", db, "--kind", "expired-parent", code=code)]

    equal(expired_parents("twins.db", root.cert, old), (4, []), "the root is below both names")
    sha256 = hashlib.sha256(below).hexdigest()
    equal(expired_parents("old.db", old, old_above, below), (6, [sha256]), "both are expired")


def test_what_two_lists_say_is_told_by_their_days_whichever_was_read_first(t):
    lists = [t.path("onecrl", "onecrl.2025-01-10.json"), t.path("onecrl", "onecrl.2026-05-25.json")]
    told = []
    for i, order in enumerate([lists, lists[::-1]]):
        db = os.path.join(t.dir, "lists-%d.db" % i)
        for path in [t.path("ccadb")] + order:
            t.run("import", "--quiet", "--db", db, path)
        [row] = findings(t, "--db", db, "--kind", "unrevoked")
        equal((row["cert_sha256"], row["detail"]), (t.cert("alder-ocsp"), "was revoked in onecrl, and no longer is since 2026-05-25"))
        r = t.run("check", "--db", db, "--kind", "unrevoked", "--as-of", "2026-05-24", "--format", "json")
        told.append((r.code, r.json()))
    equal(told, [(0, [])] * 2, "on that day it is revoked")


def pems(t, wanted):
    found = []
    for name in sorted(os.listdir(t.path("ccadb"))):
        with open(t.path("ccadb", name), encoding="utf-8", newline="") as f:
            found += [row["X.509 Certificate (PEM)"].strip("'") for row in csv.DictReader(f) if "PEMs" in name]
    return "\n".join(found[:wanted]) + "\n"


def test_a_store_that_shrank_is_told_with_both_numbers_and_days(t):
    db = os.path.join(t.dir, "shrank.db")

    def put(n, day):
        t.run("import", "--quiet", "--db", db, "--store", "ours", "--source-date", day, t.write("ours.pem", pems(t, n)))
    put(20, "2026-01-10")
    put(17, "2026-02-10")
    equal(findings(t, "--db", db, *STORES, code=0), [], "programs take out roots")
    put(9, "2026-03-10")
    [row] = findings(t, "--db", db, *STORES)
    equal((row["kind"], row["severity"], row["ca_id"], row["source"]), ("store-shrank", "medium", None, "stores"))
    equal(row["detail"], "ours's store of 2026-03-10 has 8 anchors, the one before it, of 2026-02-10, has 15: 7 of these are gone")
    equal(findings(t, "--db", db, *STORES, "--as-of", "2026-02-20", code=0), [], "another day, another store")
    put(1, "2026-04-10")
    equal([r["severity"] for r in findings(t, "--db", db, *STORES)], ["high"])
    # and what rests on it says so
    args = ["impact", "--db", db, "--program", "ours", "--as-of", DAY, "--quiet", "--mark", t.cert("alder-root") + "=block"]
    equal(t.ok(*args, "--format", "json").json()["unknowns"]["store_doubts"], [{
        "kind": "store-shrank", "store_date": "2026-04-10", "anchors": 1, "compared_date": "2026-03-10", "compared_anchors": 8, "gone": 7,
        "source": "stores"}])
    for form in ["table", "md", "html"]:
        check("the store may not be whole" in t.ok(*args, "--format", form).out, form)
    # what it lacks may have been left out: that nothing of it is lost is no answer, as it is one of a store that has not shrunk
    gone = [*args[:-1], t.cert("birch-root") + "=block"]
    left = ssl.PEM_cert_to_DER_cert(pems(t, 1))
    has = [*args[:-1], hashlib.sha256(left).hexdigest() + "=block"]
    equal((t.ok(*gone, "--format", "json").json()["answered"], t.ok(*has, "--format", "json").json()["answered"]), (False, True))
    check("is not known; by a store that may not be whole, with 1 anchor, 8 in the one before it" in t.ok(*gone).out)
    # unless it was in none of them, or loses by a later stage what is in this one
    equal(t.ok(*args[:-1], t.cert("cedar-root") + "=block", "--format", "json").json()["answered"], True)
    staged = [*gone, "--stage", "2026-07-01:" + hashlib.sha256(left).hexdigest() + "=block"]
    equal(t.ok(*staged, "--format", "json").json()["answered"], any(d["lost"] for d in t.ok(*staged, "--format", "json").json()["decay"]))
    gone[gone.index(DAY)] = args[args.index(DAY)] = "2026-01-20"
    equal(t.ok(*gone, "--format", "json").json()["answered"], True)
    equal(t.ok(*args, "--format", "json").json()["unknowns"]["store_doubts"], [])


if __name__ == "__main__":
    main()
