"""fetch, source by source: what is asked for where, what is made of the answer, what is refused."""
import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
from fetchcase import NOWHERE, SOURCES, Answer, Server, counts, fetch, fresh, local, read, rows, sources  # noqa: E402
from harness import DAY, check, equal, main  # noqa: E402

UPDATE = """<?xml version="1.0" encoding="UTF-8"?><gupdate xmlns="http://www.google.com/update2/response" protocol="2.0">
<daystart elapsed_days="7000"/><app appid="hfnkpimlhhgieaddgfemjhofmfblmnib" status="ok"><updatecheck %s/></app></gupdate>"""


def only(t, source, at, *args, **env):
    return fetch(t, source, "--url", source + "=" + at, *args, **env)


def zipped(**files):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(name.replace("_csv", ".csv"), text)
    return b.getvalue()


def ccadb(t):
    name, = [n for n in os.listdir(t.path("ccadb")) if "Records" in n]
    return name, list(csv.DictReader(io.StringIO(read(t.path("ccadb", name)).decode(), newline="")))


def with_record(t, sha256, **fields):
    """A folder of CCADB's reports in which one record says something else."""
    name, records = ccadb(t)
    for r in records:
        if r["SHA-256 Fingerprint"].lower() == sha256:
            r.update({k.replace("_", " "): v for k, v in fields.items()})
    out = io.StringIO(newline="")
    w = csv.DictWriter(out, records[0], quoting=csv.QUOTE_ALL, lineterminator="\n")
    w.writeheader()
    w.writerows(records)
    t.write("reports/" + name, out.getvalue())
    for other in os.listdir(t.path("ccadb")):
        if other != name:
            t.write("reports/" + other, read(t.path("ccadb", other)))
    return os.path.join(t.dir, "reports")


# ---- all of them ----

def without_crtsh(t):
    """It is a database; test_crtsh.py has one."""
    t.write("config/canopy/config", "enabled.crtsh = no\n")


def test_fetch_alone_takes_all_that_is_enabled_in_order(t):
    without_crtsh(t)
    r = fetch(t, *local(t))
    told = [line.split()[1] for line in r.err.splitlines() if re.search(r"\d+ records? ", line)]
    equal(told, ["ccadb:", "mozilla:", "chrome:", "onecrl:", "crlset:", "tranco:", "crl:"], r.err)
    equal({s["source"] for s in sources(t)}, {"ccadb", "mozilla", "chrome", "onecrl", "crlset", "tranco", "crl"})
    # some of the world's lists are broken on purpose, so that source failed, and no other
    equal((r.code, r.out), (4, ""), r.err)
    check("1 of 7 sources failed" in r.err, r.err)


def test_one_that_fails_stops_no_other(t):
    without_crtsh(t)
    with Server({}) as s:
        r = fetch(t, *local(t, mozilla=s.url("/x"), onecrl=s.url("/y"), crl=s.url("/crl/")))
    equal(r.code, 4, r.err)
    check("2 of 7 sources failed" in r.err, r.err)
    equal({row["source"] for row in sources(t)}, {"ccadb", "chrome", "crlset", "tranco"})


def test_sources_are_switched_in_the_configuration(t):
    t.write("config/canopy/config", "enabled.crtsh = no\nenabled.aia = yes\nenabled.tranco = no\nenabled.tranco = yes\n")
    on = {r["source"] for r in t.ok("fetch", "--list", "--format", "json").json() if r["enabled"]}
    equal(on, set(SOURCES) - {"crtsh", "ct", "telemetry"})
    for line, says in ("enabled.nowhere = no", "unknown source 'nowhere'"), ("enabled.crl = maybe", "yes or no"):
        t.write("config/canopy/config", line + "\n")
        t.fails(3, "fetch", "--list", says=[says, "config:1"])


def test_list_has_all_sources_and_their_addresses(t):
    listed = {r["source"]: r for r in t.ok("fetch", "--list", "--format", "json").json()}
    equal(list(listed), SOURCES)
    equal({n for n, r in listed.items() if not r["enabled"]}, {"telemetry", "aia", "ct"})
    equal({n for n, r in listed.items() if r["url"] is None}, {"aia", "crl"})
    check(all(r["url"].startswith("https://") for r in listed.values() if r["url"] and r["source"] != "crtsh"))
    equal((listed["ccadb"]["hours"], listed["aia"]["hours"]), (20, 168))


def test_no_password_is_shown(t):
    t.write("config/canopy/config", "url.crtsh = host=127.0.0.1 port=9 user=me password='my secret'\nretries = 0\n")
    at = "http://me:secret@127.0.0.1:9/x"
    for args in ["--list"], ["--dry-run"], ["--dry-run", "--format", "json"], ["-q"]:
        r = fetch(t, *args, "crtsh", "onecrl", "--url", "onecrl=" + at)
        check("secret" not in r.out + r.err and "me:***@127.0.0.1:9/x" in r.out + r.err, (r.out, r.err))
        check("-q" in args or "password=***" in r.out, r.out)
    check("secret" not in t.run("sources", "--db", fresh(t), "--format", "json").out)


def test_who_did_not_ask_for_crtsh_is_told_how_to_leave_it_out(t):
    t.write("config/canopy/config", "url.crtsh = host=127.0.0.1 port=9\nretries = 0\ncrtsh-timeout = 1\n")
    hint = "'enabled.crtsh = no' in " + os.path.join(t.dir, "config", "canopy", "config")
    r = fetch(t, *local(t))
    equal((r.code, hint in r.err), (4, "crtsh: " in r.err and "built without" not in r.err), r.err)
    check("enabled.crtsh" not in fetch(t, "crtsh").err)


def test_a_dry_run_says_what_is_due_and_asks_nobody(t):
    with Server({"/certdata.txt": read(t.path("mozilla", "certdata.2026-05-15.txt"))}) as s:
        at = ["mozilla", "chrome", "--url", "mozilla=" + s.url("/certdata.txt"), "--url", "chrome=" + s.url("/store/")]
        plan = lambda *more: t.ok("fetch", "--dry-run", "--db", fresh(t), "--format", "json", *at, *more).json()  # noqa: E731
        before = plan()
        equal([(p["source"], p["document"], p["due"], p["fetched_at"], p["bytes"]) for p in before],
              [("mozilla", "certdata.txt", True, None, None), ("chrome", "root_store.textproto", True, None, None),
               ("chrome", "root_store.certs", True, None, None)])
        equal(before[1]["url"], s.url("/store/root_store.textproto"))
        equal((s.asked, os.path.exists(os.path.join(t.dir, "cache")), os.path.exists(fresh(t))), ([], False, False))
        fetch(t, *at)
        asked = len(s.asked)
        after = plan()
        equal([(p["due"], p["age_hours"]) for p in after], [(False, 0), (True, None), (True, None)])
        equal(plan("--force")[0]["due"], True)
        meta = os.path.join(t.dir, "cache", "canopy", "mozilla", "certdata.txt.meta")
        old = re.sub(rb"fetched-at: (\d+)", lambda m: b"fetched-at: %d" % (int(m.group(1)) - 7201), read(meta))
        t.write(os.path.relpath(meta, t.dir), old)
        equal([(p["due"], p["age_hours"]) for p in plan()][0], (True, 2))
        equal(len(s.asked), asked)


def test_offline_says_what_the_cache_lacks(t):
    fetch(t, "mozilla", *local(t))
    os.unlink(fresh(t))
    r = fetch(t, "mozilla", "onecrl", "--offline")
    equal((r.code, r.out), (4, ""), r.err)
    check("nothing of 'onecrl' is in the cache" in r.err and "1 of 2 sources failed" in r.err, r.err)
    equal([row["source"] for row in sources(t)], ["mozilla"])


# ---- stores and lists ----

def test_chrome_is_two_files_of_a_folder(t):
    store, certs = (read(t.path("chrome", "root_store.2026-05-20." + e)) for e in ("textproto", "certs"))
    with Server({"/c/root_store.textproto": store, "/c/root_store.certs": certs}) as s:
        equal(only(t, "chrome", s.url("/c/")).code, 0)
        equal(s.asked, ["/c/root_store.textproto", "/c/root_store.certs"])
    equal(sorted((r["kind"], r["from"]) for r in sources(t)),
          [("chrome-store", s.url("/c/root_store.textproto")), ("pem", s.url("/c/root_store.certs"))])


def test_a_crlset_is_found_by_the_update_servers_answer(t):
    crx = read(t.path("crlset", "crlset.2026-01-15.crx"))
    good = 'codebase="%s" hash_sha256="%s" size="%d" status="ok" version="1"'
    with Server({}) as s:
        s.files["/c.crx?a=1&b=2"] = crx
        tell = lambda h, n: (UPDATE % (good % (s.url("/c.crx?a=1&amp;b=2"), h, n))).encode()  # noqa: E731
        right = hashlib.sha256(crx).hexdigest()
        s.files["/update"] = tell(right.upper(), len(crx))
        r = only(t, "crlset", s.url("/update"))
        equal((r.code, s.asked), (0, ["/update", "/c.crx?a=1&b=2"]), r.err)
        row, = sources(t)
        equal((row["kind"], row["from"], row["sha256"]), ("crlset", s.url("/c.crx?a=1&b=2"), right))
        for h, n, says in [("00" * 32, len(crx), "SHA-256"), (right, len(crx) + 1, "%d bytes" % len(crx)), ("zz", 1, "hash_sha256")]:
            s.files["/update"] = tell(h, n)
            r = only(t, "crlset", s.url("/update"), "--force")
            equal((r.code, sources(t)), (4, [row]), r.err)
            check(says in r.err, r.err)
        equal(hashlib.sha256(read(t.dir, "cache", "canopy", "crlset", "crlset.crx")).hexdigest(), right)
        for more, says in [('status="noupdate"', "status"), ('status="ok"', "'codebase'"), ('codebase="file:///etc/passwd"', "not fetched")]:
            s.files["/update"] = (UPDATE % more).encode()
            r = only(t, "crlset", s.url("/update"), "--force")
            equal(r.code, 4, r.err)
            check(says in r.err, r.err)
        os.unlink(fresh(t))
        equal(fetch(t, "crlset", "--offline").code, 0)
        equal(sources(t)[0]["sha256"], right)


def test_an_answer_that_is_refused_is_not_followed(t):
    with Server({"/c.crx": read(t.path("crlset", "crlset.2026-01-15.crx"))}) as s:
        s.files["/update"] = (UPDATE % ('codebase="%s" hash_sha256="zz"' % s.url("/c.crx"))).encode()
        r = only(t, "crlset", s.url("/update"))
        equal((r.code, s.asked), (4, ["/update"]), r.err)
        elsewhere = "file://" + t.write("update", UPDATE % ('codebase="%s"' % s.url("/c.crx")))
        r = only(t, "crlset", elsewhere)
        equal((r.code, s.asked), (4, ["/update"]), r.err)
        check("may not point at this machine" in r.err, r.err)


def test_ranks_come_in_a_zip(t):
    with Server({"/z": zipped(top_csv="1,a.example\n2,b.example\n4,c.example\n")}) as s:
        equal(only(t, "tranco", s.url("/z")).code, 0)
        row, = sources(t)
        equal((row["kind"], row["records"], row["new"]), ("ranks", 3, 3))
        s.files["/z"] = zipped(top_csv="1,b.example\n2,a.example\n4,c.example\n5,d.example\n")
        r = only(t, "tranco", s.url("/z"), "--force")
        check("4 records (1 new, 2 changed, 0 gone)" in r.err, r.err)


# ---- what is refused ----

def changed_formats(t):
    """Of each source a document in a format that nobody knows, and what has to be named."""
    name, _ = ccadb(t)
    records = read(t.path("ccadb", name))
    certdata = read(t.path("mozilla", "certdata.2026-05-15.txt"))
    onecrl = read(t.path("onecrl", "onecrl.2026-05-25.json"))
    store = read(t.path("chrome", "root_store.2026-05-20.textproto"))
    crlset = read(t.path("crlset", "crl-set"))
    return [("ccadb", name, records.replace(b'"SHA-256 Fingerprint"', b'"Hash"'), "'SHA-256 Fingerprint'"),
            ("mozilla", None, certdata.replace(b"BEGINDATA", b"BEGINS"), "BEGINDATA"),
            ("chrome", "root_store.textproto", store.replace(b"trust_anchors", b"anchors"), "'trust_anchors'"),
            ("mozilla", None, certdata.replace(b"CKT_NSS_TRUSTED_DELEGATOR", b"CKT_NSS_MUST_VERIFY_TRUST"), "trusts anything"),
            ("chrome", "root_store.textproto", store + b"other_anchors {\n  name: \"x\"\n}\n", "unknown message other_anchors"),
            ("onecrl", None, onecrl.replace(b'"data"', b'"records"'), "'data'"),
            ("onecrl", None, b'{"data":[]}', "'issuerName'"),
            ("crlset", None, crlset.replace(b'"CRLSet"', b'"CRLSe7"'), "CRLSet"),
            ("tranco", None, b"1;a.example\n2;b.example\n3;c.example\n", "'rank,domain'"),
            ("tranco", None, zipped(top_csv="rank;domain\n"), "'rank,domain'")]


def test_a_changed_format_is_refused_whole_and_named(t):
    equal(fetch(t, *local(t, crl=None), *[s for s in SOURCES if s not in ("telemetry", "aia", "crtsh", "ct", "crl")]).code, 0)
    before = sources(t), counts(t)
    for source, name, body, says in changed_formats(t):
        path = t.write(os.path.join("new", name or "document"), body)
        r = only(t, source, "file://" + (os.path.dirname(path) + "/" if name else path))
        equal((r.code, r.out), (4, ""), (source, r.err))
        line, = [x for x in r.err.splitlines() if source + ": " in x and "record" not in x.split(source + ": ")[1][:12]]
        check(says in line and ("what was indexed before is kept" in line or "the older copy is used" in line or
                                source in ("ccadb", "chrome")), r.err)
        equal((sources(t), counts(t)), before, source)
        os.unlink(path)


def test_a_list_or_certificate_that_is_cut_off_is_refused(t):
    crl = read(t.path("crl", "alder-tls-1.crl"))
    der = ctlog.pem_blocks(t.path("undisclosed", "undisclosed.pem"))[0]
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(der[:-40]) + b"\n-----END CERTIFICATE-----\n"
    for source, name, whole, cut in ("crl", "a.crl", crl, crl[:-1]), ("aia", "a.cer", der, der[:-1]), ("aia", "b.pem", None, pem):
        path = t.write("cut-%s-%s/%s" % (source, name, name), whole or der)
        at = "file://" + os.path.dirname(path) + "/"
        only(t, source, at)
        cached = os.path.join(t.dir, "cache", "canopy", source, name)
        equal(read(cached), whole or der, source)
        t.write(os.path.relpath(path, t.dir), cut)
        r = only(t, source, at)
        equal(r.code, 4, (source, r.err))
        check("the older copy is used" in r.err, r.err)
        equal(read(cached), whole or der, source)


def test_a_page_with_status_200_is_no_document(t):
    page = b"<!DOCTYPE html><html><body>Service unavailable</body></html>"
    with Server({"/page": Answer(page, Content_Type="text/plain"), "/typed": Answer(b"sorry", Content_Type="text/html")}) as s:
        for source in "mozilla", "onecrl", "crlset", "tranco":
            for path in "/page", "/typed":
                r = only(t, source, s.url(path))
                equal(r.code, 4, r.err)
                check("a web page instead of the document" in r.err, r.err)


# ---- what changed ----

def test_the_summary_counts_what_is_new_changed_and_gone(t):
    def keys(name):
        data = [r for r in json.loads(read(t.path("onecrl", name)))["data"]  # without those that cannot be read
                if "pubKeyHash" in r or "!" not in r.get("serialNumber", "!")]
        parts = ("issuerName", "serialNumber", "subject", "pubKeyHash")
        return {tuple(r.get(p, "").rstrip("=") for p in parts): r.get("enabled", True) for r in data}

    old, new = keys("onecrl.2025-01-10.json"), keys("onecrl.2026-05-25.json")
    for name in "onecrl.2025-01-10.json", "onecrl.2026-05-25.json":
        r = only(t, "onecrl", "file://" + t.write("lists/onecrl.%s" % name[7:], read(t.path("onecrl", name))))
    row, = sources(t)  # of one day, so that the second replaced the first
    equal((row["records"], row["problems"]), (len(new), 2))
    equal((row["new"], row["changed"], row["gone"]), (len([k for k in new if k not in old]),
          len([k for k in new if k in old and new[k] != old[k]]), len([k for k in old if k not in new])))
    check("%d new, %d changed, %d gone" % (row["new"], row["changed"], row["gone"]) in r.err, r.err)


def test_a_record_that_says_something_else_is_counted(t):
    only(t, "ccadb", "file://" + t.path("ccadb") + "/")
    folder = with_record(t, t.cert("alder-tls-1"), **{"CA_Owner": "Somebody Else (fictional)"})
    r = only(t, "ccadb", "file://" + folder + "/")
    check("(0 new, 1 changed, 0 gone)" in r.err, r.err)
    row, = [s for s in sources(t) if "Records" in s["part"]]
    equal((row["new"], row["changed"], row["gone"]), (0, 1, 0))


# ---- CRLs ----

# ---- telemetry ----

def counted(metric="cert_validation_success_by_ca"):
    return json.dumps({"data": [{"version": 901, "ping_type": "*", "os": "*", "build_id": "*", "metric": metric,
                                 "non_norm_histogram": [{"bin": 4, "value": 250}, {"bin": 0, "value": 750}]}]}).encode()


def roots_of(t):
    sha256 = base64.b64encode(bytes.fromhex(t.cert("alder-root"))).decode()
    return json.dumps({"roots": [{"label": "fictional", "binNumber": 4, "sha256Fingerprint": sha256}]}).encode()


def test_telemetry_is_recognised_by_what_it_holds(t):
    with Server({"/roots": b"// fictional\n" + roots_of(t), "/export": counted(), "/other": counted("another_metric")}) as s:
        equal(fetch(t, *local(t, crl=None, tranco=None)[:2], "ccadb").code, 0)
        for path in "/roots", "/export":
            r = only(t, "telemetry", s.url(path))
            equal((r.code, r.out), (0, ""), r.err)
        kinds = lambda: {x["kind"]: x["records"] for x in sources(t) if x["source"] == "telemetry"}  # noqa: E731
        equal(kinds(), {"validation-roots": 1, "validations": 2})
        share, = [r["validations_share"] for r in rows(t, "counts", "--use", "--as-of", DAY) if r["ca_id"] == t.ca("alder-root")]
        equal(share, 0.25)
        for path in "/other", "/nothing":
            r = only(t, "telemetry", s.url(path), "--force")
            equal(r.code, 4, r.err)
            equal(kinds(), {"validation-roots": 1, "validations": 2})
    equal(read(t.dir, "cache", "canopy", "telemetry", "export.json"), counted())
    # unasked for, only the table has an address, and that is said
    plan, = t.ok("fetch", "--dry-run", "telemetry", "--format", "json").json()
    equal((plan["document"], plan["due"], plan["url"].rsplit("/", 1)[1]), ("KnownRootHashes.json", True, "KnownRootHashes.json"))
    r = fetch(t, "telemetry")
    equal(r.code, 4, r.err)
    check("--url telemetry=file:///PATH" in r.err, r.err)


# ---- how it went ----

def tried(t, source="mozilla"):
    return [(r["kind"], r["error"], r["http_status"], r["tried_at"], r["confirmed_at"]) for r in rows(t, "sources")
            if r["source"] == source]


def test_sources_tell_the_last_try_and_its_error(t):
    body = read(t.path("mozilla", "certdata.2026-05-15.txt"))
    with Server({"/c": Answer(body, ETag='"1"'), "/o": read(t.path("onecrl", "onecrl.2026-05-25.json"))}) as s:
        at = ["mozilla", "onecrl", "--force", "--url", "mozilla=" + s.url("/c"), "--url", "onecrl=" + s.url("/o")]
        t.write("config/canopy/config", "retries = 0\n")
        s.files["/o"] = Answer(b"", 404)
        equal(fetch(t, *at).code, 4)
        (kind, error, status, when, confirmed), = tried(t)
        equal((kind, error, status), ("certdata", None, 200))
        check(when and confirmed and when >= confirmed)
        # what was never had has a row of its own
        (kind, error, status, when, confirmed), = tried(t, "onecrl")
        check("404" in error and when, error)
        equal((kind, status, confirmed), (None, 404, None))
        # the error stands until a try goes well; the copy is as old as it was
        old, = tried(t)
        s.files["/c"] = Answer(b"", 503)
        s.files["/o"] = read(t.path("onecrl", "onecrl.2026-05-25.json"))
        equal(fetch(t, *at).code, 4)
        (kind, error, status, when, confirmed), = tried(t)
        check("503" in error, error)
        equal((kind, status, confirmed), ("certdata", 503, old[4]))
        equal(tried(t, "onecrl")[0][:3], ("onecrl", None, 200))
        equal(fetch(t, *at[:2], "--offline").code, 0)
        check("503" in tried(t)[0][1], "nobody was asked")
        db = sqlite3.connect(fresh(t))
        equal([(r[0], r[1] is not None) for r in db.execute(
            "SELECT http_status, error <> '' FROM v_source WHERE source = 'mozilla'")], [(503, True)])
        db.close()
        # unchanged is a confirmation
        meta = os.path.join(t.dir, "cache", "canopy", "mozilla", "certdata.txt.meta")
        t.write(os.path.relpath(meta, t.dir), re.sub(rb"fetched-at: \d+", b"fetched-at: 1700000000", read(meta)))
        s.files["/c"] = Answer(b"", 304, ETag='"1"', Content_Length=None)
        equal(fetch(t, *at).code, 0)
        (kind, error, status, when, confirmed), = tried(t)
        equal((error, status), (None, 304))
        check(confirmed > "2025", confirmed)


def test_an_error_goes_with_the_document_it_was_of(t):
    name = sorted(os.listdir(t.path("ccadb")))
    t.write("reports/" + name[0], read(t.path("ccadb", name[0])))
    t.write("reports/AllOther.csv", b"<html>sorry</html>\n")
    at = "file://" + os.path.join(t.dir, "reports") + "/"
    equal(only(t, "ccadb", at).code, 4)
    check(any("web page" in (r[1] or "") and r[0] is None for r in tried(t, "ccadb")), tried(t, "ccadb"))
    os.remove(os.path.join(t.dir, "reports", "AllOther.csv"))
    equal(only(t, "ccadb", at).code, 0)
    equal([r[:2] for r in tried(t, "ccadb")], [("ccadb-report", None)])


def test_an_index_from_before_tries_were_kept_gets_them(t):
    at = "file://" + t.path("mozilla", "certdata.2026-05-15.txt")
    equal(only(t, "mozilla", at).code, 0)
    db = sqlite3.connect(fresh(t))
    db.execute("DROP TABLE tried")
    db.commit()
    db.close()
    equal(tried(t)[0][3:], (None, None))
    equal(only(t, "mozilla", at).code, 0)
    check(all(tried(t)[0][3:]), tried(t))


def hosts(t, nick):
    """Where the world's certificates say that the list of a CA is."""
    _, records = ccadb(t)
    record, = [r for r in records if r["SHA-256 Fingerprint"].lower() == t.cert(nick)]
    at, = json.loads(record["JSON Array of All Full CRL URLs"])
    return at


def base(t, *more):
    equal(fetch(t, "ccadb", "--quiet", *local(t), *more).code, 0)
    equal(t.run("import", "--quiet", "--db", fresh(t), t.path("leaves")).code, 0)


def revoked(t):
    return {c["ca_id"]: c["revoked"] for c in counts(t) if c["revoked"] is not None}


def test_lists_are_fetched_for_the_cas_that_have_unexpired_leaves(t):
    base(t)
    body = read(t.path("crl", "alder-tls-1.crl"))
    with Server({"/m/" + hosts(t, "alder-tls-1").split("://")[1]: body}) as s:
        r = fetch(t, "crl", "--as-of", DAY, "--url", "crl=" + s.url("/m/"))
        asked = {path[3:] for path in s.asked}
    equal(r.code, 4, r.err)  # the other CAs' lists are not there
    equal(len(s.asked), len(asked))
    equal({c["ca_id"] for c in counts(t) if c["unexpired"]}, {t.ca(os.path.basename(a)[:-4]) for a in asked})
    got = revoked(t)
    row, = [r for r in sources(t) if r["source"] == "crl"]
    equal(row["from"], hosts(t, "alder-tls-1"))
    os.rename(fresh(t), fresh(t) + ".old")
    base(t)
    t.run("import", "--db", fresh(t), t.path("crl", "alder-tls-1.crl"))
    equal(got, revoked(t))
    check(got[t.ca("alder-tls-1")] > 0, got)


def test_lists_of_named_cas_come_over_plain_http_through_the_proxy(t):
    base(t)
    at = hosts(t, "alder-root")
    check(at.startswith("http://"), at)
    with Server({at: read(t.path("crl", "alder-root.pem"))}) as s:
        r = fetch(t, "crl", "--ca", t.ca("alder-root"), "--as-of", DAY, http_proxy=s.url())
        equal((r.code, s.asked), (0, [at]), r.err)
    check([r for r in sources(t) if r["source"] == "crl" and r["from"] == at])


def test_partitioned_lists_are_fetched_too(t):
    parts = ["http://parts.example/%d.crl" % i for i in range(3)]
    folder = with_record(t, t.cert("alder-tls-1"), **{"JSON_Array_of_Partitioned_CRLs": json.dumps(parts)})
    base(t, "--url", "ccadb=file://" + folder + "/")
    with Server({}) as s:
        fetch(t, "crl", "--ca", t.ca("alder-tls-1"), "--url", "crl=" + s.url("/"))
        check({"/parts.example/%d.crl" % i for i in range(3)} <= set(s.asked), s.asked)


def with_parts(t, *hosts):
    """An index in which one CA has a part of its list on each of these hosts."""
    parts = ["http://%s.example/%d.crl" % (h, i) for i, h in enumerate(hosts)]
    folder = with_record(t, t.cert("alder-tls-1"), JSON_Array_of_All_Full_CRL_URLs="[]", JSON_Array_of_Partitioned_CRLs=json.dumps(parts))
    base(t, "--url", "ccadb=file://" + folder + "/")
    return parts


def parts_of_alder(t, *more, **env):
    return fetch(t, "crl", "--ca", t.ca("alder-tls-1"), "--as-of", DAY, *more, **env)


def test_lists_on_several_hosts_are_fetched_at_once(t):
    parts = with_parts(t, "one", "two", "three", "one")
    body = read(t.path("crl", "alder-tls-1.crl"))
    meeting = threading.Barrier(3, timeout=60)

    def meets(handler):
        meeting.wait()
        handler.give(Answer(body))

    with Server({**{p: meets for p in parts[:3]}, parts[3]: body}) as s:
        r = parts_of_alder(t, http_proxy=s.url())
        # the certificates name a list, too, which is not there
        ours = [a for a in s.asked if a in parts]
        equal((len(ours), sorted(ours[:3]), ours[3]), (4, sorted(parts[:3]), parts[3]), r.err)
        check("4 fetched" in r.err, r.err)


def test_what_came_before_a_stop_is_indexed_and_the_next_run_goes_on(t):
    for number in signal.SIGINT, signal.SIGTERM:
        shutil.rmtree(os.path.join(t.dir, "cache"), ignore_errors=True)
        parts = with_parts(t, "one", "two")
        body = read(t.path("crl", "alder-tls-1.crl"))

        def stops(handler):
            folder = os.path.join(t.dir, "cache", "canopy", "crl")
            while not [n for n in os.listdir(folder) if n.startswith("one.example_0.crl") and n.endswith(".meta") and ".part" not in n]:
                time.sleep(0.01)
            run.send_signal(number)
            while handler.connection.recv(100):
                pass
            handler.close_connection = True

        with Server({parts[0]: body, parts[1]: stops}) as s:
            run = subprocess.Popen([t.canopy, "fetch", "crl", "--db", fresh(t), "--ca", t.ca("alder-tls-1"), "--as-of", DAY],
                                   env={**t.env(), "http_proxy": s.url()}, cwd=t.dir, stderr=subprocess.PIPE, text=True)
            try:
                err = run.communicate(timeout=60)[1]
            finally:
                run.kill()
            equal(run.returncode, 4, err)
            check("left for the next run" in err and "stopped; what came is kept" in err, err)
            rows = [x for x in sources(t) if x["source"] == "crl"]
            equal([x["from"] for x in rows if x["kind"]], [parts[0]], err)
            s.files[parts[1]] = body
            s.asked.clear()
            r = parts_of_alder(t, http_proxy=s.url())
            check(parts[0] not in s.asked and parts[1] in s.asked, (s.asked, r.err))


def test_no_certificate_leads_to_this_machine(t):
    with Server({"/x.crl": read(t.path("crl", "alder-tls-1.crl"))}) as s:
        where = [s.url("/x.crl"), "http://localhost:%d/x.crl" % s.server.server_address[1], "file://" + t.path("crl", "alder-tls-1.crl")]
        folder = with_record(t, t.cert("alder-tls-1"), **{"JSON_Array_of_All_Full_CRL_URLs": json.dumps(where)})
        base(t, "--url", "ccadb=file://" + folder + "/")
        r = fetch(t, "crl", "--ca", t.ca("alder-tls-1"), "--as-of", DAY)
        equal((r.code, s.asked), (4, []), r.err)
        equal(r.err.count("may not point at this machine"), 2, r.err)
        check("1 address" in r.err, r.err)
    equal([x for x in sources(t) if x["source"] == "crl"], [])


def test_a_forged_list_does_not_replace_a_good_one(t):
    at = "http://crl.birch.example/birch-root.crl"
    base(t, "--url", "ccadb=file://%s/" % with_record(t, t.cert("birch-root"), JSON_Array_of_All_Full_CRL_URLs=json.dumps([at])))
    run = lambda s, *more: fetch(t, "crl", "--ca", t.ca("birch-root"), http_proxy=s.url(), *more)  # noqa: E731
    with Server({at: read(t.path("crl", "birch-root.crl"))}) as s:
        run(s)
        before = [x for x in sources(t) if x["source"] == "crl"]
        good = bytearray(s.files[at])
        good[-1] ^= 1
        for body in bytes(good), read(t.path("crl", "birch-root.older.crl")), good[:len(good) // 2], b"<html>":
            s.files[at] = bytes(body)
            run(s, "--force")
            now = [x for x in sources(t) if x["source"] == "crl" and x["kind"] == "crl"]
            equal(now, before)


def test_a_host_that_gives_no_connection_is_asked_once(t):
    base(t)
    t.write("config/canopy/config", "retries = 0\n")
    r = fetch(t, "crl", "--as-of", DAY, "--url", "crl=" + NOWHERE + "/")
    equal(r.code, 4, r.err)
    check(r.err.count("gave no answer before") >= 2, r.err)
    equal(len([x for x in r.err.splitlines() if "cannot fetch" in x and "gave no answer" not in x]), 1, r.err)


def test_without_leaves_no_list_is_asked_for(t):
    fetch(t, "ccadb", *local(t))
    r = fetch(t, "crl")
    equal((r.code, r.out), (0, ""), r.err)
    check("no CA has unexpired leaves" in r.err and "--ca" in r.err, r.err)
    os.unlink(fresh(t))
    equal(fetch(t, "crl").code, 4)
    equal(fetch(t, "ccadb", "crl", "--ca", "nothing like it", *local(t, crl=None)).code, 2)


# ---- AIA ----

def issuer_urls(t):
    """caIssuers addresses of the CA certificates in CCADB's reports that are valid on DAY, by openssl."""
    found = set()
    for name in os.listdir(t.path("ccadb")):
        for der in ctlog.pem_blocks(t.path("ccadb", name)):
            text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text", "-dates", "-dateopt", "iso_8601"], input=der,
                                  capture_output=True).stdout.decode(errors="replace")
            dates = re.findall(r"not(?:Before|After)=(\d{4}-\d\d-\d\d)", text)
            if len(dates) == 2 and dates[0] <= DAY <= dates[1]:
                found |= set(re.findall(r"CA Issuers - URI:(http\S+)", text))
    return found


def test_issuers_are_fetched_where_certificates_say(t):
    fetch(t, "ccadb", "--quiet", *local(t))
    urls = sorted(issuer_urls(t))
    check(len(urls) > 4, urls)
    ders = [der for der in ctlog.pem_blocks(t.path("ccadb", "AllCertificatePEMsCSVFormat_NotBeforeYear_2016.csv"))][:3]
    pem = [b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(d) + b"-----END CERTIFICATE-----\n" for d in ders]
    bag = subprocess.run(["openssl", "crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", t.write("two.pem", pem[1] + pem[2])],
                         capture_output=True).stdout
    bodies = [ders[0], pem[0], bag, ders[0], b"<html>gone</html>", b"nonsense"]
    bodies += [ders[0]] * (len(urls) - len(bodies))
    with Server(dict(zip(urls, bodies))) as s:
        r = fetch(t, "aia", "--as-of", DAY, http_proxy=s.url())
        equal(sorted(s.asked), urls)
        equal(r.code, 4, r.err)
        got = {x["from"]: (x["kind"], x["records"]) for x in sources(t) if x["source"] == "aia"}
        equal(got, dict(zip(urls[:4] + urls[6:], [("der", 1), ("pem", 1), ("pkcs7", 2)] + [("der", 1)] * len(urls))))
        check("no certificate" in r.err and "web page" in r.err, r.err)
        fetch(t, "aia", "--as-of", DAY, http_proxy=s.url())  # a week long only what failed is asked for
        equal(sorted(s.asked[len(urls):]), urls[4:6])
    seen = rows(t, "show", hashlib.sha256(ders[0]).hexdigest())
    check(urls[0] in json.dumps(seen) and urls[3] in json.dumps(seen), seen)


if __name__ == "__main__":
    main()
