"""diff: what changed between two indexes, and between two snapshots of a program's store."""
import hashlib
import os
import re
import shutil
import sqlite3
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
from ctcase import base, ca_der, fetch_listed, leaves  # noqa: E402
from harness import DAY, Skip, check, clean, equal, main, make_index  # noqa: E402

COLUMNS = ["kind", "ca_id", "cert_sha256", "name", "program", "before", "after", "purpose", "what"]
KINDS = ["source-changed", "ca-new", "ca-gone", "certificate-new", "certificate-gone", "owner-changed", "store-changed",
         "anchor-new", "anchor-gone", "rule-changed", "distrust-new", "distrust-gone", "revocation-new", "revocation-gone",
         "trust-changed", "count-changed"]
MIRROR = {"-new": "-gone", "-gone": "-new"}
SPARSE = {}


def sparse(t):
    """An index of CCADB and Mozilla's older store alone."""
    if not SPARSE:
        SPARSE["db"] = make_index(t.canopy, t.world, os.path.dirname(t.db),
                                  ["ccadb", "mozilla/certdata.2024-06-30.txt"], "sparse.db")
    return SPARSE["db"]


def changes(t, old, new, *args, day=DAY):
    return t.ok("diff", old, new, "--as-of", day, "--format", "json", *args).json()


def keyed(rows, *columns):
    return {tuple(r[c] for c in columns): r for r in rows}


def mirrored(rows):
    """The same rows as the comparison the other way round must give them."""
    out = []
    for r in rows:
        head, dash, tail = r["kind"].rpartition("-")
        kind = head + MIRROR.get(dash + tail, dash + tail)
        out.append({**r, "kind": kind, "before": r["after"], "after": r["before"]})
    return out


def order(row):
    return [KINDS.index(row["kind"])] + [(row[c] or "").encode()
                                         for c in ["program", "name", "ca_id", "cert_sha256", "purpose", "what"]]


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def test_an_index_does_not_differ_from_its_copy(t):
    copy = shutil.copy(t.full_db(), os.path.join(t.dir, "copy.db"))
    equal(changes(t, t.full_db(), copy), [])
    equal(t.ok("diff", t.full_db(), copy, "--exit-code", "--format", "csv").out, ",".join(COLUMNS) + "\n")


def test_the_columns_and_the_order_of_rows(t):
    rows = changes(t, sparse(t), t.full_db())
    equal(t.ok("diff", sparse(t), t.full_db(), "--format", "csv").header().split(","), COLUMNS)
    for row in rows:
        equal(list(row), COLUMNS)
        check(row["before"] != row["after"], row)
    keys = [order(r) for r in rows]
    equal(keys, sorted(keys))
    equal(len({tuple(k) for k in keys}), len(keys), "a row twice")


def test_the_help_lists_the_kinds(t):
    text = t.ok("diff", "--help").out.split("Values of --kind\n\n")[1].split("\n\n")[0]
    equal([line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "], KINDS)


def test_the_other_way_round_it_is_mirrored(t):
    there, back = changes(t, sparse(t), t.full_db()), changes(t, t.full_db(), sparse(t))
    equal(sorted(map(order, mirrored(there))), sorted(map(order, back)))
    equal(keyed(mirrored(there), *COLUMNS), keyed(back, *COLUMNS))
    check(len({r["kind"] for r in there}) >= 10, {r["kind"] for r in there})


def test_cas_and_certificates_come_and_go(t):
    old, new = sparse(t), t.full_db()
    for kind, way, side in [("new", (old, new), "after"), ("gone", (new, old), "before")]:
        rows = changes(t, *way, "--kind", "ca-" + kind, "--kind", "certificate-" + kind)
        cas = keyed([r for r in rows if r["kind"].startswith("ca-")], "ca_id")
        check((t.ca("undisclosed-ca"),) in cas, cas)
        shown = t.ok("counts", t.ca("undisclosed-ca"), "--db", new, "--format", "json").json()[0]
        row = cas[t.ca("undisclosed-ca"),]
        equal((row["name"], row[side], row["cert_sha256"]), (shown["name"], shown["subject"], None))
        cert = keyed(rows, "cert_sha256")[t.cert("undisclosed-ca"),]
        equal((cert["kind"], cert["ca_id"]), ("certificate-" + kind, t.ca("undisclosed-ca")))
        equal(cert[side], "2024-02-02 to 2033-02-01")


def test_the_numbers_of_new_cas_are_those_of_the_indexes(t):
    ids = [{r["ca_id"] for r in t.ok("counts", "--db", db, "--format", "json").json()} for db in [sparse(t), t.full_db()]]
    rows = changes(t, sparse(t), t.full_db(), "--kind", "ca-new", "--kind", "ca-gone")
    equal({r["ca_id"] for r in rows if r["kind"] == "ca-new"}, ids[1] - ids[0])
    equal({r["ca_id"] for r in rows if r["kind"] == "ca-gone"}, ids[0] - ids[1])
    check(ids[1] - ids[0])


def test_owners_are_those_of_counts(t):
    both = [{r["ca_id"]: r["owner"] for r in t.ok("counts", "--db", db, "--format", "json").json()}
            for db in [sparse(t), t.full_db()]]
    wanted = {(i, both[0][i], both[1][i]) for i in both[0] if i in both[1] and both[0][i] != both[1][i]}
    rows = changes(t, sparse(t), t.full_db(), "--kind", "owner-changed")
    equal({(r["ca_id"], r["before"], r["after"]) for r in rows}, wanted)
    check(wanted)


def counted(t, old, new, day):
    """What count-changed must say, by what counts says of both."""
    both = [keyed(t.ok("counts", "--db", db, "--as-of", day, "--format", "json").json(), "ca_id") for db in (old, new)]
    return {(i[0], c, *[None if b[i][c] is None else str(b[i][c]) for b in both])
            for i in both[0] if i in both[1] for c in ["issued", "unexpired", "coverage"] if both[0][i][c] != both[1][i][c]}


def told_counts(t, old, new, day):
    rows = changes(t, old, new, "--kind", "count-changed", day=day)
    return {(r["ca_id"], r["what"], r["before"], r["after"]) for r in rows}


def test_counts_are_those_of_counts(t):
    for day in (DAY, "1990-01-01"):
        wanted = counted(t, sparse(t), t.db, day)
        equal(told_counts(t, sparse(t), t.db, day), wanted)
        check(any(c == "issued" and before is None for _, c, before, _ in wanted), "what was not counted is empty, not 0")
    check(any(c == "unexpired" and before is None and after == "0" for _, c, before, after in wanted), "counted, and none")


def test_a_log_that_was_read_further(t):
    day, alder = "2026-06-11", t.ca("alder-tls-1")
    base(t, "part.db")
    tail = [ctlog.final_entry(leaf) for leaf in leaves(ca_der(t), 300)]
    with ctlog.Server(ctlog.Log(t.dir, "a", tail, True)) as s:
        fetch_listed(t, s, "--to", "256")
        part, t.db = t.db, shutil.copy(t.db, os.path.join(t.dir, "whole.db"))
        fetch_listed(t, s)
    equal(told_counts(t, part, t.db, day), counted(t, part, t.db, day))
    equal({r[1:] for r in told_counts(t, part, t.db, day) if r[0] == alder},
          {("issued", "256", "300"), ("unexpired", "256", "300"), ("coverage", "partial", "complete")})
    row, = [r for r in changes(t, part, t.db, "--kind", "source-changed") if r["what"] == "ct-log"]
    check(row["before"] != row["after"], row)


def test_coverage_is_that_of_the_day(t):
    base(t, "a.db")
    with ctlog.Server(ctlog.Log(t.dir, "a", [ctlog.final_entry(leaf) for leaf in leaves(ca_der(t), 3)], True)) as a, \
            ctlog.Server(ctlog.Log(t.dir, "b", [ctlog.final_entry(leaf) for leaf in leaves(ca_der(t), 3)], True)) as b:
        ending = b.log.described(b.url)
        ending["temporal_interval"]["end_exclusive"] = "2026-06-10T12:00:00Z"
        path = t.write("list.json", ctlog.log_list(a.log.described(a.url), ending))
        listed = ["fetch", "ct", "--url", "ct=file://" + path, "--force", "--log"]
        equal(t.run(*listed, "Fictional log a").code, 0)
        one, t.db = t.db, shutil.copy(t.db, os.path.join(t.dir, "both.db"))
        equal(t.run(*listed, "Fictional log b").code, 0)
    alder = t.ca("alder-tls-1")
    for day, told in [("2026-06-09", [("partial", "complete")]), ("2026-06-11", [])]:
        for way, pairs in [((one, t.db), told), ((t.db, one), [pair[::-1] for pair in told])]:
            equal([r[2:] for r in told_counts(t, *way, day) if r[:2] == (alder, "coverage")], pairs, day)


def test_counts_that_both_indexes_have_are_compared_for_the_day(t):
    some = ["leaves/" + name for name in sorted(os.listdir(t.path("leaves")))[::2]]
    part, wanted = make_index(t.canopy, t.world, t.dir, ["ccadb", *some], "part.db"), {}
    for day in (DAY, "2025-01-01"):
        wanted[day] = counted(t, part, t.db, day)
        equal(told_counts(t, part, t.db, day), wanted[day])
        check(any(before and after for _, c, before, after in wanted[day] if c == "issued"), "both are counted")
    check(wanted[DAY] != wanted["2025-01-01"])


def anchors(t, day):
    """(certificate, purpose) -> facts of a snapshot of Mozilla's store."""
    head = "anchor.mozilla.%s." % day
    return {(t.cert(k[len(head):].split(".")[1]), k[len(head):].split(".")[0]): v for k, v in t.facts.items()
            if k.startswith(head)}


def rules(fact):
    return "no limits" if fact == "plain" else "notBefore until 20%s-%s-%s" % (fact[:2], fact[2:4], fact[4:6])


def wanted_of(t, a, b):
    before, after = anchors(t, a), anchors(t, b)
    certs = [{cert for cert, _ in side} for side in (before, after)]
    rows = {("anchor-gone", *k, rules(before[k]), None, "bit" if k[0] in certs[1] else "root") for k in before.keys() - after}
    rows |= {("anchor-new", *k, None, rules(after[k]), "bit" if k[0] in certs[0] else "root") for k in after.keys() - before}
    return rows | {("rule-changed", *k, rules(before[k]), rules(after[k]), None) for k in before.keys() & after
                   if before[k] != after[k]}


def seen_anchors(rows):
    return {(r["kind"], r["cert_sha256"], r["purpose"], r["before"], r["after"], r["what"]) for r in rows
            if r["kind"] in ("anchor-new", "anchor-gone", "rule-changed")}


def test_two_snapshots_of_a_store_in_one_index(t):
    a, b = "2024-06-30", "2026-05-15"
    for first, second in [(a, b), (b, a)]:
        rows = t.ok("diff", "--store", "mozilla", first, second, "--format", "json").json()
        equal(seen_anchors(rows), wanted_of(t, first, second))
        head, = [r for r in rows if r["kind"] == "store-changed"]
        equal((head["program"], head["before"], head["after"]), ("mozilla", first, second))
        equal({r["program"] for r in rows}, {"mozilla"})
        check({r["kind"] for r in rows} <= {"store-changed", "anchor-new", "anchor-gone", "rule-changed", "distrust-new",
                                            "distrust-gone"})
    kinds = {r[0] for r in wanted_of(t, a, b)}
    equal(kinds, {"anchor-new", "anchor-gone", "rule-changed"}, "the world has all of them")


def test_a_day_means_the_snapshot_that_it_means_elsewhere(t):
    exact = t.ok("diff", "--store", "mozilla", "2024-06-30", "2026-05-15", "--format", "csv").out
    equal(t.ok("diff", "--store", "mozilla", "2025-01-01", "2026-12-31", "--format", "csv").out, exact)
    r = t.run("diff", "--store", "mozilla", "2001-01-01", "2026-12-31", "--format", "csv")
    equal((r.code, r.out), (0, exact))
    check("2001-01-01" in r.err and "2024-06-30" in r.err, r.err)
    r = t.run("diff", "--store", "mozilla", "2024-07-01", "2024-07-02", "--format", "csv")
    equal((r.code, r.out), (0, ",".join(COLUMNS) + "\n"))
    check("both days have the same store of mozilla, that of 2024-06-30" in r.err, r.err)
    equal(t.ok("diff", "--store", "mozilla", "2024-07-01", "2024-07-02", "--format", "csv", "--quiet").err, "")


def test_stores_of_two_indexes_are_those_of_the_day(t):
    rows = changes(t, sparse(t), t.db, "--program", "mozilla")
    equal(seen_anchors(rows), wanted_of(t, "2024-06-30", "2026-05-15"))
    head, = [r for r in rows if r["kind"] == "store-changed"]
    equal((head["before"], head["after"]), ("2024-06-30", "2026-05-15"))
    # on a day before the second snapshot both are judged by the first
    equal([r for r in changes(t, sparse(t), t.db, "--program", "mozilla", day="2025-01-01")
           if r["kind"] != "trust-changed"], [])


def test_a_bit_that_goes_leaves_the_other(t):
    """The world's roots keep or lose both; this store loses one bit of one."""
    with open(t.path("mozilla", "certdata.2026-05-15.txt")) as f:
        text = f.read()
    bit = "CKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NSS_TRUSTED_DELEGATOR"
    lost = t.write("certdata.2026-05-20.txt", text.replace(bit, bit.replace("TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST"), 1))
    db = make_index(t.canopy, t.world, t.dir, ["mozilla/certdata.2026-05-15.txt", lost], "bit.db")
    rows = t.ok("diff", "--db", db, "--store", "mozilla", "2026-05-15", "2026-05-20", "--format", "json").json()
    row, = [r for r in rows if r["kind"] != "store-changed"]
    equal((row["kind"], row["purpose"], row["what"], row["before"], row["after"]),
          ("anchor-gone", "email", "bit", "no limits", None))


def test_certificates_named_as_not_trusted(t):
    with open(t.path("mozilla", "certdata.2026-05-15.txt")) as f:
        text = f.read()
    check("CKT_NSS_NOT_TRUSTED" in text)
    freed = t.write("certdata.2026-05-20.txt", text.replace("CKT_NSS_NOT_TRUSTED", "CKT_NSS_MUST_VERIFY_TRUST"))
    db = make_index(t.canopy, t.world, t.dir, ["ccadb", "mozilla/certdata.2026-05-15.txt", freed], "freed.db")
    named = {t.cert(k.rsplit(".", 1)[1]) for k in t.facts if k.startswith("distrusted.mozilla.2026-05-15.")}
    for way, kind, side in [(["2026-05-15", "2026-05-20"], "distrust-gone", "before"),
                            (["2026-05-20", "2026-05-15"], "distrust-new", "after")]:
        rows = t.ok("diff", "--db", db, "--store", "mozilla", *way, "--format", "json").json()
        got = [r for r in rows if r["kind"] != "store-changed"]
        equal({(r["kind"], r["cert_sha256"], r[side]) for r in got}, {(kind, c, "not trusted") for c in named})
        check("tls" in {r["purpose"] for r in got})


def test_revocations_are_told_by_source(t):
    wanted = {(t.cert(k.rsplit(".", 1)[1]), "onecrl") for k in t.facts if k.startswith("onecrl.")}
    for way, kind, side in [((t.db, t.full_db()), "revocation-new", "after"),
                            ((t.full_db(), t.db), "revocation-gone", "before")]:
        rows = changes(t, *way, "--kind", kind)
        equal({(r["cert_sha256"], r["what"]) for r in rows if r["what"] == "onecrl"} - wanted, set())
        equal({r["what"] for r in rows}, {"crl", "crlset", "onecrl"})
        found = keyed(rows, "cert_sha256", "what")
        row = found[t.cert("birch-sha1"), "crl"]
        equal((row[side], row["ca_id"]), ("2026-05-01", t.ca("birch-sha1")))
        equal(found[t.cert("birch-sha1"), "crlset"][side], "undated")
    # not yet revoked on an earlier day
    early = keyed(changes(t, t.db, t.full_db(), "--kind", "revocation-new", day="2026-04-30"), "cert_sha256", "what")
    check((t.cert("birch-sha1"), "crl") not in early and (t.cert("birch-sha1"), "crlset") in early, early.keys())


def acceptance(t, db, day):
    """(ca_id, program, purpose) -> none, some or all, as show says."""
    accepted = {}
    for row in t.ok("counts", "--db", db, "--as-of", day, "--format", "json").json():
        shown = t.ok("show", row["ca_id"], "--db", db, "--as-of", day, "--format", "json").json()
        for entry in shown["trust"]:
            accepted[row["ca_id"], entry["program"], entry["purpose"]] = entry["acceptance"]
    return accepted


def test_trust_is_what_show_says_of_both(t):
    old, new = sparse(t), t.full_db()
    both = [acceptance(t, old, DAY), acceptance(t, new, DAY)]
    wanted = {}
    for key in set(both[0]) | set(both[1]):
        pair = both[0].get(key), both[1].get(key)
        if pair[0] != pair[1] and set(pair) != {None, "none"}:
            wanted[key] = pair
    rows = changes(t, old, new, "--kind", "trust-changed")
    equal({(r["ca_id"], r["program"], r["purpose"]): (r["before"], r["after"]) for r in rows}, wanted)
    pairs = set(wanted.values())
    check({("all", "none"), ("all", "some"), (None, "all")} <= pairs, pairs)


def test_a_ca_that_nobody_accepts_is_no_change_of_trust(t):
    rows = changes(t, sparse(t), t.full_db(), "--kind", "trust-changed")
    check(not any(r["before"] in (None, "none") and r["after"] in (None, "none") for r in rows))


def test_a_program_that_only_one_index_has(t):
    bare = make_index(t.canopy, t.world, t.dir, ["single"], "bare.db")
    rows = changes(t, bare, t.db, "--program", "mozilla")
    head, = [r for r in rows if r["kind"] == "store-changed"]
    equal((head["before"], head["after"]), (None, "2026-05-15"))
    equal({(r["cert_sha256"], r["purpose"]) for r in rows if r["kind"] == "anchor-new"}, set(anchors(t, "2026-05-15")))
    trust = [r for r in rows if r["kind"] == "trust-changed"]
    check(trust)
    equal({r["before"] for r in trust}, {None})
    equal(keyed(mirrored(rows), *COLUMNS), keyed(changes(t, t.db, bare, "--program", "mozilla"), *COLUMNS))


def test_documents_are_new_or_gone(t):
    first = make_index(t.canopy, t.world, t.dir, ["single", "onecrl", "crlset"], "first.db")
    second = make_index(t.canopy, t.world, t.dir, ["single", "onecrl", "mozilla"], "second.db")
    rows = changes(t, first, second, "--kind", "source-changed")
    listed = [{(s["kind"], s["part"]): s["source_as_of"] for s in t.run("sources", "--db", db, "--format", "json").json()}
              for db in (first, second)]
    equal({(r["what"], r["name"]): r["after"] for r in rows if r["before"] is None},
          {k: v for k, v in listed[1].items() if k not in listed[0]})
    equal({(r["what"], r["name"]): r["before"] for r in rows if r["after"] is None},
          {k: v for k, v in listed[0].items() if k not in listed[1]})
    check(listed[0].keys() & listed[1].keys() and len(rows) >= 3)


def records(t, name, owner):
    """CCADB's records of a day later, in which one owner has another name."""
    with open(t.path("ccadb", "AllCertificateRecordsCSVFormatV5.2026-05-30.csv"), encoding="utf-8", newline="") as f:
        return t.write(name + "/AllCertificateRecordsCSVFormatV5.2026-05-31.csv",
                       f.read().replace("Alder Trust Services (fictional)", owner))


def test_a_newer_document_and_another_of_its_day(t):
    owners = ["Alder Trust Services (fictional)", "Alder One (fictional)", "Alder Two (fictional)"]
    files = [t.path("ccadb"), records(t, "one", owners[1]), records(t, "two", owners[2])]
    dbs = [make_index(t.canopy, t.world, t.dir, ["ccadb", f], "%d.db" % n) for n, f in enumerate(files)]
    row, = changes(t, dbs[0], dbs[1], "--kind", "source-changed")
    equal((row["what"], row["name"]), ("ccadb-report", "AllCertificateRecordsCSVFormatV5"))
    equal((row["before"], row["after"]), ("2026-05-30", "2026-05-31"))
    row, = changes(t, dbs[1], dbs[2], "--kind", "source-changed")
    equal((row["before"], row["after"]), (digest(files[1]), digest(files[2])))
    for n in (0, 1):
        rows = changes(t, dbs[n], dbs[n + 1], "--kind", "owner-changed")
        equal({(r["before"], r["after"]) for r in rows}, {(owners[n], owners[n + 1])})
        equal({r["ca_id"] for r in rows}, {t.ca(n) for n in t.nicks() if t.facts.get("owner." + n) == owners[0]})


def test_chrome_s_rules_are_compared_for_a_version(t):
    rows = changes(t, sparse(t), t.full_db(), "--program", "chrome", "--kind", "rule-changed")
    old = changes(t, sparse(t), t.full_db(), "--program", "chrome", "--kind", "rule-changed", "--chrome-version", "1")
    check(rows != old)
    after = {r["cert_sha256"]: r["after"] for r in rows}
    equal(after[t.cert("alder-root")], "SCT until 2025-10-31")
    check(any(" or " in r["after"] for r in rows), "alternatives")
    copy = shutil.copy(t.full_db(), os.path.join(t.dir, "copy.db"))
    equal(changes(t, t.full_db(), copy, "--chrome-version", "1"), [])


def test_another_order_of_alternatives_is_no_change(t):
    with open(t.path("chrome", "root_store.2026-05-20.textproto"), encoding="utf-8") as f:
        text = f.read()
    certs = t.path("chrome", "root_store.2026-05-20.certs")
    first, second = re.search(r"  constraints: \{\n    validity_starts_not_after_sec: 1772323199\n  \}\n(  constraints \{.*?\n  \}\n)",
                              text, re.S).group(0, 1)
    turned = text.replace(first, second + first[:-len(second)])
    check(turned != text)
    dbs = []
    for n, content in enumerate([text, turned]):
        store = t.write("%d/root_store.2026-05-20.textproto" % n, content)
        shutil.copy(certs, os.path.dirname(store))
        dbs.append(make_index(t.canopy, t.world, t.dir, ["ccadb", os.path.dirname(store)], "%d.db" % n))
    equal([r["kind"] for r in changes(t, *dbs)], ["source-changed"])
    rules = changes(t, sparse(t), dbs[0], "--program", "chrome", "--kind", "rule-changed")
    check(any(r["cert_sha256"] == t.cert("elm-root") and " or " in r["after"] for r in rules), rules)


def test_every_kind_is_in_the_world(t):
    seen = {r["kind"] for way in [(sparse(t), t.full_db()), (t.full_db(), sparse(t))] for r in changes(t, *way)}
    equal(set(KINDS) - seen, {"distrust-new", "distrust-gone"}, "those have a test of their own")


def test_options_restrict_the_rows(t):
    old, new = sparse(t), t.full_db()
    everything = changes(t, old, new)
    equal(changes(t, old, new, "--kind", "anchor-new", "--kind", "ca-new"),
          [r for r in everything if r["kind"] in ("anchor-new", "ca-new")])
    equal(changes(t, old, new, "--program", "chrome"), [r for r in everything if r["program"] == "chrome"])
    equal(changes(t, old, new, "--purpose", "email"), [r for r in everything if r["purpose"] == "email"])
    equal(changes(t, old, new, "--program", "apple", "--purpose", "tls", "--kind", "trust-changed"),
          [r for r in everything if (r["program"], r["purpose"], r["kind"]) == ("apple", "tls", "trust-changed")])
    check({r["program"] for r in everything} == {None, "mozilla", "chrome", "apple", "microsoft"})


def test_the_exit_status(t):
    old, new = sparse(t), t.full_db()
    equal(t.run("diff", old, new).code, 0)
    equal(t.run("diff", old, new, "--exit-code").code, 1)
    equal(t.run("diff", old, new, "--exit-code", "--kind", "ca-gone").code, 0)
    equal(t.run("diff", "--store", "mozilla", "2024-06-30", "2026-05-15", "--exit-code").code, 1)


def test_all_formats_tell_the_same(t):
    args = ["diff", sparse(t), t.full_db(), "--as-of", DAY]
    rows = changes(t, sparse(t), t.full_db())
    equal(t.ok(*args, "--format", "ndjson").ndjson(), rows)
    equal([{k: v or None for k, v in r.items()} for r in t.ok(*args, "--format", "csv").csv()], rows)
    for form in ["table", "md"]:
        out = t.ok(*args, "--format", form).out
        clean(out)
        for kind in {r["kind"] for r in rows}:
            check(kind in out, kind)


def test_neither_index_is_changed(t):
    pair = [shutil.copy(db, os.path.join(t.dir, name)) for db, name in [(sparse(t), "a.db"), (t.full_db(), "b.db")]]
    before = [digest(p) for p in pair]
    for path in pair:
        os.chmod(path, 0o400)
    changes(t, *pair)
    t.ok("diff", "--db", pair[1], "--store", "mozilla", "2024-06-30", "2026-05-15")
    equal([digest(p) for p in pair], before)
    equal(sorted(os.listdir(t.dir)), ["a.db", "b.db"])


def test_files_that_cannot_be_compared(t):
    text, empty = t.write("text.db", "no index\n" * 200), t.write("empty.db", "")
    alien = os.path.join(t.dir, "alien.db")
    with sqlite3.connect(alien) as db:
        db.execute("CREATE TABLE x (y)")
    pipe = os.path.join(t.dir, "pipe.db")
    os.mkfifo(pipe)
    link = os.path.join(t.dir, "link.db")
    os.symlink(t.db, link)
    for path in ["nowhere.db", text, empty, alien, pipe, t.dir]:
        t.fails(5, "diff", path, t.db, says=path)
        t.fails(5, "diff", t.db, path, says=path)
    t.fails(2, "diff", t.db, t.db, says="are the same file")
    t.fails(2, "diff", t.db, link, says=[link, "are the same file"])
    t.fails(5, "diff", pipe, t.db, says="no regular file")
    t.fails(5, "diff", t.dir, t.db, says="is a folder, not an index")
    check(not os.path.exists(os.path.join(t.dir, "nowhere.db")))


def test_bad_calls_are_answered_in_a_line(t):
    other = sparse(t)
    t.fails(2, "diff", says="'diff' needs OLD.db and NEW.db")
    t.fails(2, "diff", t.db, says="'diff' needs OLD.db and NEW.db")
    t.fails(2, "diff", t.db, other, "third.db", says="third.db")
    t.fails(2, "diff", t.db, other, "--db", t.db, says="--db")
    t.fails(2, "diff", t.db, other, "--kind", "ca-nw", says=["'ca-nw' is no kind of change", "'ca-new'"])
    t.fails(2, "diff", t.db, other, "--program", "nobody", says="'nobody' has no store in either index")
    t.fails(2, "diff", t.db, other, "--purpose", "code", says="code")
    t.fails(2, "diff", "--store", "mozilla", "2024-06-30", says="two dates")
    t.fails(2, "diff", "--store", "mozilla", "2024-06-30", "yesterday", says="'yesterday' is no date")
    t.fails(2, "diff", "--store", "mozilla", t.db, other, says="is no date")
    t.fails(2, "diff", "--store", "nobody", "2024-06-30", "2026-05-15", says="'nobody' has no store")
    t.fails(2, "diff", "--store", "mozilla", "2024-06-30", "2026-05-15", "--program", "chrome", says="--program")
    t.fails(5, "diff", "--store", "mozilla", "2024-06-30", "2026-05-15", "--db", "nowhere.db", says="nowhere.db")


# ---- real data ----

# Of NSS's certdata.txt of both days: (kind, first digits of the certificate, purpose, rules before, after).
SPRING_2021 = {
    ("anchor-gone", "063e4afa", "tls", "no limits", None, "bit"),
    ("anchor-gone", "13633543", "tls", "no limits", None, "bit"),
    ("anchor-gone", "23995611", "email", "no limits", None, "root"),
    ("anchor-gone", "23995611", "tls", "notBefore until 2019-04-30T00:00:00Z", None, "root"),
    ("anchor-gone", "3c4fb0b9", "tls", "no limits", None, "bit"),
    ("anchor-gone", "5edb7ac4", "tls", "notBefore until 2020-01-01T00:00:00Z", None, "root"),
    ("anchor-new", "319af0a7", "email", None, "no limits", "root"),
    ("anchor-new", "4fa3126d", "tls", None, "no limits", "root"),
    ("anchor-new", "554153b1", "tls", None, "no limits", "root"),
    ("anchor-new", "5cbf6fb8", "email", None, "no limits", "root"),
    ("anchor-new", "cbb9c44d", "tls", None, "no limits", "root"),
    ("rule-changed", "0c258a12", "email", "no limits", "notBefore until 2021-03-01T00:00:00Z", None),
    ("rule-changed", "ef3cb417", "email", "no limits", "notBefore until 2021-03-01T00:00:00Z", None),
    ("rule-changed", "92a9d983", "email", "no limits", "notBefore until 2022-08-31T00:00:00Z", None),
    ("rule-changed", "9d190b2e", "email", "no limits", "notBefore until 2022-08-31T00:00:00Z", None),
    ("rule-changed", "cb627d18", "email", "no limits", "notBefore until 2022-08-31T00:00:00Z", None),
    ("rule-changed", "cbb5af18", "email", "no limits", "notBefore until 2022-08-31T00:00:00Z", None),
}


def test_what_mozilla_s_store_changed_in_the_spring_of_2021(t):
    data = os.environ.get("CANOPY_DATA") or os.path.join(os.path.dirname(__file__), "../../../shared/data")
    files = [os.path.join(data, "mozilla-history", "certdata.%s.txt" % day) for day in ["2021-01-24", "2021-03-01"]]
    if not all(map(os.path.isfile, files)):
        raise Skip("no real data at '%s'" % data)
    files = [os.path.abspath(f) for f in files]
    both = make_index(t.canopy, t.world, t.dir, files, "both.db")
    rows = t.ok("diff", "--db", both, "--store", "mozilla", "2021-01-24", "2021-03-01", "--format", "json").json()
    equal({(r["kind"], r["cert_sha256"][:8], *[r[c] for c in ["purpose", "before", "after", "what"]])
           for r in rows if r["kind"] != "store-changed"}, SPRING_2021)
    equal(len(rows), len(SPRING_2021) + 1)
    apart = [make_index(t.canopy, t.world, t.dir, [f], "apart%d.db" % n) for n, f in enumerate(files)]
    equal(seen_anchors(changes(t, *apart, "--program", "mozilla", day="2021-03-01")), seen_anchors(rows))


if __name__ == "__main__":
    main()
