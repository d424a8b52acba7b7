"""fetch: from file:// and from a server on 127.0.0.1 into the index."""
import os
import sqlite3
import sys
import threading
import time

sys.dont_write_bytecode = True
import h2log  # noqa: E402
from fetchcase import Server, counts, fetch, fresh  # noqa: E402
from harness import check, equal, main  # noqa: E402


def urls(t):
    return ["--url", "ccadb=file://" + t.path("ccadb") + "/",
            "--url", "mozilla=file://" + t.path("mozilla", "certdata.2026-05-15.txt")]


def both(t):
    return ["ccadb", "mozilla", *urls(t)]


def certdata(t):
    with open(t.path("mozilla", "certdata.2026-05-15.txt"), "rb") as f:
        return f.read()


def test_what_is_fetched_is_indexed(t):
    r = fetch(t, *both(t))
    equal((r.code, r.out), (0, ""), r.err)
    check("ccadb" in r.err and "mozilla" in r.err, r.err)
    check(t.ca("alder-tls-1") in {c["ca_id"] for c in counts(t)})
    sources = {row["source"] for row in t.run("sources", "--db", fresh(t), "--format", "json").json()}
    equal(sources, {"ccadb", "mozilla"})


def test_only_the_named_sources_are_fetched(t):
    r = fetch(t, "mozilla", *urls(t))
    equal(r.code, 0, r.err)
    check("ccadb" not in r.err, r.err)


def test_quiet_says_nothing(t):
    r = fetch(t, "--quiet", *both(t))
    equal((r.code, r.out, r.err), (0, "", ""))


def progress(err):
    """The lines for programs as dicts; the others as they are."""
    lines = [line.split("\t") for line in err.splitlines() if line.startswith("progress\t")]
    return [dict(field.split("=", 1) for field in line[1:]) for line in lines]


def test_progress_is_told_to_programs(t):
    def slow(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:1000])
        handler.wfile.flush()
        time.sleep(0.3)
        handler.wfile.write(body[1000:])

    body = certdata(t)
    with Server({"/certdata.txt": slow}) as s:
        r = fetch(t, "ccadb", "mozilla", *urls(t)[:2], "--url", "mozilla=" + s.url("/certdata.txt"), "-q", "--progress", "lines")
    equal(r.code, 0, r.err)
    told = progress(r.err)
    equal(len(told), len(r.err.splitlines()), r.err)  # -q leaves nothing but what was asked for
    equal([(p["source"], p["step"], p.get("sources"), p.get("result")) for p in told if p["step"] in ("start", "end")],
          [("ccadb", "start", "0", None), ("ccadb", "end", None, "ok"),
           ("mozilla", "start", "1", None), ("mozilla", "end", None, "ok")])
    equal({p["sources_total"] for p in told if p["step"] == "start"}, {"2"})
    came = [p for p in told if p["step"] == "download" and p["source"] == "mozilla"]
    check(any((p["unit"], p["done"], p["total"]) == ("bytes", "1000", str(len(body))) for p in came), r.err)
    read = [p for p in told if p["step"] == "read" and p["source"] == "ccadb"]
    check(read and all(int(p["done"]) <= int(p["total"]) for p in read), r.err)
    check(any(int(p.get("rows", 0)) > 0 for p in read), r.err)


def test_progress_of_sources_that_are_downloaded_at_once_names_each(t):
    def slow(body):
        def answer(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:3])
            handler.wfile.flush()
            both.wait(20)  # for the other one
            time.sleep(0.3)
            handler.wfile.write(body[3:])
        return answer

    both = threading.Barrier(2)
    ranks = b"".join(b"%d,site-%d.example\n" % (i, i) for i in range(1, 50))
    with Server({"/certdata.txt": slow(certdata(t)), "/ranks.csv": slow(ranks)}) as s:
        there = s.url("/ranks.csv").replace("127.0.0.1", "localhost")
        r = fetch(t, "mozilla", "tranco", "--url", "mozilla=" + s.url("/certdata.txt"), "--url", "tranco=" + there, "--progress", "lines")
    equal(r.code, 0, r.err)
    told = progress(r.err)
    at_once = told[:[p["step"] for p in told].index("start")]
    equal({(p["source"], p["step"], p["what"]) for p in at_once},
          {("mozilla", "download", "downloading"), ("tranco", "download", "downloading")})


def test_progress_says_which_source_failed(t):
    r = fetch(t, "mozilla", "--url", "mozilla=file:///nowhere", "--progress=lines")
    equal(r.code, 4, r.err)
    equal(progress(r.err)[-1], {"source": "mozilla", "step": "end", "result": "failed"})
    for word in ("none", "auto"):
        equal(progress(fetch(t, "mozilla", *urls(t), "--progress", word, "--force").err), [])


def test_a_second_time_changes_nothing(t):
    fetch(t, *both(t))
    before = counts(t)
    r = fetch(t, "--force", *both(t))
    equal(r.code, 0, r.err)
    equal(r.err.count("nothing changed"), 2, r.err)
    equal(counts(t), before)


def test_what_was_imported_before_is_the_sources_that_gives_the_same(t):
    equal(t.run("import", "--db", fresh(t), t.path("ccadb")).code, 0)
    before, held = counts(t), t.run("sources", "--db", fresh(t), "--format", "json").json()
    equal({row["source"] for row in held}, {"import"})
    r = fetch(t, "ccadb", *urls(t))
    equal(r.code, 0, r.err)
    check(" 0 records" not in r.err and "(0 new, 0 changed, 0 gone)" in r.err, r.err)
    now = t.run("sources", "--db", fresh(t), "--format", "json").json()
    given = [row for row in now if row["source"] == "ccadb"]
    check(given and all(row["from"].startswith("file://") for row in given), now)
    equal(sorted(row["part"] for row in now), sorted(row["part"] for row in held))
    equal(counts(t), before)
    r = fetch(t, "--force", "ccadb", *urls(t))
    check("nothing changed" in r.err, r.err)
    r = t.run("import", "--db", fresh(t), t.path("ccadb"))
    check("nothing changed" in r.err, r.err)
    equal({row["source"] for row in t.run("sources", "--db", fresh(t), "--format", "json").json()},
          {row["source"] for row in now})


def test_of_two_reports_that_contradict_each_other_the_first_counts_though_it_was_imported_before(t):
    def report(owner):
        return "SHA-256 Fingerprint,CA Owner,Certificate Name,Certificate Record Type,Mozilla Status,Revocation Status\n%s,%s,Some CA,Root " \
            "Certificate,Included,\n" % ("ab" * 32, owner)

    first = t.write(os.path.join("both", "Report.2026-05-20.csv"), report("First"))
    t.write(os.path.join("both", "Report_2026-05-20.csv"), report("Second"))
    equal(t.run("import", "--db", fresh(t), first).code, 0)
    r = fetch(t, "ccadb", "--url", "ccadb=file://%s/" % os.path.join(t.dir, "both"))
    check("the same report of the same day as another file of this import, not used" in r.err, r.err)
    with sqlite3.connect(fresh(t)) as c:
        equal(c.execute("SELECT ca_owner FROM ccadb_record").fetchall(), [("First",)])


def test_the_url_stands_in_sources(t):
    fetch(t, *both(t))
    for row in t.run("sources", "--db", fresh(t), "--format", "json").json():
        check(row["from"].startswith("file://"), row["from"])


def test_a_server_is_asked(t):
    with Server({"/certdata.txt": certdata(t)}) as s:
        r = fetch(t, "mozilla", "--url", "mozilla=" + s.url("/certdata.txt"))
        equal((r.code, r.out), (0, ""), r.err)
        equal(s.asked, ["/certdata.txt"])
        row, = t.run("sources", "--db", fresh(t), "--format", "json").json()
        equal((row["source"], row["from"]), ("mozilla", s.url("/certdata.txt")))


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(t):
    authority = h2log.Authority(t.dir)
    with Server({"/certdata.txt": certdata(t)}) as s:
        s.server.handle_error = lambda *args: None  # a refused handshake is what is tested
        s.server.socket = authority.server().wrap_socket(s.server.socket, server_side=True, do_handshake_on_connect=False)
        at = ["mozilla", "--url", "mozilla=" + s.url("/certdata.txt").replace("http:", "https:")]
        r = fetch(t, *at)
        equal((r.code, s.asked), (4, []), r.err)
        check("certificate" in r.err, r.err)
        equal(fetch(t, *at, SSL_CERT_FILE=authority.path).code, 0)
        equal(s.asked, ["/certdata.txt"])


def test_a_source_that_fails_exits_4_and_the_others_are_indexed(t):
    with Server({}) as s:
        r = fetch(t, "ccadb", "mozilla", "--url", "mozilla=" + s.url("/gone.txt"), "--url", "ccadb=file://" + t.path("ccadb") + "/")
        equal((r.code, r.out), (4, ""), r.err)
        check("mozilla" in r.err and "404" in r.err, r.err)
        check("1 of 2 sources failed" in r.err, r.err)
    check(len(counts(t)) > 10, "ccadb was not indexed")


def test_an_answer_that_is_no_document_is_a_failure_of_the_source(t):
    for body in [b"<html>Please log in</html>\n", b"Dear all,\n"]:
        with Server({"/certdata.txt": body}) as s:
            r = fetch(t, "mozilla", "--url", "mozilla=" + s.url("/certdata.txt"))
            equal((r.code, r.out), (4, ""), r.err)
            check("mozilla" in r.err, r.err)


def test_offline_asks_nobody(t):
    with Server({"/certdata.txt": certdata(t)}) as s:
        at = ["mozilla", "--url", "mozilla=" + s.url("/certdata.txt")]
        fetch(t, *at)
        asked = len(s.asked)
        os.unlink(fresh(t))
        equal(fetch(t, *at, "--offline", "--force").code, 0)
        equal(len(s.asked), asked)
    check(counts(t))


def test_what_is_young_is_not_asked_for_again_unless_forced(t):
    with Server({"/certdata.txt": certdata(t)}) as s:
        at = ["mozilla", "--url", "mozilla=" + s.url("/certdata.txt")]
        fetch(t, *at)
        fetch(t, *at)
        equal(len(s.asked), 1)
        fetch(t, *at, "--force")
        equal(len(s.asked), 2)


def test_the_configuration_changes_an_address(t):
    t.write("config/canopy/config", "url.mozilla = file://%s\n" % t.path("mozilla", "certdata.2024-06-30.txt"))
    row, = t.ok("fetch", "--list", "mozilla", "--format", "json").json()
    check(row["url"].endswith("certdata.2024-06-30.txt"), row)
    row, = t.ok("fetch", "--list", "mozilla", "--format", "json", *urls(t)).json()
    check(row["url"].endswith("certdata.2026-05-15.txt"), row)


def test_a_broken_configuration_is_named_with_its_line(t):
    t.write("config/canopy/config", "contact = a@example.org\nfrobnicate\n")
    r = t.fails(3, "fetch", "--list")
    check("config" in r.err and "2" in r.err, r.err)


def test_bad_arguments_are_named(t):
    t.fails(2, "fetch", "mozila", says=["'mozila'", "'mozilla'"])
    t.fails(2, "fetch", "nothing-like-it", says=["'nothing-like-it'", "ccadb"])
    t.fails(2, "fetch", "--url", "mozilla", says="mozilla")
    t.fails(2, "fetch", "--url", "nope=file:///x", says="nope")
    t.fails(2, "fetch", "--url", "mozilla=gopher://x/", says="gopher")
    equal(os.path.exists(os.path.join(t.dir, "cache")), False)


if __name__ == "__main__":
    main()
