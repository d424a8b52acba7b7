"""fetch on bad days: whatever a server does, one clear line says it, the exit status is 4, and the index stays as it was."""
import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import h2log  # noqa: E402
from fetchcase import Answer, Server, counts, fetch, fresh, read, sources  # noqa: E402
from harness import check, equal, main  # noqa: E402

MIB = 1 << 20


def old(t):
    return read(t.path("onecrl", "onecrl.2025-01-10.json"))


def new(t):
    return read(t.path("onecrl", "onecrl.2026-05-25.json"))


def impatient(t, **more):
    lines = {"timeout": "0.3", "retries": "0", **more}
    t.write("config/canopy/config", "".join("%s = %s\n" % pair for pair in lines.items()))


def state(t):
    return [(s["source"], s["sha256"], s["records"]) for s in sources(t)], counts(t)


def ask(t, url, *more, **env):
    return fetch(t, "onecrl", "--force", "--url", "onecrl=" + url, *more, **env)


def begin(t, server):
    """An index that has the older list."""
    server.files["/good"] = old(t)
    equal(t.run("import", "--quiet", "--db", fresh(t), t.path("ccadb")).code, 0)
    equal(ask(t, server.url("/good")).code, 0)
    return state(t)


def hang_up(body, length, **headers):
    def behave(h):
        h.close_connection = True
        h.give(Answer(body, Content_Length=length, **headers))
        h.wfile.flush()

    return behave


def stall(h):
    h.give(Answer(b'{"data":', Content_Length=1000))
    h.connection.setblocking(True)
    while h.connection.recv(4096):
        pass
    h.close_connection = True


def refused_url():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return "http://127.0.0.1:%d/x" % s.getsockname()[1]


def faults(t, s):
    """Path, behaviour, words of the message."""
    moved = lambda to: Answer(b"", 302, Location=to)  # noqa: E731
    packed = gzip.compress(new(t))
    page = b"<html><body>Down for maintenance</body></html>"
    return [
        ("404", Answer(b"no", 404), "HTTP status 404"), ("500", Answer(b"no", 500), "HTTP status 500"),
        ("503", Answer(b"no", 503), "HTTP status 503"), ("403", Answer(page, 403, Content_Type="text/html"), "HTTP status 403"),
        ("429", Answer(b"no", 429, Retry_After="86400"), "try again in 86400 s"),
        ("loop", moved("/loop"), "more than 5 redirects"), ("away", moved("http://elsewhere.invalid/"), "redirected to"),
        ("to-file", moved("file:///etc/passwd"), "redirected to"), ("html", Answer(page, Content_Type="text/html"), "web page"),
        ("html-as-json", Answer(page, Content_Type="application/json"), "web page"), ("empty", Answer(b""), "empty"),
        ("truncated", hang_up(new(t)[:700], len(new(t))), "bytes"), ("silent", hang_up(b"", 1000), "bytes"),
        ("too-long", hang_up(b"x", 1 << 40), "larger than the maximum"), ("stalls", stall, "no data for 0.3 s"),
        ("cut", Answer(new(t)[:len(new(t)) * 2 // 3]), "onecrl"), ("no-json", Answer(b"Dear all,\n"), "'data'"),
        ("bomb", Answer(gzip.compress(bytes(65 * MIB)), Content_Encoding="gzip"), "larger than the maximum"),
        ("no-gzip", Answer(new(t), Content_Encoding="gzip"), "onecrl"), ("twice", Answer(gzip.compress(packed), Content_Encoding="gzip"), "'data'"),
        ("cut-gzip", Answer(packed[:-40], Content_Encoding="gzip"), "onecrl"),
        ("unasked-gzip", Answer(packed), "'data'"), ("unasked-304", Answer(status=304, Content_Length=None), "304"),
        ("unasked-206", Answer(new(t)[:9], 206, Content_Range="bytes 0-8/9"), "range"),
    ]


def test_each_fault_is_said_and_changes_nothing(t):
    impatient(t)
    with Server({}) as s:
        before = begin(t, s)
        for name, behaviour, words in faults(t, s):
            s.files["/" + name] = behaviour
            asked = len(s.asked)
            r = ask(t, s.url("/" + name))
            equal((r.code, r.out), (4, ""), (name, r.err))
            lines = [x for x in r.err.splitlines() if not re.search(r": \d+ records", x)]
            check(len(lines) == 2 and all(x.startswith("canopy: ") for x in lines), (name, r.err))
            check(words in lines[0] and lines[0].startswith("canopy: onecrl: "), (name, r.err))
            equal(lines[1], "canopy: 1 of 1 source failed", name)
            check(len(s.asked) > asked, name)
            equal(state(t), before, name)
            os.path.exists(os.path.join(t.dir, "cache", "canopy", "onecrl", "onecrl.json")) or check(False, name)
        s.files["/good"] = new(t)
        equal(ask(t, s.url("/good")).code, 0)
        equal([x["records"] for x in sources(t) if x["source"] == "onecrl"], [8])


def test_a_server_that_is_not_there_is_said(t):
    impatient(t)
    with Server({}) as s:
        before = begin(t, s)
        authority = h2log.Authority(t.dir)
        with Server({"/x": new(t)}) as secure:
            secure.server.socket = authority.server().wrap_socket(secure.server.socket, server_side=True, do_handshake_on_connect=False)
            for url, words, env in [(refused_url(), "127.0.0.1", {}),
                                    ("https://nowhere.invalid/x", "resolve", {"https_proxy": None}),
                                    (secure.url("/x").replace("http:", "https:"), "certificate", {})]:
                r = ask(t, url, **env)
                equal((r.code, state(t)), (4, before), r.err)
                check(words in r.err and "the older copy is used" in r.err, r.err)
            equal(secure.asked, [])


def secure(server, context):
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True, do_handshake_on_connect=False)
    return server.url("/x").replace("http:", "https:")


def test_a_certificate_that_is_not_good_is_said(t):
    impatient(t, retries="2")
    known, stranger = h2log.Authority(t.dir), h2log.Authority(t.dir, "stranger")
    with Server({}) as s:
        before = begin(t, s)
        for context, words in [(known.server(days=-1), "expired"), (known.server("DNS:other.example"), "127.0.0.1"),
                               (known.server("IP:127.0.0.2"), "127.0.0.1"), (stranger.server(), "certificate"), (None, "https://")]:
            with Server({"/x": new(t)}) as bad:
                url = secure(bad, context) if context else bad.url("/x").replace("http:", "https:")  # no TLS at all
                r = ask(t, url, SSL_CERT_FILE=known.path)
                equal((r.code, r.out, bad.asked, state(t)), (4, "", [], before), (words, r.err))
                check(words in r.err and "the older copy is used" in r.err, (words, r.err))
                equal("attempts" in r.err, context is None, "what lasts is not tried again")
        with Server({"/x": new(t)}) as good:
            equal(ask(t, secure(good, known.server()), SSL_CERT_FILE=known.path).code, 0)


def test_no_redirect_leads_from_https_to_http(t):
    impatient(t)
    authority = h2log.Authority(t.dir)
    with Server({}) as plain, Server({}) as s:
        before = begin(t, plain)
        plain.files["/x"] = new(t)
        url = secure(s, authority.server())
        s.files["/x"] = Answer(b"", 302, Location="/y")
        s.files["/y"] = Answer(b"", 301, Location=plain.url("/x"))
        asked = len(plain.asked)
        r = ask(t, url, SSL_CERT_FILE=authority.path)
        equal((r.code, state(t), s.asked, len(plain.asked)), (4, before, ["/x", "/y"], asked), r.err)
        check("from https to http" in r.err, r.err)
        s.files["/y"] = new(t)
        equal(ask(t, url, SSL_CERT_FILE=authority.path).code, 0)


def test_a_storm_of_503_ends(t):
    impatient(t, retries="2")
    with Server({}) as s:
        before = begin(t, s)
        s.files["/x"], asked = Answer(b"busy", 503), len(s.asked)
        r = ask(t, s.url("/x"))
        equal((r.code, state(t), len(s.asked) - asked), (4, before, 3), r.err)
        check("in 3 attempts: HTTP status 503" in r.err, r.err)


def test_a_rest_that_is_empty_is_asked_for_whole(t):
    impatient(t, retries="1")
    whole = new(t)
    with Server({}) as s:
        begin(t, s)

        def behave(h):
            if not h.headers["Range"]:
                return h.give(Answer(whole, ETag='"e"'))
            h.give(Answer(b"", 206, ETag='"e"', Content_Range="bytes %d-%d/%d" % (len(whole), len(whole) - 1, len(whole))))

        s.files["/x"] = hang_up(whole[:500], len(whole), ETag='"e"')
        equal(fetch(t, "onecrl", "--force", "--url", "onecrl=" + s.url("/x")).code, 4)
        check(os.path.exists(os.path.join(t.dir, "cache", "canopy", "onecrl", "onecrl.json.part")))
        s.files["/x"] = behave
        equal(ask(t, s.url("/x")).code, 0)


def test_what_passes_is_tried_again(t):
    impatient(t, retries="1")
    with Server({}) as s:
        begin(t, s)

        def once(answer):
            def behave(h):
                s.files["/x"] = new(t)
                answer(h) if callable(answer) else h.give(answer)

            return behave

        for first in [Answer(b"busy", 429, Retry_After="1"), Answer(b"no", 500),
                      Answer(b"busy", 503, Retry_After=time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 1))),
                      hang_up(new(t)[:500], len(new(t)), ETag='"a"')]:
            s.files["/x"] = once(first)
            r = ask(t, s.url("/x"))
            equal(r.code, 0, r.err)
            equal(s.asked[-2:], ["/x", "/x"])
            equal([x["records"] for x in sources(t) if x["source"] == "onecrl"], [8])
            equal(ask(t, s.url("/good")).code, 0)


def test_an_unchanged_document_is_not_sent_again(t):
    def tagged(h):
        known = h.headers["If-None-Match"] == '"v"'
        h.give(Answer(b"" if known else new(t), 304 if known else 200, ETag='"v"', Content_Length=None if known else len(new(t))))

    with Server({"/x": tagged}) as s:
        equal(ask(t, s.url("/x")).code, 0)
        r = ask(t, s.url("/x"))
        equal(r.code, 0, r.err)
        check("nothing changed" in r.err and "0 fetched, 1 unchanged" in r.err, r.err)


def test_a_server_that_dies_meanwhile_costs_what_it_did_not_send(t):
    impatient(t)
    s = Server({"/c/root_store.textproto": read(t.path("chrome", "root_store.2026-05-20.textproto"))})

    def die(h):
        h.server.socket.close()
        h.close_connection = True

    s.files["/c/root_store.certs"] = die
    s.thread.daemon = True
    s.thread.start()
    r = fetch(t, "chrome", "mozilla", "--url", "chrome=" + s.url("/c/"), "--url",
              "mozilla=file://" + t.path("mozilla", "certdata.2026-05-15.txt"))
    equal((r.code, r.out), (4, ""), r.err)
    check("root_store.certs" in r.err and "1 of 2 sources failed" in r.err, r.err)
    equal(sorted({x["source"] for x in sources(t)}), ["chrome", "mozilla"])


def test_a_cache_that_cannot_be_written_is_said(t):
    with Server({}) as s:
        before = begin(t, s)
        for cache in t.write("plain-file", "x"), "/proc/canopy-cache":
            r = ask(t, s.url("/good"), XDG_CACHE_HOME=cache)
            equal((r.code, state(t)), (4, before), r.err)
            check("onecrl: " in r.err and cache in r.err, r.err)


def test_a_clock_that_jumped_asks_again(t):
    with Server({}) as s:
        begin(t, s)
        url = s.url("/good")
        meta = os.path.join(t.dir, "cache", "canopy", "onecrl", "onecrl.json.meta")
        for when, asks in [(0, True), (int(time.time()) + 10 ** 7, True), (int(time.time()), False)]:
            text = "".join(x + "\n" for x in read(meta).decode().splitlines() if not x.startswith("fetched-at"))
            t.write(os.path.relpath(meta, t.dir), text + "fetched-at: %d\n" % when)
            asked = len(s.asked)
            r = fetch(t, "onecrl", "--url", "onecrl=" + url)
            equal((r.code, len(s.asked) - asked), (0, int(asks)), (when, r.err))


def test_killed_while_a_body_comes_nothing_is_lost(t):
    whole = new(t)
    with Server({}) as s:
        before = begin(t, s)
        for at in 0, 1, len(whole) // 2, len(whole) - 1:
            def behave(h):
                h.give(Answer(whole[:at], Content_Length=len(whole), ETag='"k"'))
                while at and not os.path.exists(part):
                    pass
                os.kill(run.pid, signal.SIGKILL)
                h.close_connection = True

            part = os.path.join(t.dir, "cache", "canopy", "onecrl", "onecrl.json.part")
            s.files["/x"] = behave
            run = subprocess.Popen([t.canopy, "fetch", "onecrl", "--force", "--db", fresh(t), "--url", "onecrl=" + s.url("/x")],
                                   env=t.env(), cwd=t.dir, stderr=subprocess.DEVNULL)
            equal(run.wait(), -signal.SIGKILL)
            equal(state(t), before, at)
        s.files["/x"] = whole
        equal(ask(t, s.url("/x")).code, 0)
        equal([x["records"] for x in sources(t) if x["source"] == "onecrl"], [8])


if __name__ == "__main__":
    main()
