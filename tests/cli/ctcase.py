"""What the tests of logs share: leaves of the world's CAs, and how canopy is asked about them."""
import hashlib
import os

import ctlog
from ctlog import Leaf, final_entry, precert_entry
from harness import equal


def world_cas(t):
    """DER of the world's CA certificates, by fingerprint."""
    found = {}
    for folder in "ccadb", "undisclosed":
        for name in os.listdir(t.path(folder)):
            for der in ctlog.pem_blocks(t.path(folder, name)):
                found[hashlib.sha256(der).hexdigest()] = der
    return found


def ca_der(t, nick="alder-tls-1"):
    return world_cas(t)[t.cert(nick)]


def leaves(ca, n, start=1000):
    return [Leaf(ca, start + i) for i in range(n)]


def mixed(some):
    """Half precertificates followed later by their certificates, some of one kind only."""
    entries = [precert_entry(leaf) for i, leaf in enumerate(some) if i % 3 != 1]
    return entries + [final_entry(leaf) for i, leaf in enumerate(some) if i % 3 != 0]


def base(t, name="c.db"):
    t.db = os.path.join(t.dir, name)
    t.ok("import", "--quiet", t.path("ccadb"))


def fetch(t, url, *more, code=0):
    r = t.run("fetch", "ct", "--log", url, *more)
    equal(r.code, code, r.err)
    return r


def listed(t, server):
    """The server's log as a log list names it."""
    path = t.write("list.json", ctlog.log_list(server.log.described(server.url)))
    return ["--url", "ct=file://" + path, "--force"]


def fetch_listed(t, server, *more, code=0):
    r = t.run("fetch", "ct", *listed(t, server), *more)
    equal(r.code, code, r.err)
    return r


def configure(t, text):
    config = os.path.join(t.env()["XDG_CONFIG_HOME"], "canopy")
    os.makedirs(config, exist_ok=True)
    with open(os.path.join(config, "config"), "w", encoding="utf-8") as f:
        f.write(text)


def count(t, nick="alder-tls-1"):
    rows = [r for r in t.ok("counts", "--as-of", "2026-06-01", "--format", "json").json() if r["ca_id"] == t.ca(nick)]
    equal(len(rows), 1)
    return rows[0]


def log_row(t):
    rows = t.ok("sources", "ct", "--format", "json").json()
    equal(len(rows), 1)
    return rows[0]
