"""Counters of crt.sh, out of a database of the test's own."""
import atexit
import datetime
import os
import sqlite3
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import harness  # noqa: E402
from crtshdb import Database, Proxy  # noqa: E402
from harness import check, equal  # noqa: E402

DAY = "2026-06-01"
server = None


def today():
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def ago(days):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days)).date().isoformat()


def database():
    """One server for the module, empty."""
    global server
    if not server:
        server = Database().__enter__()
        atexit.register(server.__exit__)
    server.clear()
    return server


def sql(t, text, *values):
    with sqlite3.connect(t.db) as db:
        return db.execute(text, values).fetchall()


def der(t, nick):
    """A certificate of the CA."""
    return sql(t, "SELECT c.der FROM certificate c JOIN ca_certificate k ON k.certificate = c.id JOIN ca a ON a.id = k.ca "
                  "WHERE lower(hex(a.ca_id)) = ? ORDER BY c.id", t.ca(nick))[0][0]


def world(t):
    """An index without leaves, so that crt.sh's numbers are the only ones; and one certificate of each CA that is used."""
    t.db = os.path.join(t.dir, "own.db")
    equal(t.run("import", t.path("ccadb"), t.path("mozilla"), "--quiet").code, 0)


def configure(t, **keys):
    t.write("config/canopy/config", "".join("%s = %s\n" % (k.replace("_", "-"), v) for k, v in keys.items()))


def fetch(t, d, *more, port=None, code=0):
    r = t.run("fetch", "crtsh", "--url", "crtsh=" + d.url(port), *more)
    equal(r.code, code, r.err)
    return r


def as_if_asked_on(t, day):
    with sqlite3.connect(t.db) as db:
        db.execute("UPDATE figure SET as_of = julianday(?) - julianday('1970-01-01')", [day])
    db.close()


def counts(t, nick, *more):
    return t.ok("counts", t.ca(nick), "--format", "json", *more).json()[0]


def bounds(row):
    return row["unexpired"], row["unexpired_high"]


def issued_ca_certs(t, nick, after="0000"):
    return len(sql(t, "SELECT DISTINCT sha256 FROM v_ca_certificate WHERE issuer_ca_id = ? AND not_after > ?", t.ca(nick), after))


def test_counters_are_bounds(t):
    d = database()
    world(t)
    d.add_ca(1, der(t, "alder-tls-1"), certs=(1000, 400), precerts=(900, 350))
    d.add_ca(2, der(t, "alder-tls-2"), precerts=(70, 20))
    d.add_ca(3, der(t, "birch-inter"))
    fetch(t, d)
    row = counts(t, "alder-tls-1")
    equal(bounds(row), (600, 1150))
    equal((row["issued"], row["source"], row["coverage"], row["source_as_of"]), (1000, "crtsh", "partial", today()))
    equal(bounds(counts(t, "alder-tls-2")), (50, 50))
    row = counts(t, "birch-inter")
    equal((bounds(row), row["source"]), ((0, 0), "crtsh"), "crt.sh knows the CA and nothing that it issued")
    row = counts(t, "alder-root")
    equal((bounds(row), row["source"], row["coverage"]), ((None, None), None, "none"))


def test_ca_certificates_are_taken_out(t):
    d = database()
    world(t)
    every, later = issued_ca_certs(t, "birch-root"), issued_ca_certs(t, "birch-root", "2030-01-01")
    check(every > later > 0, (every, later))
    d.add_ca(1, der(t, "birch-root"), certs=(500, 100), precerts=(30, 10), last="2030-01-01", upcoming="2040-01-01")
    fetch(t, d)
    row = counts(t, "birch-root")
    equal((bounds(row), row["issued"]), ((400 - later, 400 - later + 20), 500 - every))


def test_a_counter_that_lags_is_dated_and_about(t):
    d = database()
    world(t)
    d.add_ca(1, der(t, "alder-tls-1"), certs=(1000, 400), last=ago(398), upcoming=ago(397))
    d.add_ca(2, der(t, "alder-tls-2"), certs=(1000, 400), last=ago(399), upcoming=ago(398))
    fetch(t, d)
    row = counts(t, "alder-tls-1", "-q")
    equal((row["source_as_of"], row["approximate"], bounds(row)), (ago(398), True, (600, 600)))
    check("~600" in t.ok("counts", "-q", t.ca("alder-tls-1")).out)
    row = counts(t, "alder-tls-2", "-q")
    equal((bounds(row), row["coverage"], row["stale_figure_as_of"]), ((None, None), "none", ago(399)))


def test_a_key_under_another_name_is_no_count_and_told(t):
    d = database()
    world(t)
    d.add_ca(7, der(t, "alder-tls-1"), certs=(10, 0), name="C=XX, O=Fictional Other, CN=Another")
    fetch(t, d)
    equal(counts(t, "alder-tls-1")["coverage"], "none")
    check("CN=Another" in t.ok("sources", "--problems").out)


def test_more_expired_than_issued_is_a_problem(t):
    d = database()
    world(t)
    d.add_ca(7, der(t, "alder-tls-1"), certs=(10, 11))
    d.add_ca(8, der(t, "alder-tls-2"), certs=(10, 1))
    fetch(t, d)
    equal((counts(t, "alder-tls-1")["coverage"], bounds(counts(t, "alder-tls-2"))), ("none", (9, 9)))
    check("more certificates expired than were issued" in t.ok("sources", "--problems").out)


def test_a_counter_beyond_all_certificates_is_no_number(t):
    t.db = os.path.join(t.dir, "own.db")
    head = ("spki_sha256,name,crtsh_id,certs_issued,certs_expired,precerts_issued,precerts_expired,last_not_after,"
            "next_not_after,asked_at\n")
    line = "00" * 32 + ",41,%d,%d,0,%d,0,,,1780000000\n"
    r = t.run("import", t.write("counters.csv", head + line % (1, 2**63 - 1, 2**63 - 1) + line % (2, 5, 10**11)))
    equal(r.code, 0, r.err)
    problems = t.run("sources", "--problems").out
    check("no number" in problems and "a CA 2 " in problems and "a CA 1 " not in problems, problems)


def test_leaves_of_the_index_are_never_lowered(t):
    d = database()
    t.db = os.path.join(t.dir, "own.db")
    equal(t.run("import", t.path("ccadb"), t.path("mozilla"), t.path("leaves"), "--quiet").code, 0)
    held = counts(t, "alder-tls-1", "--as-of", DAY)["unexpired"]
    check(held > 3, held)
    before = counts(t, "alder-tls-2", "--as-of", DAY)
    d.add_ca(1, der(t, "alder-tls-1"), certs=(3, 0))
    d.add_ca(2, der(t, "alder-tls-2"), certs=(100000, 0), precerts=(1, 0))
    fetch(t, d)
    as_if_asked_on(t, (datetime.date.fromisoformat(DAY) + datetime.timedelta(399)).isoformat())
    equal(bounds(counts(t, "alder-tls-2", "--as-of", DAY, "-q")), bounds(before), "counters of a later year say nothing")
    as_if_asked_on(t, DAY)
    row = counts(t, "alder-tls-1", "--as-of", DAY)
    equal((bounds(row), row["source"]), ((held, held), "import"))
    equal(bounds(counts(t, "alder-tls-2", "--as-of", DAY)), (100000, 100001))


def test_impact_has_both_bounds(t):
    d = database()
    world(t)
    d.add_ca(1, der(t, "alder-tls-1"), certs=(1000, 400), precerts=(900, 350))
    fetch(t, d)
    as_if_asked_on(t, DAY)
    a = t.ok("impact", "--mark", t.ca("alder-tls-1") + "=revoke", "--as-of", DAY, "--format", "json").json()
    equal((a["total"]["lost"], a["total"]["lost_high"]), (600, 1150))


def test_a_guest_s_manners(t):
    d = database()
    world(t)
    before = len(d.statements())
    configure(t, crtsh_batch=10)
    fetch(t, d)
    said = d.statements()[before:]
    keys = sql(t, "SELECT count(DISTINCT spki_sha256) FROM ca")[0][0]
    equal(len(said), -(-keys // 10), "statements")
    for s in said:
        check(s.startswith("SET LOCAL statement_timeout = 30000; SET LOCAL transaction_read_only = on; SELECT "), s)
        equal(s.count(";"), 2, s)
    equal(d.log().count("WARNING"), 0, "the settings are heard")


def test_asked_again_only_after_a_while(t):
    d = database()
    world(t)
    fetch(t, d)
    before = len(d.statements())
    r = fetch(t, d)
    equal(len(d.statements()), before)
    check("young enough" in r.err, r.err)
    fetch(t, d, "--force")
    check(len(d.statements()) > before)


def test_a_new_answer_replaces_the_old_one(t):
    d = database()
    world(t)
    one = der(t, "alder-tls-1")
    d.add_ca(1, one, certs=(10, 0))
    fetch(t, d)
    d.clear()
    d.add_ca(1, one, certs=(11, 0))
    fetch(t, d, "--force")
    equal(bounds(counts(t, "alder-tls-1")), (11, 11))


def faulty(t, fault, *more, code=0):
    d = database()
    world(t)
    d.add_ca(1, der(t, "alder-tls-1"), certs=(10, 0))
    with Proxy(d.port, fault) as p:
        r = fetch(t, d, *more, port=p.port, code=code)
    return r, p


def test_what_may_pass_is_asked_again_and_smaller(t):
    conflict = ("40001", "canceling statement due to conflict with recovery")
    for fault in conflict, "cut":
        r, p = faulty(t, lambda n, fault=fault: fault if n == 1 else None, "--force")
        check(p.queries > 2, p.queries)
        equal((bounds(counts(t, "alder-tls-1")), "counters of 1 CA " in r.err), ((10, 10), True), r.err)


def test_a_server_that_stalls_is_left(t):
    configure(t, crtsh_timeout=1)
    _, p = faulty(t, lambda n: "stall" if n == 1 else None)
    check(p.queries > 1)
    equal(bounds(counts(t, "alder-tls-1")), (10, 10))


def test_a_changed_table_is_refused_and_named(t):
    d = database()
    world(t)
    d.add_ca(1, der(t, "alder-tls-1"), certs=(10, 0))
    fetch(t, d)
    d.sql("ALTER TABLE ca RENAME COLUMN NUM_EXPIRED TO GONE")
    try:
        r = fetch(t, d, "--force", code=4)
    finally:
        d.sql("ALTER TABLE ca RENAME COLUMN GONE TO NUM_EXPIRED")
    check("num_expired" in r.err.lower() and "has changed" in r.err, r.err)
    equal(bounds(counts(t, "alder-tls-1")), (10, 10), "the older counters are used")


def test_nobody_there(t):
    world(t)
    r = t.run("fetch", "crtsh", "--url", "crtsh=host=127.0.0.1 port=1 user=guest dbname=x password=sesame connect_timeout=1")
    equal(r.code, 4, r.err)
    check("cannot connect" in r.err and "sesame" not in r.err, r.err)


def test_a_url_that_is_none(t):
    world(t)
    t.fails(2, "fetch", "crtsh", "--url", "crtsh=host 127.0.0.1", says="connection string")


def at(days):
    return "date_trunc('day', now() at time zone 'utc') + interval '%d days'" % days


def test_exact_counts_each_unexpired_leaf_once(t):
    d = database()
    world(t)
    d.add_ca(7, der(t, "alder-tls-1"), certs=(1000, 400), precerts=(900, 350))
    d.add_ca(8, der(t, "alder-tls-2"), certs=(5, 0))
    fetch(t, d)
    d.add_leaf(7, "01", at(-9), at(80), "precertificate")
    d.add_leaf(7, "01", at(-9), at(80), "certificate")
    d.add_leaf(7, "02", at(-9), at(80), "certificate")
    d.add_leaf(7, "03", at(-90), at(0), "ends today")
    d.add_leaf(7, "04", at(-90), at(-1), "expired")
    d.add_leaf(7, "05", at(-9), at(800), "a CA certificate", can_issue=True)
    d.add_leaf(8, "02", at(-9), at(80), "of another CA")
    r = fetch(t, d, "--exact", t.ca("alder-tls-1"))
    check("leaves of 1 CA counted one by one" in r.err, r.err)
    row = counts(t, "alder-tls-1")
    equal((bounds(row), row["source"], row["approximate"], row["source_as_of"]), ((3, 3), "crtsh", False, today()))
    equal(bounds(counts(t, "alder-tls-2")), (5, 5), "by its counters")
    fetch(t, d, "--force")
    equal(bounds(counts(t, "alder-tls-1")), (3, 3), "counters of the same day do not take its place")


def test_exact_takes_what_is_below_and_a_ca_without_leaves(t):
    d = database()
    world(t)
    d.add_ca(7, der(t, "alder-tls-1"), certs=(9, 0))
    d.add_ca(9, der(t, "alder-root"), certs=(9, 0))
    d.add_leaf(7, "01", at(-9), at(80), "certificate")
    fetch(t, d, "--exact", t.ca("alder-root"), "--subtree")
    equal((bounds(counts(t, "alder-tls-1")), bounds(counts(t, "alder-root"))), ((1, 1), (0, 0)))
    equal(counts(t, "birch-inter")["coverage"], "none")
    t.fails(2, "fetch", "crtsh", "--url", "crtsh=" + d.url(), "--exact", "Nowhere CA", says="Nowhere CA")


def test_a_days_document_that_is_broken_is_refused_with_its_line(t):
    world(t)
    head = "spki_sha256,name,crtsh_id,nb_day,na_day,leaves,asked_at\n"
    good = "%s,434e,7,20000,20100,3,1780000000\n" % ("ab" * 32)
    for n, bad in enumerate((good.replace(",7,", ",8,"), good.replace("20100", "19999"), good.replace("434e", "434"), "x\n")):
        path = t.write("days-%d.csv" % n, head + good + bad)
        t.fails(3, "import", "--quiet", path, says=["line 3", path])


def test_a_killed_run_is_gone_on_with(t):
    d = database()
    world(t)
    d.add_ca(1, der(t, "alder-tls-1"), certs=(10, 0))
    configure(t, crtsh_batch=10)
    keys = sql(t, "SELECT count(DISTINCT spki_sha256) FROM ca")[0][0]
    with Proxy(d.port, lambda n: "stall" if n == 4 else None) as p:
        run = subprocess.Popen([t.canopy, "fetch", "crtsh", "--url", "crtsh=" + d.url(p.port)], env=t.env(), cwd=t.dir,
                               stderr=subprocess.DEVNULL)
        while p.queries < 4:
            time.sleep(0.01)
        run.kill()
        run.wait()
    equal(counts(t, "alder-tls-1")["coverage"], "none", "nothing of it is counted yet")
    before = len(d.statements())
    fetch(t, d)
    asked = sum(s.count("decode(") for s in d.statements()[before:])
    check(keys - 30 <= asked <= keys - 28, (keys, asked))
    equal(bounds(counts(t, "alder-tls-1")), (10, 10))
    with open(os.path.join(t.dir, "cache", "canopy", "crtsh", "counters.csv"), encoding="utf-8") as f:
        lines = f.read().splitlines()
    equal((len(lines) - 1, len(set(lines))), (keys, keys + 1), "each key once")


if __name__ == "__main__":
    harness.main()
