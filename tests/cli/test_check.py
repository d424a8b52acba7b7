"""check: findings as rows, which are asked for, and what the exit status says."""
import os
import shutil
import sqlite3
import sys

sys.dont_write_bytecode = True
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


def test_rows_come_by_kind_then_severity_then_ca(t):
    listed = [line.split()[0] for line in t.ok("check", "--help").out.split("Values of --kind\n\n")[1].split("\n\n")[0]
              .splitlines() if line.startswith("  ") and line[2] != " "]
    found = findings(t, "--db", t.full_db())
    keys = [(listed.index(r["kind"]), SEVERITIES.index(r["severity"]), r["ca_id"] or "~") for r in found]
    equal(keys, sorted(keys))
    check(len({k[0] for k in keys}) > 5)


def test_the_exit_status_says_whether_there_are_findings(t):
    equal(t.run("check", "--as-of", DAY).code, 1)
    equal(findings(t, "--kind", "unrevoked", code=0), [])
    equal(findings(t, "Alder Root CA", code=0), [])
    r = t.run("check", "--kind", "unrevoked", "--format", "csv")
    equal((r.code, r.out), (0, ",".join(COLUMNS) + "\n"))
    equal(t.run("check", "no such CA").code, 2)


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


if __name__ == "__main__":
    main()
