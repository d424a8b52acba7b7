"""What logs lie about, leave out or say twice is in no count, and what is missing is said."""
import base64
import csv
import hashlib
import os
import re
import shutil
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
import harness  # noqa: E402
from ctcase import base, ca_der, count, fetch_listed, leaves, listed, log_row  # noqa: E402
from ctlog import Leaf, entry, fields, final_entry, precert_entry, root, tlv, utc  # noqa: E402
from harness import check, equal  # noqa: E402

DAY = "2026-06-01"


def pem_of(der):
    return "-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % base64.encodebytes(der).decode()


def listed_in_ccadb(t, der):
    """A report that lists this certificate."""
    path = os.path.join(t.dir, "AllCertificatePEMsCSVFormat_NotBeforeYear_2026.csv")
    with open(path, "w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows([["SHA-256 Fingerprint", "X.509 Certificate (PEM)"],
                                 [hashlib.sha256(der).hexdigest().upper(), pem_of(der)]])
    return path


def read_log(t, entries, tiled, answer):
    """Fetches a log whose server is changed by answer(server)(path, usual); the number of its requests."""
    base(t)
    with ctlog.Server(ctlog.Log(t.dir, "a", entries, tiled)) as s:
        replaced(s, answer(s))
        fetch_listed(t, s)
        return len(s.requests)


def kinds(t):
    """An index and a tree of each kind."""
    for tiled in True, False:
        base(t, "%d.db" % tiled)
        yield tiled


def replaced(server, answer):
    """answer(path, what the server would say) says instead."""
    usual = server.answer
    server.answer = lambda path: answer(path, usual(path))
    return usual


def test_names_and_sites_of_a_refused_lie_are_nobody_s(t):
    ranks = t.write("ranks.csv", "1,bank.example\n2,honest.example\n")
    for tiled in kinds(t):
        t.ok("import", "--quiet", ranks)
        ca = ca_der(t)
        truth, lie = ([final_entry(Leaf(ca, 1000 + i, name=name)) for i in range(5)] for name in ("honest.example", "bank.example"))
        log = ctlog.Log(t.dir, "x%d" % tiled, truth, tiled)
        with ctlog.Server(log) as s:
            s.mode["tree"] = root(log.leaf_hashes())
            log.entries = lie
            fetch_listed(t, s, code=4)
            log.entries = truth
            s.mode.clear()
            fetch_listed(t, s)
        names = {row["names"] for row in t.ok("leaves", "Alder TLS CA 1", "--format", "json").json()}
        equal(names, {"honest.example"})
        rows = [r for r in t.ok("counts", "--sites", "--as-of", DAY, "--format", "json").json() if r["ca_id"] == t.ca("alder-tls-1")]
        equal([(r["issued"], r["sites"], r["top_sites"]) for r in rows], [(5, 1, ["honest.example"])])


def without_issuers(path, usual):
    return (404, b"no") if path.startswith("issuer/") else usual


def test_an_issuer_that_the_index_knows_need_not_be_given(t):
    base(t)
    ca = ca_der(t)
    entries = [final_entry(leaf) for leaf in leaves(ca, 5)] + [precert_entry(leaf) for leaf in leaves(ca, 2)]
    with ctlog.Server(ctlog.Log(t.dir, "a", entries, True)) as s:
        replaced(s, without_issuers)
        fetch_listed(t, s)
        equal(s.counted("issuer/"), 0)
    row = count(t)
    equal((row["issued"], row["coverage"], row["unproven"]), (5, "complete", 0))


def test_leaves_of_a_missing_issuer_are_kept_until_it_comes(t):
    for what in (404, b"no"), (200, b"<html>busy</html>"):
        base(t, "%d.db" % what[0])
        unknown = ctlog.pem_blocks(t.path("undisclosed", "undisclosed.pem"))[0]
        entries = [final_entry(leaf) for leaf in leaves(ca_der(t), 3) + leaves(unknown, 5)]
        with ctlog.Server(ctlog.Log(t.dir, "a%d" % what[0], entries, True)) as s:
            usual = replaced(s, lambda path, usual: what if path.startswith("issuer/") else usual)
            fetch_listed(t, s)
            row = count(t)
            equal((row["issued"], row["coverage"]), (3, "partial"), "the five may be its own")
            problems = t.ok("sources", "--problems", "--format", "json").json()
            check(any("issuer/" + hashlib.sha256(unknown).hexdigest() in str(p) for p in problems), problems)
            t.ok("index", "--rebuild", "--quiet")
            equal(count(t)["coverage"], "partial")
            s.answer = usual
            fetch_listed(t, s)
        equal(count(t)["coverage"], "complete")
        rows = t.ok("counts", "--format", "json").json()
        equal(sum(r["issued"] or 0 for r in rows), 8)


def test_a_missing_issuer_may_come_from_elsewhere(t):
    base(t)
    unknown = ctlog.pem_blocks(t.path("undisclosed", "undisclosed.pem"))[0]
    with ctlog.Server(ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(unknown, 5)], True)) as s:
        replaced(s, without_issuers)
        fetch_listed(t, s)
    equal(sum(r["issued"] or 0 for r in t.ok("counts", "--format", "json").json()), 0)
    t.ok("import", "--quiet", t.write("issuer.pem", pem_of(unknown)))
    equal(sum(r["issued"] or 0 for r in t.ok("counts", "--format", "json").json()), 5)


def test_a_listed_ca_certificate_without_basic_constraints_is_no_leaf(t):
    ca = ca_der(t)
    listed_one, others = Leaf(ca, 5000), leaves(ca, 3)
    path = listed_in_ccadb(t, listed_one.final())
    entries = [final_entry(listed_one), precert_entry(listed_one)] + [final_entry(leaf) for leaf in others]
    for before in True, False:
        base(t, "%d.db" % before)
        if before:
            t.ok("import", "--quiet", path)
        with ctlog.Server(ctlog.Log(t.dir, "a%d" % before, entries, True)) as s:
            fetch_listed(t, s)
        if not before:
            equal(count(t)["issued"], 4, "nobody has said yet that it is one")
            t.ok("import", "--quiet", path)
        equal(count(t)["issued"], 3)
        equal(len(t.ok("leaves", "Alder TLS CA 1", "--format", "json").json()), 3)


def test_a_leaf_with_the_serial_number_of_a_ca_certificate_is_still_one(t):
    ca = ca_der(t)
    base(t)
    t.ok("import", "--quiet", listed_in_ccadb(t, Leaf(ca, 5000).final()))
    with ctlog.Server(ctlog.Log(t.dir, "a", [final_entry(Leaf(ca, 5000, after="260701000000Z"))], True)) as s:
        fetch_listed(t, s)
    equal(count(t)["issued"], 1)


def test_a_logged_self_issued_certificate_without_basic_constraints_is_no_leaf(t):
    base(t)
    ca = ca_der(t)
    name, spki = fields(ca)
    rsa = Leaf(ca, 1).rsa
    tbs = tlv(0x30, tlv(2, b"\x11\x22"), rsa, name, tlv(0x30, utc("260501000000Z"), utc("360901000000Z")), name, spki)
    own = entry(1779000000000, 0, None, tlv(0x30, tbs, rsa, tlv(3, b"\0fictional")), b"", [ca])
    with ctlog.Server(ctlog.Log(t.dir, "a", [own] + [final_entry(leaf) for leaf in leaves(ca, 3)], True)) as s:
        fetch_listed(t, s)
    row = count(t)
    equal((row["issued"], row["last_not_after"]), (3, "2026-09-01"))


def frozen(server, tree, size):
    """The list's description of a log that ended so."""
    described = server.log.described(server.url)
    described["state"] = {"readonly": {"timestamp": "2026-01-01T00:00:00Z", "final_tree_head": {
        "sha256_root_hash": base64.b64encode(tree).decode(), "tree_size": size}}}
    return ctlog.log_list(described)


def fetch_frozen(t, server, tree, size, code=0):
    path = t.write("list.json", frozen(server, tree, size))
    r = t.run("fetch", "ct", "--url", "ct=file://" + path, "--force")
    equal(r.code, code, r.err)
    return r


def test_a_frozen_log_is_read_to_the_head_of_the_list_whatever_its_host_says(t):
    for tiled in kinds(t):
        log = ctlog.Log(t.dir, "f%d" % tiled, [final_entry(leaf) for leaf in leaves(ca_der(t), 600)], tiled)
        with ctlog.Server(log) as s:
            s.mode["size"] = 100
            fetch_frozen(t, s, root(log.leaf_hashes()), 600)
        row, state = count(t), log_row(t)
        equal((row["issued"], row["coverage"], state["size"], state["pending"]), (600, "complete", 600, 0))


def test_a_frozen_log_with_a_parked_host_is_read(t):
    for tiled in kinds(t):
        log = ctlog.Log(t.dir, "p%d" % tiled, [final_entry(leaf) for leaf in leaves(ca_der(t), 5)], tiled)
        with ctlog.Server(log) as s:
            replaced(s, lambda path, usual: (200, b"<html>parked</html>") if path in ("checkpoint", "ct/v1/get-sth") else usual)
            fetch_frozen(t, s, root(log.leaf_hashes()), 5)
        equal(count(t)["issued"], 5)


def test_a_frozen_log_that_gives_another_tree_is_refused(t):
    for tiled in kinds(t):
        log = ctlog.Log(t.dir, "q%d" % tiled, [final_entry(leaf) for leaf in leaves(ca_der(t), 60)], tiled)
        with ctlog.Server(log) as s:
            fetch_frozen(t, s, b"x" * 32, 60, code=4)
        equal(count(t)["issued"], None)


def test_a_frozen_log_that_was_read_before_it_ended_is_not_complete(t):
    base(t)
    log = ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca_der(t), 60)], True)
    with ctlog.Server(log) as s:
        s.mode["size"] = 40
        fetch_listed(t, s)
        equal(count(t)["coverage"], "complete")
        t.ok("import", "--quiet", t.write("log_list.json", frozen(s, root(log.leaf_hashes()), 60)))
    equal((count(t)["issued"], count(t)["coverage"]), (40, "partial"))


def test_files_without_a_head_replace_what_they_held(t):
    base(t)
    ca, folder = ca_der(t), os.path.join(t.dir, "tiles")
    ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca, 10)], True).lay_out(folder, checkpoint=False)
    t.ok("import", "--quiet", "--unverified", folder)
    row, state = count(t), log_row(t)
    equal((row["issued"], row["unproven"], row["coverage"]), (10, 10, "partial"))
    check(row["source_as_of"] > "2026-01-01", row["source_as_of"])
    equal((state["read"], state["unverified"]), (10, True))
    t.ok("index", "--compact", "--quiet")
    shutil.rmtree(folder)
    ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in leaves(ca, 3, 9000)], True).lay_out(folder, checkpoint=False)
    t.ok("import", "--quiet", "--unverified", folder)
    equal(count(t)["issued"], 3)
    t.ok("index", "--rebuild", "--quiet")
    equal(count(t)["issued"], 3)


def test_an_index_of_leaves_alone_is_not_called_empty(t):
    t.db = os.path.join(t.dir, "c.db")
    folder = os.path.join(t.dir, "tiles")
    ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca_der(t), 10)], True).lay_out(folder, checkpoint=False, issuers=False)
    t.ok("import", "--quiet", "--unverified", folder)
    for command in ["sources"], ["sources", "ct"], ["counts"]:
        r = t.run(*command)
        check("is empty" not in r.err and "no CA certificate is indexed yet" in r.err, r.err)


def test_a_leaf_that_a_proven_log_shows_too_is_proven(t):
    base(t)
    some = leaves(ca_der(t), 10)
    for name, mine, key, proven in ("a", some[:6], False, 0), ("b", some[4:], True, 6):
        log = ctlog.Log(t.dir, name, [final_entry(leaf) for leaf in mine], True)
        with ctlog.Server(log) as s:
            if key:
                fetch_listed(t, s)
            else:
                r = t.run("fetch", "ct", "--log", s.url, "--unverified")
                equal(r.code, 0, r.err)
        row = count(t)
        equal((row["issued"], row["unproven"]), (6 if name == "a" else 10, row["issued"] - proven))
    check("4" in re.search(r"^ *unproven +(.*)$", t.ok("show", "Alder TLS CA 1").out, re.M)[1])


def test_two_validities_of_a_leaf_are_a_finding_when_one_is_a_file(t):
    base(t)
    t.ok("import", "--quiet", t.path("leaves"))
    row = t.ok("leaves", "Alder TLS CA 1", "--format", "json").json()[0]
    before = t.run("check", "--kind", "duplicate-serial", "--format", "json").json()
    other = Leaf(ca_der(t), bytes.fromhex(row["serial"]), before="250101000000Z", after="271231235959Z")
    with ctlog.Server(ctlog.Log(t.dir, "a", [final_entry(other)], True)) as s:
        fetch_listed(t, s)
    after = t.run("check", "--kind", "duplicate-serial", "--format", "json").json()
    equal([f["ca_id"] for f in after if f not in before], [t.ca("alder-tls-1")])


def test_a_smaller_head_of_another_history_is_refused_and_kept(t):
    for tiled in kinds(t):
        log = ctlog.Log(t.dir, "h%d" % tiled, [final_entry(leaf) for leaf in leaves(ca_der(t), 300)], tiled)
        with ctlog.Server(log) as s:
            fetch_listed(t, s)
            s.mode.update(size=200, when=1770000000000)
            fetch_listed(t, s)
            s.mode.update(tree=b"x" * 32)
            r = fetch_listed(t, s, code=4)
        check("not the beginning" in r.err and "kept as evidence" in r.err, r.err)
        equal((count(t)["issued"], log_row(t)["size"]), (300, 300))
        check("not the beginning" in log_row(t)["error"], log_row(t))


def asked_range(path):
    r = re.search(r"get-entries\?start=(\d+)&end=(\d+)", path)
    return (int(r[1]), int(r[2])) if r else None


def test_one_short_answer_is_an_accident(t):
    def short_once(server):
        left = [3]

        def answer(path, usual):
            start, end = asked_range(path) or (0, 0)
            most = left.pop() if left and start == 512 else end - start + 1
            return (200, server.log.page(start, min(end, start + most - 1))) if end else usual
        return answer
    check(read_log(t, [final_entry(leaf) for leaf in leaves(ca_der(t), 3000)], False, short_once) < 60)
    equal(count(t)["issued"], 3000)


def test_answers_of_changing_lengths_are_put_together(t):
    def by_size(server):
        def answer(path, usual):
            start, end = asked_range(path) or (0, 0)
            return (200, server.log.page(start, min(end, start + 39 + start % 7))) if end else usual
        return answer
    check(read_log(t, [final_entry(leaf) for leaf in leaves(ca_der(t), 2000)], False, by_size) < 600)
    equal(count(t)["issued"], 2000)


def test_a_partial_tile_that_is_forbidden_is_gone(t):
    def forbidden(server):
        server.mode["whole"] = True
        return lambda path, usual: (403, b"AccessDenied") if "tile/data" in path and ".p/" in path else usual
    read_log(t, [final_entry(leaf) for leaf in leaves(ca_der(t), 300)], True, forbidden)
    equal(count(t)["issued"], 300)


def test_a_partial_hash_tile_that_is_gone_is_cut_from_the_full_one(t):
    log = ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca_der(t), 800)], True)
    for status in 403, 404, 410:
        base(t, "%d.db" % status)
        with ctlog.Server(log) as s:
            s.mode["size"] = 600
            replaced(s, lambda path, usual: (status, b"") if path.startswith("tile/0/") and ".p/" in path else usual)
            fetch_listed(t, s, "--max-entries", "300")
            check(any("tile/0/002.p/" in str(r) for r in s.requests), s.requests)
        equal((count(t)["issued"], count(t)["unproven"]), (300, 0), status)


def test_slashes_may_be_escaped(t):
    def escaped(_):
        return lambda path, usual: (usual[0], usual[1].replace(b"/", b"\\/")) if "get-entries" in path else usual
    read_log(t, [final_entry(leaf) for leaf in leaves(ca_der(t), 50)], False, escaped)
    equal(count(t)["issued"], 50)


def test_a_log_named_twice_is_read_once(t):
    base(t)
    log = ctlog.Log(t.dir, "a", [final_entry(leaf) for leaf in leaves(ca_der(t), 5)], True)
    with ctlog.Server(log) as s:
        r = t.run("fetch", "ct", *listed(t, s), "--log", "Fictional log a", "--log", s.url)
        equal((r.code, r.err.count("entries read")), (0, 1), r.err)


def test_without_a_list_it_is_no_mistake_of_the_user(t):
    base(t)
    r = t.run("fetch", "ct", "--url", "ct=file://%s/nowhere.json" % t.dir, "--log", "sycamore")
    equal(r.code, 4, r.err)
    check("no log list" in r.err, r.err)


def test_a_source_fails_once(t):
    base(t)
    path = t.write("list.json", ctlog.log_list(ctlog.Log(t.dir, "a", [], True).described("http://127.0.0.1:1/")))
    t.ok("import", "--quiet", path)
    r = t.run("fetch", "ct", "--url", "ct=file://%s/nowhere.json" % t.dir)
    equal(r.code, 4, r.err)
    check("1 of 1 source failed" in r.err, r.err)


harness.main()
