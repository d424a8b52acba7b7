"""canopy fetch ct, and logs given to import: what is counted, what is proven, what is refused."""
import fcntl
import gzip
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
import harness  # noqa: E402
from ctcase import base, ca_der, configure, count, fetch, fetch_listed, leaves, listed, log_row, mixed, world_cas  # noqa: E402
from ctlog import Leaf, final_entry, precert_entry  # noqa: E402
from harness import check, equal  # noqa: E402


def test_a_static_log_is_counted_once_a_leaf(t):
    base(t)
    some = leaves(ca_der(t), 400)
    log = ctlog.Log(t.dir, "a", mixed(some), True)
    with ctlog.Server(log) as s:
        s.mode["gzip"] = True
        fetch_listed(t, s)
    row = count(t)
    equal((row["issued"], row["unexpired"], row["unexpired_high"], row["source"], row["coverage"]),
          (400, 400, 400, "ct", "complete"))
    equal((row["first_not_before"], row["last_not_after"]), ("2026-05-01", "2026-09-01"))
    state = log_row(t)
    equal((state["size"], state["read"], state["counted"], state["pending"], state["error"], state["unverified"]),
          (log.size, log.size, log.size, 0, None, False))


def test_an_rfc6962_log_gives_the_same_as_a_static_one(t):
    base(t)
    some = leaves(ca_der(t), 300)
    with ctlog.Server(ctlog.Log(t.dir, "b", mixed(some), False)) as s:
        fetch_listed(t, s)
        equal(count(t)["issued"], 300)
    with ctlog.Server(ctlog.Log(t.dir, "a", mixed(some[100:]) + [final_entry(Leaf(ca_der(t), 5))], True)) as s:
        fetch_listed(t, s)
    equal(count(t)["issued"], 301, "the same leaves in another log count once")


def test_a_leaf_that_was_imported_too_counts_once(t):
    base(t)
    one = Leaf(ca_der(t), 7)
    with ctlog.Server(ctlog.Log(t.dir, "a", [precert_entry(one), precert_entry(Leaf(ca_der(t), 8))], True)) as s:
        fetch_listed(t, s)
    before = count(t)["issued"]
    t.ok("import", "--quiet", t.path("leaves"))
    with_leaves = count(t)["issued"]
    other = os.path.join(t.dir, "other.db")
    t.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"), CANOPY_DB=other)
    alone = [r for r in t.ok("counts", "--format", "json", CANOPY_DB=other).json() if r["ca_id"] == t.ca("alder-tls-1")][0]
    equal(before, 2)
    equal(with_leaves, alone["issued"] + 2)


def test_a_second_run_goes_on_where_the_first_ended(t):
    base(t)
    some = leaves(ca_der(t), 700)
    log = ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in some], True)
    with ctlog.Server(log) as s:
        fetch_listed(t, s, "--max-entries", "300")
        equal((count(t)["issued"], log_row(t)["counted"], log_row(t)["pending"]), (300, 300, 400))
        asked = s.counted("tile/data/000")
        fetch_listed(t, s)
        equal(count(t)["issued"], 700)
        equal(s.counted("tile/data/000"), asked, "what was read is not asked for again")
        fetch_listed(t, s)
        equal(count(t)["issued"], 700)


def test_a_part_of_an_rfc6962_log_is_proven_by_consistency(t):
    base(t)
    log = ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca_der(t), 333)], False)
    with ctlog.Server(log) as s:
        fetch_listed(t, s, "--max-entries", "101")
        equal((s.counted("get-sth-consistency"), count(t)["issued"]), (1, 101))


def test_short_answers_are_asked_for_again(t):
    base(t)
    log = ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca_der(t), 333)], False)
    with ctlog.Server(log) as s:
        s.mode["most"] = 37
        fetch_listed(t, s)
    equal(count(t)["issued"], 333)


def test_ranges_shrink_where_the_log_refuses_large_ones(t):
    base(t)
    log = ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca_der(t), 333)], False)
    with ctlog.Server(log) as s:
        s.mode["big_fails"] = 100
        fetch_listed(t, s)
    equal(count(t)["issued"], 333)


def test_a_log_that_asks_for_quiet_gets_it(t):
    base(t)
    log = ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca_der(t), 300)], True)
    with ctlog.Server(log) as s:
        s.mode.update(storm=2, date=True)
        fetch_listed(t, s)
    equal(count(t)["issued"], 300)


def page_sizes(s):
    ranges = [re.search(r"get-entries\?start=(\d+)&end=(\d+)", path) for path in s.requests]
    return [int(r[2]) - int(r[1]) + 1 for r in ranges if r]


def test_a_log_that_complains_is_asked_for_more_at_once(t):
    log = ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca_der(t), 8000)], False)
    for busy_every, most in (0, 256), (3, 1024):
        base(t, "%d.db" % busy_every)
        configure(t, "log-window = 1\n")
        with ctlog.Server(log) as s:
            s.mode["busy_every"] = busy_every
            fetch_listed(t, s)
        equal((count(t)["issued"], max(page_sizes(s)), s.most_flying), (8000, most, 1))


def test_a_log_far_away_is_asked_more_at_once(t):
    log = ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca_der(t), 12000)], False)
    for window, most in ("", 16), ("log-window = 6\n", 6):
        base(t, "far%d.db" % most)
        configure(t, window)
        with ctlog.Server(log) as s:
            s.mode["slow"] = 0.1
            fetch_listed(t, s)
        equal(count(t)["issued"], 12000)
        check(4 < s.most_flying <= most, s.most_flying)


def test_a_log_that_is_slow_for_long_is_read_to_its_end(t):
    base(t)
    configure(t, "log-window = 1\n")
    log = ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca_der(t), 2400)], False)
    with ctlog.Server(log) as s:
        s.mode.update(slow=0.01, most=8)
        fetch_listed(t, s)
    equal(count(t)["issued"], 2400)


def test_the_configuration_says_how_a_log_is_asked(t):
    log = ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca_der(t), 3000)], False)
    for text, page in ("log-rate = 500", 1024), ("log-rate.other = 500", 256), ("log-window.127.0.0.1 = 2", 256):
        base(t, text + ".db")
        configure(t, "log-window = 16\n" + text + "\n")
        with ctlog.Server(log) as s:
            s.mode["slow"] = 0.05
            fetch_listed(t, s)
        equal((count(t)["issued"], max(page_sizes(s))), (3000, page))
    equal(s.most_flying, 2)


def test_a_partial_tile_that_is_gone_is_cut_from_the_full_one(t):
    base(t)
    log = ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca_der(t), 400)], True)
    with ctlog.Server(log) as s:
        s.mode.update(no_partial=True, size=300, whole=True)
        fetch_listed(t, s)
        equal(count(t)["issued"], 300)


def refused(t, tiled, mode, says):
    base(t)
    good = [final_entry(leaf) for leaf in leaves(ca_der(t), 300)]
    log = ctlog.Log(t.dir, "a", good, tiled)
    with ctlog.Server(log) as s:
        s.mode["size"] = 256
        fetch_listed(t, s)
        s.mode["size"] = None
        s.mode.update(mode)
        r = fetch_listed(t, s, code=4)
        check(says in r.err, r.err)
        equal(count(t)["issued"], 256, "what was proven before stays")
        check(says in log_row(t)["error"], log_row(t))
        s.mode.clear()
        fetch_listed(t, s)
        equal(count(t)["issued"], 300, "and the log is read on when it is right again")


def test_a_root_that_the_entries_do_not_have_is_refused(t):
    refused(t, True, {"tree": bytes(32)}, "are not those of the tree")


def test_a_wrong_root_of_an_rfc6962_log_is_refused(t):
    refused(t, False, {"tree": bytes(32)}, "are not those of the tree")


def test_a_broken_signature_is_refused(t):
    refused(t, True, {"break_signature": True}, "does not verify")


def test_another_tree_of_the_same_size_is_refused_and_kept(t):
    refused(t, True, {"size": 256, "tree": bytes(32)}, "two different trees")
    kept = subprocess.run(["sqlite3", t.db, "SELECT length(evidence) > 100 FROM ct_log"], capture_output=True, check=True)
    equal(kept.stdout, b"1\n")


def test_a_web_page_instead_of_entries_fails_and_says_so(t):
    refused(t, False, {"html": True}, "entries from 256 on")


def test_a_stale_head_is_no_error(t):
    base(t)
    log = ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca_der(t), 300)], True)
    with ctlog.Server(log) as s:
        fetch_listed(t, s)
        s.mode.update(size=200, when=1770000000000)
        fetch_listed(t, s)
    equal((count(t)["issued"], log_row(t)["size"], log_row(t)["error"]), (300, 300, None))


def test_a_log_without_known_key_is_read_only_when_asked_for(t):
    base(t)
    log = ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca_der(t), 30)], True)
    with ctlog.Server(log) as s:
        r = fetch(t, s.url, code=4)
        check("no key of this log is known" in r.err, r.err)
        equal(count(t)["coverage"], "none")
        fetch(t, s.url, "--unverified")
        equal((count(t)["issued"], log_row(t)["unverified"], log_row(t)["counted"]), (30, True, None))
        fetch(t, s.url, "--unverified")
        equal(log_row(t)["unverified"], True)


def test_odd_entries_are_counted_or_kept(t):
    base(t)
    ca = ca_der(t)
    odd = [
        Leaf(ca, b"\xff\x01"), Leaf(ca, b"\0"), Leaf(ca, bytes(range(1, 30))), Leaf(ca, b"\0\0\7"),
        Leaf(ca, 21, before="500101000000Z", after="490101000000Z"),
        Leaf(ca, 22, after="99991231235959Z", time_form=lambda s: ctlog.tlv(0x18 if len(s) > 13 else 0x17, s.encode())),
        Leaf(ca, 23, before="2605010000Z", after="2609010000Z"),
        Leaf(ca, 24, tail=b"\0\0\0"),
    ]
    entries = [final_entry(leaf) for leaf in odd] + [precert_entry(leaf) for leaf in odd[:4]]
    broken = dict(final_entry(Leaf(ca, 99)), cert=b"\x30\x03no!")
    log = ctlog.Log(t.dir, "a", entries + [broken], True)
    with ctlog.Server(log) as s:
        fetch_listed(t, s)
    equal((count(t)["issued"], log_row(t)["malformed"]), (len(odd), 1))
    problems = t.ok("sources", "--problems", "--format", "json").json()
    check(any(p["place"] == "entry %d" % len(entries) for p in problems), problems)


def test_two_contents_of_one_serial_number_are_a_finding(t):
    base(t)
    ca = ca_der(t)
    same = [precert_entry(Leaf(ca, 50)), final_entry(Leaf(ca, 50)), precert_entry(Leaf(ca, 51)),
            final_entry(Leaf(ca, 51, name="other.fictional.example"))]
    with ctlog.Server(ctlog.Log(t.dir, "a", same, True)) as s:
        fetch_listed(t, s)
    equal(count(t)["issued"], 2)
    found = [f for f in t.run("check", "--kind", "duplicate-serial", "--format", "json").json() if f["source"] == "ct"]
    equal([f["ca_id"] for f in found], [t.ca("alder-tls-1")])
    check("%018x" % 51 in found[0]["detail"], found)


def test_leaves_are_listed_with_serial_names_and_place(t):
    base(t)
    with ctlog.Server(ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 9)), True)) as s:
        fetch_listed(t, s)
    rows = t.ok("leaves", t.ca("alder-tls-1"), "--format", "json").json()
    equal(len(rows), 9)
    equal({r["serial"] for r in rows}, {"%018x" % (1000 + i) for i in range(9)})
    row = [r for r in rows if r["serial"] == "%018x" % 1000][0]
    equal((row["names"], row["precert"], row["final"]), ("host1000.fictional.example", True, False))
    equal((row["where"], row["first_sct"]), ("Fictional log a, entry 0", "2026-05-16T02:53:20Z"))
    both = [r for r in rows if r["serial"] == "%018x" % 1002][0]
    equal((both["precert"], both["final"]), (True, True))


def utc_of(time):
    return time[2:4] + time[5:7] + time[8:10] + time[11:13] + time[14:16] + time[17:19] + "Z"


def imported_and_logged(t, *names):
    """Some leaf of a file as `leaves` tells it, and entries of a log that shows it with these names."""
    other = os.path.join(t.dir, "other.db")
    t.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"), CANOPY_DB=other)
    rows = t.ok("leaves", "Alder TLS CA 1", "--format", "json", CANOPY_DB=other).json()
    row = [r for r in rows if r["names"].count(", ") == 1][0]
    leaf = Leaf(ca_der(t), bytes.fromhex(row["serial"]), utc_of(row["not_before"]), utc_of(row["not_after"]))
    san = b"".join(ctlog.tlv(0x82, (n or row["names"].split(", ")[0]).encode()) for n in names)
    leaf.exts[0] = ctlog.tlv(0x30, bytes.fromhex("0603551d11"), ctlog.tlv(4, ctlog.tlv(0x30, san)))
    return row, [final_entry(each) for each in leaves(ca_der(t), 10)] + [precert_entry(leaf)]


def test_a_leaf_of_a_file_and_of_logs_tells_both_and_all_names(t):
    row, entries = imported_and_logged(t, "logged.example", None)
    for s in each_kind(t, entries):
        t.ok("import", "--quiet", t.path("leaves"))
        fetch_listed(t, s)
        got = [r for r in t.ok("leaves", "Alder TLS CA 1", "--format", "json").json() if r["serial"] == row["serial"]]
        first, second = row["names"].split(", ")
        equal([(r["where"], r["names"]) for r in got],
              [(row["where"] + "; Fictional log %s, entry 10" % s.log.name, ", ".join(["logged.example", first, second]))])
        equal((got[0]["precert"], got[0]["final"], got[0]["not_before"]), (True, True, row["not_before"]))


def test_serial_and_names_of_an_imported_leaf_need_no_log(t):
    row, entries = imported_and_logged(t, "logged.example")
    for s in each_kind(t, entries):
        t.ok("import", "--quiet", t.path("leaves"))
        few_names(t, s)
        r = t.run("leaves", "Alder TLS CA 1", "--offline", "--format", "json")
        got = [each for each in r.json() if each["serial"] == row["serial"]]
        equal([(each["where"], each["names"]) for each in got],
              [(row["where"] + "; Fictional log %s, entry 10" % s.log.name, row["names"])])
        check("names of 10 leaves" in r.err, r.err)


def order_of(t, *more):
    r = t.run("leaves", "Alder TLS CA 1", "--format", "json", *more)
    return [(row["not_before"], row["serial"]) for row in r.json()], [row["where"] for row in r.json()]


def test_leaves_of_logs_come_by_not_before_then_serial(t):
    ca = ca_der(t)
    same = leaves(ca, 40, start=2000)
    some = same[::-1] + [Leaf(ca, 1000 + i, before="26050%d000000Z" % (3 - i % 3)) for i in range(40)]
    for s in each_kind(t, mixed(some)):
        t.ok("import", "--quiet", t.path("leaves"))
        fetch_listed(t, s)
        kept, _ = order_of(t)
        equal(kept, sorted(kept))
        t.db += ".few"
        t.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))
        few_names(t, s)
        equal(order_of(t)[0], kept, "read again from the log")
        shutil.rmtree(t.env()["XDG_CACHE_HOME"])
        unread, where = order_of(t, "--offline")
        equal([time for time, _ in unread], [time for time, _ in kept])
        at = unread.index(("2026-05-01T00:00:00Z", None))
        entries = [int(w.rsplit(" ", 1)[1]) for w in where[at:at + 40]]
        equal(entries, sorted(entries), "without serial numbers by entry")
        configure(t, "")


def test_the_order_within_a_second_is_that_of_all_its_leaves(t):
    base(t)
    some = leaves(ca_der(t), 2600)
    with ctlog.Server(ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in some], True)) as s:
        fetch_listed(t, s)
    equal([serial for _, serial in order_of(t)[0]], ["%018x" % (1000 + i) for i in range(2600)])


def test_a_leaf_with_an_unreadable_date_is_not_listed_as_unexpired(t):
    base(t)
    t.ok("import", "--quiet", t.path("mozilla"))
    ca = ca_der(t)
    odd = [Leaf(ca, 1, before="2613010000Z"), Leaf(ca, 2, after="2613010000Z"), Leaf(ca, 3), Leaf(ca, 4)]
    with ctlog.Server(ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in odd], True)) as s:
        fetch_listed(t, s)
    day, mark = ("--as-of", "2026-06-01"), ("--mark", "Alder TLS CA 1=block")
    rows = {int(r["serial"], 16): r for r in t.ok("leaves", "Alder TLS CA 1", *day, "--format", "json").json()}
    equal([(rows[i]["not_before"], rows[i]["not_after"], rows[i]["unexpired"]) for i in (1, 2, 3)],
          [(None, "2026-09-01T00:00:00Z", False), ("2026-05-01T00:00:00Z", None, False),
           ("2026-05-01T00:00:00Z", "2026-09-01T00:00:00Z", True)])
    sheet = {int(r["serial"], 16): r for r in t.ok("leaves", "Alder TLS CA 1", *day, "--format", "csv").csv()}
    equal((sheet[1]["not_before"], sheet[2]["not_after"]), ("", ""))
    equal(len(t.ok("leaves", "Alder TLS CA 1", *day, "--unexpired", "--format", "json").json()), count(t)["unexpired"])
    lost = t.ok("impact", *day, *mark, "--format", "json").json()["total"]["lost"]
    equal((count(t)["unexpired"], lost, len(t.ok("leaves", *day, *mark, "--format", "json").json())), (2, 2, 2))


def test_a_leaf_without_embedded_sct_is_judged_by_the_logs_time(t):
    base(t)
    t.ok("import", "--quiet", t.path("mozilla"))
    with ctlog.Server(ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 9)), True)) as s:
        fetch_listed(t, s)
    mark = t.cert("alder-root")
    r = t.ok("impact", "--program", "mozilla", "--as-of", "2026-06-01", "--mark", mark + "=sct-not-after@2026-05-15",
             "--format", "json").json()
    equal((r["total"]["lost"] > 0, r["total"]["no_sct"]), (True, 3), "three of nine were seen as precertificates only")


def test_ca_certificates_of_chains_join_the_graph(t):
    base(t)
    ca = ca_der(t, "undisclosed-ca")
    with ctlog.Server(ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca, 5)], False)) as s:
        fetch_listed(t, s)
    equal(count(t, "undisclosed-ca")["issued"], 5)
    found = t.run("check", "--kind", "undisclosed", "--format", "json").json()
    equal([f["ca_id"] for f in found], [t.ca("undisclosed-ca")])


def test_a_ca_certificate_that_is_logged_is_no_leaf(t):
    base(t)
    one = Leaf(ca_der(t), 3)
    logged = final_entry(one)
    logged["cert"] = ca_der(t, "undisclosed-ca")
    with ctlog.Server(ctlog.Log(t.dir, "a", [final_entry(one), logged], True)) as s:
        fetch_listed(t, s)
    equal(count(t)["issued"], 1)
    found = t.run("check", "--kind", "undisclosed", "--format", "json").json()
    equal([f["ca_id"] for f in found], [t.ca("undisclosed-ca")])


def test_leaves_of_an_unknown_issuer_are_in_no_row(t):
    t.db = os.path.join(t.dir, "c.db")
    log = ctlog.Log(t.dir, "a", [precert_entry(leaf) for leaf in leaves(ca_der(t), 5)], True)
    log.issuers = dict  # an archive without issuer/
    with ctlog.Server(log) as s:
        fetch_listed(t, s)
    r = t.run("sources")
    check("5 leaves of unknown issuers are in no CA's count" in r.out, r.out)
    t.ok("import", "--quiet", t.path("ccadb"))
    equal(count(t)["issued"], 5, "and are counted once the CA is known")


def test_revoked_leaves_of_logs_are_found_by_their_serial_numbers(t):
    base(t)
    t.ok("import", "--quiet", t.path("crl"))
    serials = subprocess.run(["sqlite3", t.db, "SELECT DISTINCT hex(e.serial) FROM crl_entry e JOIN crl k ON k.file = e.file AND"
                              " k.n = e.n JOIN ca a ON a.id = k.ca WHERE lower(hex(a.ca_id)) = '%s' AND e.reason <> 8 AND"
                              " e.since < 1780000000" % t.ca("alder-tls-1")], capture_output=True, check=True, text=True)
    revoked = [bytes.fromhex(line) for line in serials.stdout.split()]
    check(revoked, "the world has revoked leaves of that CA")
    ca = ca_der(t)
    some = leaves(ca, 20) + [Leaf(ca, serial) for serial in revoked]
    with ctlog.Server(ctlog.Log(t.dir, "a", mixed(some), True)) as s:
        fetch_listed(t, s)
    row = count(t)
    equal((row["unexpired"], row["revoked"], row["valid"]), (len(some), len(revoked), 20))


def test_a_folder_laid_out_as_a_log_is_imported(t):
    base(t)
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 300)), True)
    folder = os.path.join(t.dir, "archive")
    log.lay_out(folder)
    t.ok("import", "--quiet", folder)
    equal((count(t)["issued"], log_row(t)["counted"]), (300, log.size))
    t.ok("import", "--quiet", folder)
    equal(count(t)["issued"], 300)


def test_tiles_without_a_head_need_to_be_asked_for(t):
    base(t)
    folder = os.path.join(t.dir, "archive")
    ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 300)), True).lay_out(folder, checkpoint=False)
    t.fails(3, "import", "--quiet", folder, says=["without a checkpoint", "--unverified"])
    t.ok("import", "--quiet", "--unverified", folder)
    equal((count(t)["issued"], log_row(t)["unverified"]), (300, True))
    t.ok("import", "--quiet", "--unverified", folder)
    equal(count(t)["issued"], 300)


def test_a_changed_tile_of_a_folder_is_refused(t):
    base(t)
    folder = os.path.join(t.dir, "archive")
    ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 300)), True).lay_out(folder)
    path = os.path.join(folder, "tile/data/000")
    data = bytearray(open(path, "rb").read())
    data[7] ^= 1
    open(path, "wb").write(data)
    t.fails(3, "import", "--quiet", folder, says="are not those of the tree")
    equal(count(t)["coverage"], "none")


def test_a_killed_run_gives_the_same_answers_in_the_end(t):
    base(t)
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 2000)), True)
    with ctlog.Server(log) as s:
        run = subprocess.Popen([t.canopy, "fetch", "ct", *listed(t, s)], env=t.env(), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        while s.counted("tile/data") < 3 and run.poll() is None:
            pass
        run.send_signal(signal.SIGKILL)
        run.wait()
        fetch_listed(t, s)
    equal((count(t)["issued"], log_row(t)["counted"]), (2000, log.size))


def test_what_a_killed_run_did_not_count_is_counted_by_the_next(t):
    base(t)
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 30)), True)
    with ctlog.Server(log) as s:
        fetch_listed(t, s)
        # as a run leaves it that is killed when its log is proven
        subprocess.run(["sqlite3", t.db, "DELETE FROM bucket; DELETE FROM ca_count; DELETE FROM meta WHERE key = 'ct-counted'"],
                       check=True)
        equal(count(t)["coverage"], "none")
        fetch_listed(t, s)
    equal(count(t)["issued"], 30)


def test_the_index_hash_tells_how_far_a_log_was_read(t):
    base(t)
    hashes = set()
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 300)), True)
    t.ok("import", "--quiet", t.path("mozilla"))
    with ctlog.Server(log) as s:
        for most in "10", "20", "1000":
            fetch_listed(t, s, "--max-entries", most)
            md = t.ok("impact", "--mark", t.cert("alder-root") + "=remove", "--format", "md", "--as-of", "2026-06-01").out
            hashes |= {line for line in md.splitlines() if "hash" in line.lower() or "index" in line.lower()}
    check(len(hashes) >= 3, hashes)


def test_a_second_fetch_says_who_reads(t):
    base(t)
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 5)), True)
    with ctlog.Server(log) as s, open(t.db + "-ct.lock", "w") as lock:
        lock.write("4711\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        r = fetch_listed(t, s, code=5)
        check("another canopy, process 4711" in r.err, r.err)
        equal(t.run("index", "--compact").code, 5)


def test_an_unknown_log_is_a_usage_error(t):
    base(t)
    with ctlog.Server(ctlog.Log(t.dir, "a", [], True)) as s:
        r = t.run("fetch", "ct", *listed(t, s), "--log", "nowhere")
        equal(r.code, 2, r.err)
        check("no known log fits 'nowhere'" in r.err, r.err)


def test_real_tiles_are_distinct_precertificates(t):
    data = os.environ.get("CANOPY_DATA") or os.path.join(os.path.dirname(__file__), "../../../shared/data")
    folder = os.path.join(data, "ct/navigli2025h2")
    if not os.path.isdir(folder):
        return
    t.db = os.path.join(t.dir, "c.db")
    t.ok("import", "--quiet", "--unverified", folder)
    r = t.run("sources", "--format", "json")
    check("1,024 leaves of unknown issuers" in r.err, r.err)
    entries = t.run("import", "--unverified", os.path.join(data, "ct/FourEntries.json"))
    equal(entries.code, 0, entries.err)
    equal(sum(row["issued"] or 0 for row in t.run("counts", "--format", "json").json()), 4)


def names_of(t, *more):
    return {row["serial"]: row["names"] for row in t.ok("leaves", "Alder TLS CA 1", "--format", "json", *more).json()}


def few_names(t, server, *more):
    """Fetches with names kept for five leaves at most."""
    configure(t, "names-limit = 5\n")
    fetch_listed(t, server, *more)


def each_kind(t, entries):
    for tiled in True, False:
        t.db = os.path.join(t.dir, "%d.db" % tiled)
        t.ok("import", "--quiet", t.path("ccadb"))
        with ctlog.Server(ctlog.Log(t.dir, "ab"[tiled], entries, tiled)) as s:
            yield s


def test_names_that_are_not_kept_are_read_again_from_the_log(t):
    some = leaves(ca_der(t), 700)
    for s in each_kind(t, mixed(some)):
        few_names(t, s)
        before = len(s.requests)
        names = names_of(t)
        equal((len(names), None in names, len(set(names.values()))), (700, False, 700))
        check(len(s.requests) > before, "the log was not asked")
        before = len(s.requests)
        equal(names_of(t), names)
        equal(names_of(t, "--offline"), names, "the copies do")
        equal(len(s.requests), before)


def leaves_without_names(t, said, code):
    """All 20 rows come, serial numbers and names unknown in each format."""
    for words, said, code in ((), said, code), (("--quiet",), said, code), (("--offline",), "no log was asked", 0):
        r = t.run("leaves", "Alder TLS CA 1", "--format", "json", *words)
        equal((r.code, [(row["serial"], row["names"]) for row in r.json()]), (code, [(None, None)] * 20), r.err)
        equal((len(r.err.splitlines()), "names of 20 leaves" in r.err, said in r.err), (1, True, True), r.err)
        r = t.run("leaves", "Alder TLS CA 1", "--format", "csv", *words)
        equal((r.code, [(row["serial"], row["names"]) for row in r.csv()]), (code, [("", "")] * 20), r.err)


def test_a_log_that_gives_something_else_leaves_names_unknown_and_says_so(t):
    for s in each_kind(t, mixed(leaves(ca_der(t), 20))):
        few_names(t, s)
        s.mode["html"] = True
        leaves_without_names(t, "do not give them", 4)


def test_a_log_that_cannot_be_asked_leaves_names_unknown_and_fails(t):
    for s in each_kind(t, mixed(leaves(ca_der(t), 20))):
        few_names(t, s)
        s.httpd.shutdown()
        s.httpd.server_close()
        leaves_without_names(t, "could not be read again: '" + s.url, 4)


def test_a_leaf_that_names_nothing_is_told_from_one_whose_names_are_unknown(t):
    leaf = Leaf(ca_der(t), 1)
    leaf.exts = leaf.exts[1:]
    for s in each_kind(t, [final_entry(leaf)]):
        fetch_listed(t, s)
        equal(names_of(t), {"%018x" % 1: ""})


def test_names_that_were_asked_for_are_kept(t):
    for s in each_kind(t, mixed(leaves(ca_der(t), 20))):
        few_names(t, s, "--names", "Alder TLS CA 1")
        before = len(s.requests)
        equal(len(names_of(t)), 20)
        equal(len(s.requests), before)
        r = t.run("fetch", "ct", *listed(t, s), "--names", "No such CA")
        equal(r.code, 2, r.err)


def test_another_leaf_at_the_place_is_not_believed(t):
    some = leaves(ca_der(t), 20)
    for s in each_kind(t, [final_entry(leaf) for leaf in some]):
        few_names(t, s)
        s.log.entries[3] = final_entry(Leaf(ca_der(t), 999999))
        r = t.run("leaves", "Alder TLS CA 1", "--format", "json")
        names = [row["serial"] for row in r.json()]
        equal((r.code, len(names), names.count(None), "%018x" % 999999 in names), (4, 20, 1, False))
        equal((names[:-1], names[-1]), (sorted(names[:-1]), None), "the unknown one is the last of its second")
        check("names of 1 leaf " in r.err, r.err)


def test_reading_begins_where_it_was_asked_to(t):
    some = leaves(ca_der(t), 900)
    entries = [final_entry(leaf) for leaf in some]
    for tiled in True, False:
        for first in 1, 255, 256, 300, 768, 899:
            t.db = os.path.join(t.dir, "%d-%d.db" % (tiled, first))
            t.ok("import", "--quiet", t.path("ccadb"))
            with ctlog.Server(ctlog.Log(t.dir, "ab"[tiled], entries, tiled)) as s:
                fetch_listed(t, s, "--from", str(first), "--to", "899" if first < 899 else "900")
                equal(log_row(t)["counted"], (899 if first < 899 else 900) - first)
                fetch_listed(t, s)
            row = log_row(t)
            equal((row["from"], row["read"], row["counted"], row["pending"], row["error"]), (first, 900 - first, 900 - first, 0, None))
            equal((count(t)["issued"], count(t)["coverage"]), (900 - first, "partial"))


def test_a_left_edge_that_is_not_the_logs_proves_nothing(t):
    entries = [final_entry(leaf) for leaf in leaves(ca_der(t), 600)]
    for s in each_kind(t, entries):
        whole = s.log.leaf_hashes
        s.mode["tree"] = ctlog.root(whole())
        s.log.leaf_hashes = lambda size=None: [bytes(32)] * 300 + whole(size)[300:]
        r = fetch_listed(t, s, "--from", "300", code=4)
        check("are not those of the tree" in r.err, r.err)
        equal((log_row(t)["from"], log_row(t)["counted"]), (0, 0))
        s.log.leaf_hashes = whole
        fetch_listed(t, s, "--from", "300")
        equal(count(t)["issued"], 300)


def test_from_is_refused_where_it_leaves_a_gap_or_nothing(t):
    for s in each_kind(t, [final_entry(leaf) for leaf in leaves(ca_der(t), 300)]):
        fetch_listed(t, s, "--to", "100")
        r = fetch_listed(t, s, "--from", "200", code=4)
        check("would leave a gap" in r.err, r.err)
        fetch_listed(t, s, "--from", "50")
        equal(count(t)["issued"], 300)
        t.db = os.path.join(t.dir, "other.db")
        r = fetch_listed(t, s, "--from", "300", code=4)
        check("has 300 entries only" in r.err, r.err)
        equal(t.run("fetch", "ct", "--from", "9", "--to", "9").code, 2)
        os.unlink(t.db)


def test_a_log_that_is_known_to_be_broken_is_read_when_somebody_says_so(t):
    entries = [final_entry(leaf) for leaf in leaves(ca_der(t), 900)]
    for s in each_kind(t, entries):
        name = "Fictional log " + s.log.name
        hashes = s.log.leaf_hashes()
        s.mode["tree"] = ctlog.root(hashes)
        s.log.leaf_hashes = lambda size=None: hashes[:size if size is not None else len(hashes)]
        s.log.entries[700] = final_entry(Leaf(ca_der(t), 5))
        fetch_listed(t, s, code=4)
        equal(count(t)["issued"], None)
        equal(t.run("fetch", "ct", *listed(t, s), "--broken-from", "700").code, 2)
        fetch_listed(t, s, "--log", name, "--broken-from", "700")
        row = log_row(t)
        equal((row["broken_from"], row["unverified"], row["read"], row["error"]), (700, True, 900, None))
        equal((count(t)["issued"], count(t)["coverage"]), (900, "partial"))
        fetch_listed(t, s)
        equal(log_row(t)["broken_from"], 700, "it is said ever after")


def test_a_hybrid_log_has_tiles_and_an_rfc6962_head(t):
    base(t)
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 400)), True)
    with ctlog.Server(log) as s:
        s.mode.update(hybrid=True, size=500)
        fetch_listed(t, s)
        s.mode.update(size=None)
        fetch_listed(t, s)
    equal((count(t)["issued"], log_row(t)["counted"], log_row(t)["unverified"]), (400, log.size, False))


def test_tiles_of_an_archive_may_be_compressed(t):
    base(t)
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 400)), True)
    folder = os.path.join(t.dir, "archive")
    log.lay_out(folder)
    for path, _, names in os.walk(os.path.join(folder, "tile/data")):
        for name in names:
            with open(os.path.join(path, name), "rb") as f:
                data = f.read()
            with open(os.path.join(path, name), "wb") as f:
                f.write(gzip.compress(data))
    path = t.write("list.json", ctlog.log_list(log.described("file://" + folder + "/")))
    r = t.run("fetch", "ct", "--url", "ct=file://" + path, "--force")
    equal(r.code, 0, r.err)
    equal(count(t)["issued"], 400)


def test_quiet_is_quiet(t):
    base(t)
    with ctlog.Server(ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 30)), True)) as s:
        r = fetch_listed(t, s, "--quiet")
        equal((r.out, r.err), ("", ""))


def site_row(t, *more, nick="alder-tls-1", day="2026-06-01"):
    rows = t.run("counts", "--sites", "--as-of", day, "--format", "json", *more).json()
    row, = [r for r in rows if r["ca_id"] == t.ca(nick)]
    return row["sites"], row["best_rank"], row["top_sites"], row["sites_coverage"]


# the site of each name, as the Public Suffix List has it: co.uk and github.io are suffixes, example.co.uk is not
NAMED = [("www.one.example", "one.example"), ("ONE.example", "one.example"), ("*.two.example", "two.example"),
         ("a.b.example.co.uk", "example.co.uk"), ("fictional.github.io", None), ("*.github.io", "github.io"),
         ("github.io", "github.io"), ("notone.example", None), ("example", None), ("three.example.", "three.example")]
RANKS = "3,one.example\n5,two.example\n2,github.io\n9,example.co.uk\n40,three.example\n7,unused.example\n7,co.uk\n"


def named_leaves(t):
    return [Leaf(ca_der(t), 100 + i, name=name) for i, (name, _) in enumerate(NAMED)]


def expected(names=NAMED, ranks=RANKS):
    rank = {domain: int(n) for n, domain in (line.split(",") for line in ranks.split())}
    found = sorted({site for _, site in names if site in rank}, key=rank.get)
    return len(found), rank[found[0]], found


def test_ranked_sites_are_found_whichever_came_first(t):
    ranks = t.write("tranco.csv", RANKS)
    for s in each_kind(t, mixed(named_leaves(t))):
        equal(site_row(t), (None, None, None, "none"))
        t.ok("import", "--quiet", ranks)
        fetch_listed(t, s)
        equal(site_row(t), (*expected(), "complete"))
        t.db += "2"
        t.ok("import", "--quiet", t.path("ccadb"))
        fetch_listed(t, s)
        equal(site_row(t), (None, None, None, "none"))
        t.ok("import", "--quiet", ranks)
        equal(site_row(t), (*expected(), "complete"))
        equal(site_row(t, day="2027-01-01")[0], 0, "no leaf is unexpired")
        t.ok("import", "--quiet", t.write("tranco2.csv", "Rank,Domain\r\n1,three.example\r\nx,bad\r\n"), "--source-date", "2030-01-01")
        equal(site_row(t), (1, 1, ["three.example"], "complete"))
        check("line 3" in t.ok("sources", "--problems").out, "the bad line is told")


def test_sites_of_a_ca_whose_names_are_not_kept_are_a_lower_bound(t):
    for s in each_kind(t, mixed(named_leaves(t))):
        t.ok("import", "--quiet", t.write("first.csv", "3,one.example\n"), "--source-date", "2026-01-01")
        few_names(t, s)
        equal(site_row(t), (1, 3, ["one.example"], "complete"))
        t.ok("import", "--quiet", t.write("second.csv", RANKS), "--source-date", "2026-02-01")
        equal(site_row(t), (1, 3, ["one.example"], "partial"), "the other names are not known any more")
        roots = t.ok("counts", "--by", "owner", "--sites", "--as-of", "2026-06-01", "--format", "json").json()
        row, = [r for r in roots if r["sites"]]
        equal((row["sites"], row["best_rank"], row["sites_coverage"]), (1, 3, "partial"))


def test_sites_are_those_of_the_facts(t):
    t.db = os.path.join(t.dir, "c.db")
    t.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))
    t.ok("import", "--quiet", t.write("r.csv", "1,wild.example\n2,kinds.example\n3,long.example\n9,none.example\n"))
    show = t.ok("show", "Alder TLS CA 1", "--as-of", "2026-06-01", "--format", "json").json()
    equal([(s["rank"], s["domain"], s["leaves"]) for s in show["sites"]], [(1, "wild.example", 1)])
    equal(show["sites_coverage"], "complete")
    check("wild.example" in t.ok("show", "Alder TLS CA 1", "--as-of", "2026-06-01").out, "show lists it")
    equal(site_row(t, nick="birch-issuing-1"), (1, 3, ["long.example"], "complete"))
    by_root = t.ok("counts", "--by", "root", "--sites", "--as-of", "2026-06-01", "--format", "json").json()
    birch, = [r for r in by_root if r["ca_id"] == t.ca("birch-root")]
    equal(birch["top_sites"], ["kinds.example", "long.example"], "each once, below one root")
    t.ok("import", "--quiet", t.write("second.csv", "4,wild.example\n5,wild.example\n"))
    show = t.ok("show", "Alder TLS CA 1", "--as-of", "2026-06-01", "--format", "json").json()
    equal([(s["rank"], s["domain"], s["leaves"]) for s in show["sites"]], [(4, "wild.example", 1)], "a leaf is one, however often its site is listed")


def test_counts_are_complete_when_every_log_is_read_that_can_hold_unexpired_leaves(t):
    base(t)
    with ctlog.Server(ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 30)), True)) as a, \
            ctlog.Server(ctlog.Log(t.dir, "b", mixed(leaves(ca_der(t), 20)), False)) as b, \
            ctlog.Server(ctlog.Log(t.dir, "c", mixed(leaves(ca_der(t), 20)), False)) as c:
        old, never = b.log.described(b.url), c.log.described(c.url)
        old["temporal_interval"]["end_exclusive"] = "2026-06-10T12:00:00Z"
        never["state"] = {"rejected": {"timestamp": "2026-01-01T00:00:00Z"}}
        path = t.write("list.json", ctlog.log_list(a.log.described(a.url), old, never))
        listed = ["fetch", "ct", "--url", "ct=file://" + path, "--force", "--log"]

        def coverage(day):
            row, = [r for r in t.ok("counts", "--as-of", day, "--format", "json").json() if r["ca_id"] == t.ca("alder-tls-1")]
            return row["coverage"]
        equal(t.run(*listed, "Fictional log a", "--to", "30").code, 0)
        equal(coverage("2026-07-01"), "partial", "a part of a log")
        equal(t.run(*listed, "Fictional log a").code, 0)
        equal([coverage(day) for day in ("2026-06-09", "2026-06-10", "2026-06-11", "2027-01-01")],
              ["partial", "partial", "complete", "complete"])
        view = subprocess.run(["sqlite3", t.db, "SELECT DISTINCT coverage, source_as_of FROM v_ca_count WHERE source = 'ct'"],
                              capture_output=True, check=True, text=True).stdout
        equal(view, "complete|2026-05-28\n")
        equal(t.run(*listed, "Fictional log b").code, 0)
        equal(coverage("2026-06-09"), "complete")
        with ctlog.Server(ctlog.Log(t.dir, "d", [], True)) as d:
            equal(t.run("fetch", "ct", "--log", d.url, "--unverified").code, 0)
        equal(coverage("2026-06-09"), "complete", "a log that no list names does not count")


def test_an_index_is_compacted_and_rebuilt_with_the_same_answers(t):
    base(t)
    t.ok("import", "--quiet", t.path("leaves"), t.path("crl"), t.path("mozilla"), t.write("r.csv", "3,host1001.fictional.example\n4,x.example\n"))
    some = leaves(ca_der(t), 500)
    with ctlog.Server(ctlog.Log(t.dir, "a", mixed(some), True)) as a, ctlog.Server(ctlog.Log(t.dir, "b", mixed(some[250:]), False)) as b:
        path = t.write("list.json", ctlog.log_list(a.log.described(a.url), b.log.described(b.url)))
        for last in "100", "300", "900":
            equal(t.run("fetch", "ct", "--url", "ct=file://" + path, "--force", "--to", last).code, 0)
    asked = [("counts", "--subtree", "--sites", "--format", "csv"), ("leaves", "Alder TLS CA 1", "--format", "csv"), ("check", "--format", "csv"),
             ("counts", "--as-of", "2026-06-01", "--by", "program", "--format", "csv"), ("sources", "ct", "--format", "csv")]
    before = [t.run(*words).out for words in asked]
    size, = t.ok("index", "--format", "json").json()
    check(size["leaf_rows"] > 500 and size["leaf_runs"] > 4, size)
    r = t.run("index", "--compact")
    equal(r.code, 0, r.err)
    less, = t.ok("index", "--format", "json").json()
    equal((less["leaf_rows"], less["leaf_runs"], less["sha256"]), (500, 1, size["sha256"]))
    check(less["bytes"] <= size["bytes"], (less, size))
    equal([t.run(*words).out for words in asked], before)
    r = t.run("index", "--rebuild")
    equal(r.code, 0, r.err)
    equal([t.run(*words).out for words in asked], before)
    equal(t.run("index", "--compact", "--db", os.path.join(t.dir, "none.db")).code, 5)


harness.main()
