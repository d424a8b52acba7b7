"""import: what is read, what is refused, and what a second time changes."""
import os
import re
import sqlite3
import sys

sys.dont_write_bytecode = True
from harness import DAY, PARTS, check, clean, equal, main  # noqa: E402


def fresh(t):
    return os.path.join(t.dir, "new.db")


def counts(t, db):
    return t.ok("counts", "--db", db, "--as-of", DAY, "--format", "csv").out


def test_the_summary_goes_to_stderr(t):
    r = t.run("import", "--db", fresh(t), t.path("ccadb"))
    equal((r.code, r.out), (0, ""))
    check(r.err.startswith("canopy: ") and "CA certificates" in r.err, r.err)
    equal(t.run("import", "--db", os.path.join(t.dir, "q.db"), "--quiet", t.path("ccadb")).err, "")


def test_a_second_time_changes_nothing(t):
    db = fresh(t)
    t.run("import", "--db", db, t.path("ccadb"), t.path("leaves"))
    before = counts(t, db)
    r = t.run("import", "--db", db, t.path("ccadb"), t.path("leaves"))
    equal((r.code, r.out), (0, ""))
    check("nothing changed" in r.err, r.err)
    equal(counts(t, db), before)


def test_the_order_of_files_does_not_matter(t):
    one, other = fresh(t), os.path.join(t.dir, "other.db")
    t.run("import", "--db", one, *[t.path(p) for p in PARTS])
    for part in reversed(PARTS):
        equal(t.run("import", "--db", other, t.path(part)).code, 0, part)
    equal(counts(t, one), counts(t, other))


def test_a_file_that_cannot_be_read_exits_3_after_the_others(t):
    db = fresh(t)
    r = t.run("import", "--db", db, "nowhere.pem", t.path("ccadb"))
    equal((r.code, r.out), (3, ""))
    check("'nowhere.pem'" in r.err, r.err)
    check(len(counts(t, db).splitlines()) > 10, "the others were not imported")


def test_a_hostile_path_is_cleaned_in_messages(t):
    for hostile in ["\033]0;title\007.pem", "\u202egnp.pem"]:
        t.write(hostile, "Dear all,\n")
        r = t.run("import", "--db", fresh(t), "nowhere.pem", hostile, t.path("single"))
        equal((r.code, r.out), (3, ""))
        clean(r.err)
        clean(t.run("sources", "--problems", "--db", fresh(t)).out)


def test_where_nothing_can_be_read_no_index_is_made(t):
    db = fresh(t)
    t.fails(3, "import", "--db", db, "nowhere.pem", says="'nowhere.pem'")
    equal(os.path.exists(db), False)


def test_a_named_file_of_no_known_kind_is_refused(t):
    path = t.write("letter.txt", "Dear all,\n")
    r = t.run("import", "--db", fresh(t), path, t.path("single"))
    equal((r.code, r.out), (3, ""))
    check("letter.txt" in r.err, r.err)
    equal(len(t.ok("counts", "--db", fresh(t), "--format", "csv").csv()), 1)


def test_in_a_folder_unknown_files_are_skipped_and_listed(t):
    t.write("f/letter.txt", "Dear all,\n")
    with open(t.path("single", "one-ca.der"), "rb") as f:
        t.write("f/ca.der", f.read())
    r = t.run("import", "--db", fresh(t), os.path.join(t.dir, "f"))
    equal((r.code, r.out), (0, ""))
    problems = t.ok("sources", "--problems", "--db", fresh(t), "--format", "json").json()
    check(any(p["from"].endswith("f/letter.txt") for p in problems), problems)


def test_an_empty_folder_is_no_error(t):
    os.mkdir(os.path.join(t.dir, "empty"))
    r = t.run("import", "--db", fresh(t), os.path.join(t.dir, "empty"))
    equal((r.code, r.out), (0, ""))


def test_broken_files_are_survived(t):
    r = t.run("import", "--db", fresh(t), t.path("broken"))
    equal((r.code, r.out), (0, ""))
    clean(r.err.replace("\n", ""))


def test_bytes_behind_a_bag_of_certificates_are_told(t):
    corpus = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz", "corpus", "pkcs7")
    for name, problems in [("indefinite", 0), ("trailing", 1)]:
        db = os.path.join(t.dir, name + ".db")
        equal(t.run("import", os.path.join(corpus, name), "--db", db).code, 0)
        row, = t.ok("sources", "--db", db, "--format", "json").json()
        equal((row["kind"], row["records"], row["problems"]), ("pkcs7", 1, problems))
    check("bytes behind the PKCS #7" in t.ok("sources", "--problems", "--db", db).out)


def test_a_store_of_one_s_own_is_a_program(t):
    db = fresh(t)
    equal(t.run("import", "--db", db, t.path("single")).code, 0)
    equal(t.run("import", "--db", db, "--store", "works", "--source-date", DAY, t.path("store")).code, 0)
    found = t.ok("counts", "--db", db, "--program", "works", "--as-of", DAY, "--format", "json").json()
    check({t.ca("sequoia-root"), t.ca("sequoia-issuing")} <= {r["ca_id"] for r in found})
    answer = t.run("impact", "--db", db, "--program", "works", "--as-of", DAY, "--format", "json",
                   "--mark", "Sequoia Works Root=remove").json()
    equal((answer["store_date"], t.ca("sequoia-issuing") in {c["ca_id"] for c in answer["cas"]}), (DAY, True))


def test_bad_names_of_stores_are_refused(t):
    for name in ["", "a b", "-x", "x" * 33, "\033[31m", "mozilla"]:
        t.fails(2, "import", "--db", fresh(t), "--store=" + name, t.path("store"), says="store")


def test_source_date_must_be_a_date(t):
    t.fails(2, "import", "--db", fresh(t), "--source-date", "yesterday", t.path("store"), says="'yesterday'")


def test_paths_are_needed(t):
    t.fails(2, "import", says="PATH")
    t.fails(2, "import", "--store", "works", "--db", fresh(t), says="PATH")
    equal(os.path.exists(fresh(t)), False)


def test_the_store_system_is_this_machine_s_bundle(t):
    db, bundle = fresh(t), t.path("store", "own-store.pem")
    r = t.run("import", "--db", db, "--store", "system", SSL_CERT_FILE=bundle)
    equal(r.code, 0, r.err)
    equal({row["from"] for row in t.run("sources", "--db", db, "--format", "json").json()}, {bundle})
    r = t.run("counts", "--db", db, "--program", "system", "--as-of", DAY, "--format", "json")
    found = r.json()
    check("no store of system as old as %s is indexed" % DAY in r.err, r.err)
    check(t.ca("sequoia-root") in {row["ca_id"] for row in found})
    t.fails(3, "import", "--db", os.path.join(t.dir, "other.db"), "--store", "system", says="'nowhere.pem'",
            SSL_CERT_FILE="nowhere.pem")


def test_without_ssl_cert_file_the_bundle_is_debian_s(t):
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    r = t.run("import", "--db", fresh(t), "--store", "system", SSL_CERT_FILE="")
    if not os.path.exists(bundle):
        equal(r.code, 3, r.err)
        check("'%s'" % bundle in r.err, r.err)
        return
    equal(r.code, 0, r.err)
    equal({row["from"] for row in t.run("sources", "--db", fresh(t), "--format", "json").json()}, {bundle})


def test_another_program_can_read_the_index(t):
    db = fresh(t)
    t.run("import", "--db", db, *[t.path(p) for p in PARTS])
    with sqlite3.connect("file:%s?mode=ro" % db, uri=True) as c:
        ids = {row[0] for row in c.execute("SELECT ca_id FROM v_ca")}
    equal(ids, {r["ca_id"] for r in t.ok("counts", "--db", db, "--format", "json").json()})


def test_sources_tells_of_every_document(t):
    found = t.run("sources", "--format", "csv").csv()
    r = t.run("sources", "--format", "json")
    equal(r.code, 0)
    check("3 leaves of unknown issuers" in t.run("sources").out + r.err)
    keys = ["source", "kind", "part", "source_as_of", "fetched_at", "records", "problems", "bytes", "from", "sha256",
            "error", "new", "changed", "gone", "tried_at", "confirmed_at", "http_status"]
    equal(list(r.json()[0]), keys)
    equal(list(found[0]) if found else None, keys)
    snapshots = {row["source_as_of"] for row in r.json() if "certdata" in row["kind"]}
    equal(snapshots, {"2024-06-30", "2026-05-15"})
    for row in r.json():
        equal(row["source"], "import")


def test_rows_are_counted_while_a_file_is_read(t):
    ranks = t.write("ranks.csv", "".join("%d,site%d.example\n" % (i, i) for i in range(1, 20001)))
    out = t.terminal("import", "--db", fresh(t), ranks, stream="stderr")
    line = r"reading files  \[#*-*\] (\d+) %(?:  \d+:\d+ left)?  ([\d,]+) rows?,  [\d.]+ ?[kM]? of [\d.]+ ?[kM]? bytes"
    drawn = [(int(n.replace(",", "")), int(percent)) for percent, n in re.findall(line, out)]
    equal(drawn[:1], [(1, 0)], out)
    check(drawn == sorted(set(drawn)) and drawn[-1][0] <= 20000, drawn)
    for rows, percent in drawn:
        check(abs(rows / 20000 * 100 - percent) < 6, (rows, percent))
    check("row" not in t.terminal("import", "--quiet", "--db", fresh(t), ranks, stream="stderr"))


if __name__ == "__main__":
    main()
