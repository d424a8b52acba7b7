"""canopy fetch ct over https and HTTP/2: whom it trusts, how it asks, and what a connection's end costs."""
import hashlib
import os
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
import h2log  # noqa: E402
import harness  # noqa: E402
from ctlog import Leaf, final_entry  # noqa: E402
from harness import check, equal  # noqa: E402

LEAVES = 4000


def ca_der(t):
    wanted = t.cert("alder-tls-1")
    for name in os.listdir(t.path("ccadb")):
        for der in ctlog.pem_blocks(t.path("ccadb", name)):
            if hashlib.sha256(der).hexdigest() == wanted:
                return der
    raise AssertionError("the world has no such CA")


def base(t, n=LEAVES):
    t.db = os.path.join(t.dir, "c.db")
    t.ok("import", "--quiet", t.path("ccadb"))
    ca = ca_der(t)
    return [final_entry(Leaf(ca, 1000 + i)) for i in range(n)]


def fetch(t, server, *more, code=0, **env):
    path = t.write("list.json", ctlog.log_list(server.log.described(server.url)))
    r = t.run("fetch", "ct", "--url", "ct=file://" + path, "--force", *more, **env)
    equal(r.code, code, r.err)
    return r


def count(t):
    row, = [r for r in t.ok("counts", "--as-of", "2026-06-01", "--format", "json").json() if r["ca_id"] == t.ca("alder-tls-1")]
    return row["issued"], row["coverage"]


def each_kind(t, n=LEAVES):
    """A server of a log of either kind, with an index, and the environment that trusts it."""
    authority = h2log.Authority(t.dir)
    for tiled in True, False:
        t.db = None
        entries = base(t, n)
        with h2log.Server(ctlog.Log(t.dir, "ab"[tiled], entries, tiled), authority.server()) as s:
            yield s, {"SSL_CERT_FILE": authority.path}
        os.unlink(t.db)


def test_a_log_is_read_over_one_connection_of_http_2(t):
    for s, trust in each_kind(t):
        s.mode["gzip"] = True
        fetch(t, s, **trust)
        equal(count(t), (LEAVES, "complete"))
        equal((s.connections, s.refused), (["h2"], 0))
        asked = [h for h in s.headers if "tile/data" in h[":path"] or "get-entries" in h[":path"]]
        equal(len(asked), -(-LEAVES // 256), "aligned full ranges, each once")
        equal({h["accept-encoding"] for h in s.headers}, {"gzip"})
        check(all(h["user-agent"].startswith("canopy/") for h in s.headers), s.headers[0])


def test_many_requests_are_under_way_at_once(t):
    for s, trust in each_kind(t):
        s.mode["together"] = 4
        fetch(t, s, **trust)
        equal((count(t)[0], s.connections), (LEAVES, ["h2"]))
        check("together" not in s.mode, "so many never came")


def test_a_folder_of_authorities_is_trusted_as_well(t):
    authority = h2log.Authority(t.dir)
    folder = os.path.join(t.dir, "trusted")
    os.mkdir(folder)
    os.rename(authority.path, os.path.join(folder, "a.pem"))
    h2log.openssl("rehash", folder)
    authority.path = os.path.join(folder, "a.pem")
    with h2log.Server(ctlog.Log(t.dir, "a", base(t, 300), True), authority.server()) as s:
        fetch(t, s, SSL_CERT_DIR=folder)
    equal(count(t)[0], 300)


def test_a_server_that_is_not_to_be_trusted_is_asked_nothing(t):
    good, other = h2log.Authority(t.dir), h2log.Authority(t.dir, "other")
    for context, says in ((other.server(), "certificate"), (good.server(name="DNS:elsewhere.example"), "127.0.0.1"),
                          (good.server(name="IP:127.0.0.2"), "127.0.0.1"), (good.server(days=-1), "expired")):
        t.db = None
        with h2log.Server(ctlog.Log(t.dir, "a", base(t, 300), True), context) as s:
            r = fetch(t, s, code=4, SSL_CERT_FILE=good.path)
            equal(s.requests, [])
            line, = [line for line in r.err.splitlines() if "Fictional log a" in line]
            check(line.startswith("canopy: ") and s.url in line and says in line, line)
            equal(count(t), (None, "none"))
        os.unlink(t.db)


def test_without_its_authority_no_server_is_trusted(t):
    authority = h2log.Authority(t.dir)
    with h2log.Server(ctlog.Log(t.dir, "a", base(t, 300), True), authority.server()) as s:
        r = fetch(t, s, code=4)
        check("certificate" in r.err, r.err)
        r = fetch(t, s, code=4, SSL_CERT_FILE=os.path.join(t.dir, "nowhere.pem"))
        check("nowhere.pem" in r.err, r.err)
        equal(s.requests, [])


def test_a_connection_that_the_server_ends_costs_no_entry(t):
    for s, trust in each_kind(t):
        s.mode["goaway"] = {1, 6, 7, 12}
        fetch(t, s, **trust)
        equal(count(t), (LEAVES, "complete"))
        # how many are opened before the end of one is heard of depends on the machine, but it is not one a request
        check(2 < len(s.connections) < len(s.requests) and set(s.connections) == {"h2"}, "not one after another: %s" % s.connections)


def test_requests_that_are_reset_or_cut_short_are_made_again(t):
    for s, trust in each_kind(t):
        s.mode.update(reset={2, 5, 9}, cut={3, 8, 14})
        fetch(t, s, **trust)
        equal(count(t), (LEAVES, "complete"))


def test_a_server_that_knows_no_http_2_is_read_as_well(t):
    authority = h2log.Authority(t.dir)
    with ctlog.Server(ctlog.Log(t.dir, "a", base(t, 600), True)) as s:
        s.httpd.socket = authority.server().wrap_socket(s.httpd.socket, server_side=True, do_handshake_on_connect=False)
        s.url = s.url.replace("http:", "https:")
        fetch(t, s, SSL_CERT_FILE=authority.path)
    equal(count(t)[0], 600)


if h2log.missing:
    print("1..0 # SKIP %s: Debian has it as python3-h2" % h2log.missing)
else:
    harness.main()
