"""Revocation lists of every kind: what each revokes, what it does not, and what is said of it."""
import base64
import datetime
import hashlib
import json
import os
import sqlite3
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
import harness  # noqa: E402
from crlcase import ATTRIBUTES, CA, CAS, USERS, delta, issuer, pem, point, reason, revoked  # noqa: E402
from harness import DAY, check, equal  # noqa: E402

A, B, C, D = b"\x11", b"\x22", b"\x33", b"\x44"


class Place:
    """A fictional CA below a root, four leaves, and an index of its own."""

    def __init__(self, t, leaves=(A, B, C, D), **ca):
        self.t, self.files = t, 0
        t.db = os.path.join(t.dir, "c.db")
        self.root = CA(t.dir, "Quince Root (fictional)")
        self.ca = CA(t.dir, "Quince CA (fictional)", self.root, b"\2", **ca)
        self.give("cas.pem", pem(self.root.cert) + pem(self.ca.cert))
        if leaves:
            self.give("leaves.pem", b"".join(pem(self.ca.leaf(s)) for s in leaves))

    def give(self, name, body):
        r = self.t.run("import", self.t.write(name, body))
        equal(r.code, 0, r.err)
        return r

    def list(self, der):
        self.files += 1
        return self.give("list%d.crl" % self.files, der)

    def row(self, ca=None, day=DAY):
        rows = self.t.ok("counts", "--as-of", day, "--format", "json").json()
        row, = [r for r in rows if r["ca_id"] == (ca or self.ca).id]
        return row["revoked"], row["valid"]

    def problems(self):
        return [p["what"] for p in self.t.ok("sources", "--problems", "--format", "json").json()]


def serials(place, *args):
    rows = place.t.ok("leaves", place.ca.id, "--as-of", DAY, "--format", "json", *args).json()
    return {r["serial"]: r for r in rows}


def states(place, day=DAY):
    rows = place.t.ok("leaves", place.ca.id, "--as-of", day, "--format", "json").json()
    return {bytes.fromhex(r["serial"]): (r["revoked"], r["revoked_at"], r["revocation_reason"]) for r in rows}


NO, UNKNOWN = (False, None, None), (None, None, None)


def yes(why="unspecified", at="2026-05-10T00:00:00Z"):
    return True, at, why


def field(text, name):
    line, = [line for line in text.splitlines() if line.strip().startswith(name + " ")]
    return " ".join(line.split()[1:])


def test_leaves_say_since_when_and_why_they_are_revoked(t):
    p = Place(t)
    equal(states(p), dict.fromkeys((A, B, C, D), UNKNOWN), "no list")
    p.list(p.ca.crl(revoked(A, "260510120000", reason(1)), revoked(B, "260701000000", reason(4)), revoked(C)))
    equal(states(p, "2026-05-10"), {A: yes("keyCompromise", "2026-05-10T12:00:00Z"), B: NO, C: yes(), D: NO})
    equal(states(p, "2026-05-09"), {A: NO, B: NO, C: NO, D: NO}, "not yet")
    equal(states(p, "2026-07-01")[B], yes("superseded", "2026-07-01T00:00:00Z"))
    text = t.ok("leaves", p.ca.id, "--as-of", "2026-05-10").out
    equal([line.split()[-1] for line in text.splitlines()[1:5]], ["yes", "no", "yes", "no"], text)
    csv = t.ok("leaves", p.ca.id, "--as-of", "2026-05-10", "--format", "csv").out.splitlines()
    check(csv[1].endswith("true,2026-05-10T12:00:00Z,keyCompromise") and csv[2].endswith("false,,"), csv)
    p.list(p.ca.crl(revoked(A), good=False, at="260529000000"))
    equal(states(p)[A], yes("keyCompromise", "2026-05-10T12:00:00Z"), "a forged one")


def test_no_is_said_of_leaves_only_where_a_list_would_name_them(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(A), more=[point("http://q.example/1")]))
    equal(states(p), {A: yes(), B: UNKNOWN, C: UNKNOWN, D: UNKNOWN}, "of another distribution point")
    p.list(p.ca.crl(revoked(B), more=[point(None, reasons=True)]))
    equal(states(p), {A: yes(), B: yes(), C: UNKNOWN, D: UNKNOWN}, "for some reasons")
    p.list(p.ca.crl(more=[point("http://q.example/ca", CAS)]))
    equal(states(p)[C], UNKNOWN, "for CAs")
    p.give("point.pem", pem(p.ca.leaf(b"\x55", crl_urls=["http://q.example/1"])) + pem(p.ca.leaf(b"\x56", crl_urls=["http://q.example/2"])))
    equal((states(p)[b"\x55"], states(p)[b"\x56"]), (NO, UNKNOWN))
    p.list(p.ca.crl(revoked(D), at="260529000000", more=[point(None, USERS)]))
    equal({s: v[0] for s, v in states(p).items()}, {A: True, B: True, C: False, D: True, b"\x55": False, b"\x56": False})


def test_show_says_how_many_leaves_are_revoked(t):
    p = Place(t)
    for args in [()], [("--format", "md")]:
        check("not known: no verified CRL of it speaks of leaves" in t.ok("show", p.ca.id, "--as-of", DAY, *args[0]).out)
    p.list(p.ca.crl(revoked(A), revoked(B), revoked(b"\x77")))
    text = t.ok("show", p.ca.id, "--as-of", DAY).out
    equal(field(text, "revoked"), "2 of its unexpired leaves, by its CRL of 2026-05-28; 2 valid")
    late = t.ok("show", p.ca.id, "--as-of", "2026-06-05").out
    check("by its CRL of 2026-05-28 (the next one was due by 2026-06-04); 2 valid" in late, late)
    check("due" not in t.ok("show", p.ca.id, "--as-of", "2026-06-04").out)
    more = p.ca.crl(revoked(C), at="260527000000", until="260603000000", more=[point("http://q.example/7")])
    p.list(more)
    equal(field(t.ok("show", p.ca.id, "--as-of", DAY).out, "revoked"), "3 of its unexpired leaves, by 2 CRLs, the oldest of 2026-05-27; 1 valid")
    told = t.ok("show", p.ca.id, "--as-of", DAY, "--format", "json").json()
    equal([told[k] for k in ("crls", "crl_this_update", "crl_next_update", "revoked")], [2, "2026-05-27T00:00:00Z", "2026-06-03T00:00:00Z", 3])
    equal([t.ok("show", p.root.id, "--format", "json").json()[k] for k in ("crls", "crl_this_update")], [0, None])
    equal(field(text, "subtree"), "4 issued, 4 unexpired, 2 valid")
    p.give("root.pem", pem(p.root.leaf(b"\x78")))
    equal(field(t.ok("show", p.root.id, "--as-of", DAY).out, "subtree"), "5 issued, 5 unexpired, – valid")
    p.give("n.counts.csv", "ca,unexpired,source,as_of\n%s,90,a list,%s\n" % (p.ca.id, DAY))
    text = t.ok("show", p.ca.id, "--as-of", DAY).out
    equal(field(text, "revoked"), "not known: it has CRLs, but its leaves are not held one by one", text)


def test_what_is_listed_is_revoked_and_what_is_not_is_valid(t):
    p = Place(t)
    equal(p.row(), (None, None), "no list")
    p.list(p.ca.crl())
    equal(p.row(), (0, 4), "an empty list")
    p.list(p.ca.crl(revoked(A), revoked(B), revoked(b"\x77"), at="260529000000"))
    equal(p.row(), (2, 2))


def test_an_older_list_does_not_take_the_place_of_a_newer_one(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(A), revoked(B), at="260528000000"))
    r = p.list(p.ca.crl(revoked(A), at="260527235959"))
    check("older" in r.err, r.err)
    equal(p.row(), (2, 2))
    p.list(p.ca.crl(revoked(B), at="260528000001"))
    equal(p.row(), (1, 3), "the newer one no longer lists the other")


def test_delta_indirect_and_attribute_lists_are_told_and_not_applied(t):
    p = Place(t)
    for more, word in [([delta(4)], "delta CRL"), ([point("http://q.example/i", indirect=True)], "indirect CRL"),
                       ([point("http://q.example/a", ATTRIBUTES)], "attribute")]:
        p.list(p.ca.crl(revoked(A), more=more))
        equal(p.row(), (None, None), word)
        check(any(word in what and "not applied" in what for what in p.problems()), (word, p.problems()))
    # beside a whole one they change nothing
    p.list(p.ca.crl(revoked(B)))
    equal(p.row(), (1, 3))
    p.list(p.ca.crl(revoked(B, "260529000000", reason(8)), revoked(C), at="260529000000", more=[delta(5)]))
    equal(p.row(), (1, 3), "a later delta")


def test_unsigned_and_wrongly_signed_lists_revoke_nothing(t):
    p = Place(t)
    for bad in p.ca.crl(revoked(A), good=False), p.ca.crl(revoked(A), signer=p.root), p.ca.unsigned(p.ca.crl(revoked(A))):
        p.list(bad)
        equal(p.row(), (None, None))
        check(any("no indexed key verifies" in what for what in p.problems()), p.problems())


def test_a_forged_list_keeps_no_genuine_one_out(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(A), at="260531000000", good=False))
    p.list(p.ca.crl(revoked(B), at="260528000000"))
    equal(p.row(), (1, 3))
    equal([w for w in p.problems() if "verifies" in w], [])


def test_lists_of_two_keys_of_one_name_stand_beside_each_other(t):
    for aki, first in (True, 0), (True, 1), (False, 0), (False, 1):
        p = Place(t)
        twin = CA(t.dir, p.ca.cn, p.root, b"\3")
        p.give("twin.pem", pem(twin.cert) + b"".join(pem(twin.leaf(s)) for s in (A, B, C)))
        both = [(p.ca, revoked(A), "260528000000"), (twin, revoked(B), "260529000000")]
        for ca, entry, at in (both, both[::-1])[first]:
            p.list(ca.crl(entry, revoked(C), at=at, aki=aki))
        equal((p.row(), p.row(twin)), ((2, 2), (2, 1)), (aki, first))
        os.unlink(t.db)


def test_a_list_that_names_another_key_than_signed_it_goes_by_the_signature(t):
    p = Place(t)
    twin = CA(t.dir, p.ca.cn, p.root, b"\3")
    p.give("twin.pem", pem(twin.cert) + pem(twin.leaf(A)))
    p.list(p.ca.crl(revoked(A), aki=twin))
    equal((p.row(), p.row(twin)), ((1, 3), (None, None)))


def test_partitions_add_up_and_each_is_replaced_by_its_own_next(t):
    p = Place(t)
    one, two = [point("http://q.example/%d" % i) for i in (1, 2)]
    p.list(p.ca.crl(revoked(A), more=[one]))
    equal(p.row(), (1, 3))
    p.list(p.ca.crl(revoked(B), revoked(C), more=[two]))
    equal(p.row(), (3, 1))
    p.list(p.ca.crl(revoked(B), at="260529000000", more=[two]))
    equal(p.row(), (2, 2))
    p.list(p.ca.crl(revoked(A), revoked(B), at="260529000000"))  # whole, beside them: each leaf counts once
    equal(p.row(), (2, 2))


def test_a_list_for_cas_says_nothing_of_leaves(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(b"\x55"), more=[point("http://q.example/ca", CAS)]))
    equal(p.row(), (None, None), "no list for leaves was read")
    p.list(p.ca.crl(revoked(D), more=[point("http://q.example/ee", USERS)]))
    equal(p.row(), (1, 3))


def found(p):  # an exit status of 1 only says that there are some
    return [(f["cert_sha256"], f["detail"]) for f in
            p.t.run("check", "--kind", "revoked-not-everywhere", "--as-of", DAY, "--format", "json").json()]


def test_a_list_that_could_not_name_a_certificate_does_not_deny_it(t):
    p = Place(t, leaves=())
    other = CA(t.dir, "Medlar CA (fictional)", p.root, b"\x07", crl_urls=["http://q.example/7"])
    p.give("other.pem", pem(other.cert))
    records = [{"issuerName": base64.b64encode(p.root.name).decode(), "serialNumber": base64.b64encode(b"\x07").decode()}]
    p.give("onecrl.json", json.dumps({"data": records}).encode())
    for more in point("http://q.example/2"), point(None, USERS), point(None, reasons=True), delta(4):
        p.list(p.root.crl(more=[more]))
        equal(found(p), [], more)
    p.list(p.root.crl(more=[point("http://q.example/7")]))
    equal([f[1] for f in found(p)], ["revoked in onecrl, not in crl"])
    p.list(p.root.crl(revoked(b"\x07"), at="260529000000", more=[point("http://q.example/7")]))
    equal(found(p), [])
    p.list(p.root.crl())
    equal(found(p), [], "beside the one that names it")


def test_entries_of_others_and_lifted_holds_revoke_nothing(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(A, "260510000000", issuer("Somebody Else (fictional)")), revoked(B)))
    equal(p.row(), (0, 4), "certificateIssuer holds for the entries behind, too")
    check(any("another issuer" in what for what in p.problems()), p.problems())
    p.list(p.ca.crl(revoked(C, "260510000000", reason(8)), revoked(D, "260510000000", reason(6)), at="260529000000"))
    equal(p.row(), (1, 3), "a hold, and one that was lifted")


def test_a_list_of_version_1_counts(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(A), v1=True))
    equal(p.row(), (1, 3))


def test_a_revocation_holds_from_its_date_on(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(A, "260510120000"), revoked(B, "260701000000"), at="260528000000"))
    for day, wanted in [("2026-05-09", 0), ("2026-05-10", 1), ("2026-06-30", 1), ("2026-07-01", 2), ("2026-09-01", 2), ("2026-09-02", 0)]:
        equal(p.row(day=day)[0], wanted, day)


def at(days):
    """So many days from now."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%y%m%d%H%M%S")


FUTURE = "thisUpdate lies in the future: recognised, not applied"


def test_a_list_from_the_future_is_told_and_neither_applied_nor_in_the_way(t):
    p = Place(t)
    ahead = p.ca.crl(revoked(A), at="491231000000", until="491231235959")
    p.list(ahead)
    equal((p.row(), p.problems()), ((None, None), [FUTURE]), "alone")
    p.list(p.ca.crl(revoked(B)))
    equal((p.row(), p.problems()), ((1, 3), [FUTURE]), "a list of today stands beside it")
    p.list(ahead)
    p.list(p.ca.crl(revoked(C), at="500101000000"))
    equal(p.row(), (1, 3), "another one")
    p.list(p.ca.crl(revoked(B), revoked(C), at="260529000000"))
    equal((p.row(), p.problems()), ((2, 2), [FUTURE]), "the next one is taken")
    t.ok("index", "--rebuild", "--quiet")
    equal(p.row(), (2, 2))
    p.give("both.pem", pem(p.ca.crl(revoked(A), at="260530000000"), "X509 CRL") + pem(ahead, "X509 CRL"))
    equal(p.row(), (3, 1), "in one file")


def test_clocks_may_differ_by_a_day(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(A), at=at(0.9)))
    equal((p.row(), p.problems()), ((1, 3), []))
    p.list(p.ca.crl(revoked(A), revoked(B), at=at(1.1)))
    equal((p.row(), p.problems()), ((1, 3), [FUTURE]))


def test_leaves_of_logs_and_of_files_are_revoked_once(t):
    p = Place(t)
    log = ctlog.Log(t.dir, "a", [ctlog.precert_entry(Known(p.ca, s)) for s in (A, B, b"\x66")] +
                    [ctlog.final_entry(Known(p.ca, s)) for s in (B, b"\x66")], True)
    log.lay_out(os.path.join(t.dir, "archive"))
    equal(t.run("import", "--unverified", os.path.join(t.dir, "archive")).code, 0)
    p.list(p.ca.crl(revoked(A), revoked(b"\x66"), revoked(D)))
    equal(p.row(), (3, 2))
    rows = {r["serial"]: r["revoked"] for r in t.ok("leaves", p.ca.id, "--as-of", DAY, "--format", "json").json()}
    equal(rows, {"11": True, "22": False, "33": False, "44": True, "66": True})
    p.list(p.ca.crl(revoked(A), at="260529000000"))
    equal(p.row(), (1, 4), "the newer list has two less")
    p.give("more.pem", pem(p.root.cert))
    rows = {r["serial"]: r["revoked"] for r in t.ok("leaves", p.ca.id, "--as-of", DAY, "--format", "json").json()}
    equal(rows, {"11": True, "22": False, "33": False, "44": False, "66": False})


def many(n, *more):
    """So many entries in no order, of 16 octets each, besides others."""
    return [revoked(b"\x31" + hashlib.sha256(b"%d" % i).digest()[:15], "260510000000", reason(4)) for i in range(n)] + list(more)


def held(t):
    with sqlite3.connect(t.db) as db:
        return [bytes(serial) for serial, in db.execute("SELECT serial FROM crl_entry ORDER BY serial")]


# Lists of more than a megabyte are not read into memory, and entries are stored some 130,000 at a time.
def test_a_large_list_is_read_whole_and_counts_as_a_small_one(t):
    p = Place(t)
    last = b"\x7f" * 20
    entries = many(140000, revoked(A, "260510120000", reason(1)), revoked(B), revoked(last))
    large = p.ca.crl(*entries)
    check(len(large) > 6 << 20, len(large))
    p.list(large)
    equal((len(held(t)), held(t)[-1]), (140003, last))
    equal((p.row(), states(p)[A], states(p)[C]), ((2, 2), yes("keyCompromise", "2026-05-10T12:00:00Z"), NO))
    with sqlite3.connect(t.db) as db:
        (der, digest), = db.execute("SELECT der, digest FROM crl").fetchall()
    check(len(der) < 1000 and len(digest) == 32, "the list is not kept besides its entries")
    t.ok("index", "--rebuild", "--quiet")
    equal(p.row(), (2, 2), "verified anew without the list")
    p.list(p.ca.crl(*entries[:-2], at="260529000000", signer=p.root))  # wrongly signed
    equal((len(held(t)), p.row()), (140003, (2, 2)))
    r = t.run("fetch", "crl", "--url", "crl=file://%s/" % t.write("lists/a.crl", p.ca.crl(*entries[:140000], *entries[140001:], at="260530000000")).rsplit("/", 1)[0])
    equal(r.code, 0, r.err)
    check("140,002 records (0 new, 0 changed, 1 gone)" in r.err, r.err)
    equal((len(held(t)), p.row()), (140002, (1, 3)))


def test_a_large_list_that_breaks_off_is_refused_and_the_held_one_stays(t):
    p = Place(t)
    p.list(p.ca.crl(revoked(A)))
    large = p.ca.crl(*many(60000, revoked(B)), at="260529000000")
    for bad in large[:-1], large[:len(large) // 2], large[:1 << 20] + b"\0" * (len(large) - (1 << 20)):
        r = t.run("import", t.write("bad.crl", bad))
        check(r.code == 3 or "entries break off" in " ".join(p.problems()) or "not used" in r.err, (r.code, r.err))
        equal((p.row(), held(t)), ((1, 3), [A]), r.err)


def test_several_lists_of_one_file_keep_their_own_entries(t):
    p = Place(t)
    p.give("both.pem", pem(p.ca.crl(revoked(A), revoked(B)), "X509 CRL") + pem(p.root.crl(revoked(b"\x02")), "X509 CRL"))
    with sqlite3.connect(t.db) as db:
        equal(db.execute("SELECT n, hex(serial) FROM crl_entry ORDER BY 1, 2").fetchall(), [(0, "11"), (0, "22"), (1, "02")])
    equal(p.row(), (2, 2))


class Known(ctlog.Leaf):
    def __init__(self, ca, serial):
        super().__init__(ca.cert, serial, name="h%s.example" % serial.hex())


harness.main()
