"""`fetch` alone, from nothing: every source of a fictional world on servers of 127.0.0.1, the same again, and once more when
the world has changed."""
import base64
import csv
import datetime
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import crlcase  # noqa: E402
import ctlog  # noqa: E402
from ctcase import ca_der  # noqa: E402
from fetchcase import Answer, Server, fetch, fresh, read, rows  # noqa: E402
from harness import DAY, check, equal, main  # noqa: E402

RECORDS, PEMS = "AllCertificateRecordsCSVFormatV5", "AllCertificatePEMsCSVFormat"
HOST = "crl.quince.example"


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_csv(header, records):
    out = io.StringIO(newline="")
    w = csv.DictWriter(out, header, quoting=csv.QUOTE_ALL, lineterminator="\n")
    w.writeheader()
    w.writerows(records)
    return out.getvalue().encode()


class Upstream:
    """All sources. What changes: whether the new CA is there, what CCADB says of another, OneCRL, and a CA's revocation list."""

    def __init__(self, t, s):
        self.t, self.s, self.late = t, s, False
        self.conditional, self.lists = 0, {}
        name, = [n for n in os.listdir(t.path("ccadb")) if "Records" in n]
        self.records = table(read(t.path("ccadb", name)).decode())
        self.pems = {int(re.search(r"_(\d{4})", n)[1]): table(read(t.path("ccadb", n)).decode())
                     for n in os.listdir(t.path("ccadb")) if PEMS in n}
        # a CA of our own, for only its key can sign lists; leaves of it stand in a log
        self.root = crlcase.CA(t.dir, "Quince Root (fictional)")
        self.ca = crlcase.CA(t.dir, "Quince CA (fictional)", self.root, b"\2")
        self.other = crlcase.CA(t.dir, "Quince Second CA (fictional)", self.root, b"\3")
        self.log = ctlog.Log(t.dir, "a", [ctlog.precert_entry(self.leaf(i)) for i in range(1, 21)] +
                             [ctlog.final_entry(self.leaf(i)) for i in range(11, 31)], True)
        self.logs = ctlog.Server(self.log)

    def leaf(self, i):
        return ctlog.Leaf(self.ca.cert, bytes([i]), name="h%d.fictional.example" % i)

    def own(self):
        return [self.root, self.ca] + ([self.other] if self.late else [])

    def record(self, ca):
        r = dict.fromkeys(self.records[0], "")
        r.update({"CA Owner": "Quince (fictional)", "Certificate Name": ca.cn, "Revocation Status": "Not Revoked",
                  "SHA-256 Fingerprint": hashlib.sha256(ca.cert).hexdigest().upper(), "Salesforce Record ID": "Q" + ca.cn[7:9],
                  "Certificate Record Type": "Root Certificate" if ca is self.root else "Intermediate Certificate",
                  "Mozilla Status": "Removed" if self.late and ca is self.root else "Included",
                  "JSON Array of All Full CRL URLs": json.dumps(["http://%s/%s.crl" % (HOST, ca.cn[7:9])])})
        return {k: v for k, v in r.items() if k in self.records[0]}

    def ccadb(self, path):
        kind, _, year = path.partition("?NotBeforeYear=")
        if kind == RECORDS:
            return as_csv(self.records[0], self.records + [self.record(ca) for ca in self.own()])
        header = list(next(iter(self.pems.values()))[0])
        mine = [{header[0]: hashlib.sha256(ca.cert).hexdigest().upper(), header[1]: crlcase.pem(ca.cert).decode()}
                for ca in self.own() if year == "2020"]
        return as_csv(header, self.pems.get(int(year), []) + mine)

    def onecrl(self):
        entry = {"issuerName": base64.b64encode(self.root.name).decode(), "serialNumber": base64.b64encode(b"\2").decode(),
                 "enabled": True, "id": "q", "last_modified": 1}
        data = json.loads(read(self.t.path("onecrl", "onecrl.2026-05-25.json")))["data"]
        good = [r for r in data if "!" not in r.get("serialNumber", "!") or "pubKeyHash" in r]
        return json.dumps({"data": good + ([] if self.late else [entry])}).encode()

    def crl(self):
        if self.late not in self.lists:  # signed once
            self.lists[self.late] = self.list()
        return self.lists[self.late]

    def list(self):
        gone = [b"\1", b"\2", b"\x0b"] if not self.late else [b"\1", b"\x0b"]
        return self.ca.crl(*map(crlcase.revoked, gone), at="260529000000" if self.late else "260528000000", number=6)

    def bodies(self, path):
        store = "root_store.2026-05-20."
        fixed = {"/mozilla": ("mozilla", "certdata.2026-05-15.txt"), "/crlset": ("crlset", "crl-set"),
                 "/chrome/root_store.textproto": ("chrome", store + "textproto"), "/chrome/root_store.certs": ("chrome", store + "certs")}
        if path in fixed:
            return read(self.t.path(*fixed[path]))
        if path.startswith("/ccadb/"):
            return self.ccadb(path[7:])
        if path.startswith("/aia/"):
            return ca_der(self.t)
        sha256 = base64.b64encode(bytes.fromhex(self.t.cert("alder-root"))).decode()
        return {"/onecrl": self.onecrl, "/tranco": lambda: b"1,a.example\n3,b.example\n7,fictional.example\n",
                "/telemetry": lambda: json.dumps({"roots": [{"label": "f", "binNumber": 4, "sha256Fingerprint": sha256}]}).encode(),
                "/logs": lambda: ctlog.log_list(self.log.described(self.logs.url)).encode(),
                "/crl/%s/CA.crl" % HOST: self.crl}.get(path, lambda: None)()

    def get(self, path, otherwise):
        body = self.bodies(path)
        if body is None:
            return otherwise
        tag = '"%s"' % hashlib.sha256(body).hexdigest()[:20]

        def behave(h):
            same = h.headers["If-None-Match"] == tag
            self.conditional += same
            h.give(Answer(b"" if same else body, 304 if same else 200, ETag=tag, Content_Length=None if same else len(body)))

        return behave

    def configure(self):
        at = {"ccadb": "/ccadb/", "mozilla": "/mozilla", "chrome": "/chrome/", "onecrl": "/onecrl", "crlset": "/crlset", "tranco": "/tranco",
              "telemetry": "/telemetry", "aia": "/aia/", "ct": "/logs", "crl": "/crl/"}
        self.t.write("config/canopy/config", "retries = 0\nenabled.crtsh = no\n" + "".join(
            "enabled.%s = yes\nurl.%s = %s\n" % (name, name, self.s.url(path)) for name, path in at.items()))


def told(t, kind):
    r = t.run("check", "--kind", kind, "--as-of", datetime.date.today().isoformat(), "--db", fresh(t), "--format", "json")
    return r.json()


def of_ca(t, ca):
    row, = [r for r in rows(t, "counts", "--as-of", DAY) if r["ca_id"] == ca.id]
    return row["unexpired"], row["revoked"], row["valid"]


def held(t):
    return [(r["source"], r["kind"], r["part"], r["sha256"], r["records"]) for r in rows(t, "sources") if r["kind"]]


def test_fetch_alone_fills_keeps_and_renews_an_index(t):
    with Server({}) as s:
        up = Upstream(t, s)
        s.files = up
        up.configure()
        with up.logs:
            from_nothing(t, s, up)
            unchanged(t, s, up)
            changed(t, s, up)


def from_nothing(t, s, up):
    r = fetch(t, "--as-of", DAY)
    equal((r.code, r.out), (0, ""), r.err)
    order = list(dict.fromkeys(path.split("/")[1] for path in s.asked))
    equal(order, ["ccadb", "mozilla", "chrome", "onecrl", "crlset", "tranco", "telemetry", "aia", "logs", "crl"])
    # lists only of the CA that has leaves, or rather of each that has: the others have none
    equal([p for p in s.asked if p.startswith("/crl/")], ["/crl/%s/CA.crl" % HOST])
    equal(of_ca(t, up.ca), (30, 3, 27))
    equal(len({p["ca_id"] for p in rows(t, "counts", "--as-of", DAY)} & {t.ca(n) for n in t.nicks()}) > 20, True)
    check(any(f["cert_sha256"] == hashlib.sha256(up.ca.cert).hexdigest() for f in told(t, "revoked-not-everywhere")))
    for kind in "new-ca", "status-changed":
        equal(told(t, kind), [], kind)
    equal([f for f in told(t, "unrevoked") if f["ca_id"] == up.ca.id], [])
    bad = [x for x in rows(t, "sources") if x["error"]]
    equal(bad, [])


def unchanged(t, s, up):
    before, counted = held(t), rows(t, "counts", "--as-of", DAY)
    asked = len(s.asked)
    r = fetch(t, "--as-of", DAY)
    equal((r.code, len(s.asked)), (0, asked), "what is young is not asked for: " + r.err)
    up.conditional = 0
    r = fetch(t, "--as-of", DAY, "--force")
    equal((r.code, r.out), (0, ""), r.err)
    equal((len(s.asked) - asked, up.conditional), (asked, asked), "each one is asked for and is a 304: " + r.err)
    equal((held(t), rows(t, "counts", "--as-of", DAY)), (before, counted))
    for line in r.err.splitlines():
        check(" fetched" not in line or " 0 fetched" in line, line)
    check(r.err.count("nothing changed") >= 8, r.err)


def changed(t, s, up):
    old = shutil.copy(fresh(t), os.path.join(t.dir, "old.db"))
    up.late = True
    r = fetch(t, "--as-of", DAY, "--force")
    equal((r.code, r.out), (0, ""), r.err)
    cert = {ca: hashlib.sha256(ca.cert).hexdigest() for ca in (up.root, up.ca, up.other)}
    equal([f["cert_sha256"] for f in told(t, "new-ca")], [cert[up.other]])
    status, = told(t, "status-changed")
    equal(status["cert_sha256"], cert[up.root])
    check("'Included'" in status["detail"] and "'Removed'" in status["detail"], status)
    lifted = [f for f in told(t, "unrevoked") if f["ca_id"] == up.ca.id]
    equal([(f["cert_sha256"], f["source"]) for f in lifted], [(cert[up.ca], "onecrl")])
    equal(of_ca(t, up.ca), (30, 2, 28), "a leaf less is on the list")
    r = t.run("diff", old, fresh(t), "--as-of", DAY, "--format", "json")
    equal(r.code, 0, r.err)
    kinds = {}
    for row in r.json():
        kinds.setdefault(row["kind"], []).append(row)
    equal([x["ca_id"] for x in kinds["ca-new"]], [up.other.id])
    equal([x["cert_sha256"] for x in kinds["revocation-gone"]], [cert[up.ca]])
    sources = " ".join(json.dumps(x) for x in kinds["source-changed"])
    for word in "ccadb", "onecrl", "crl":
        check(word in sources, (word, sources))
    check("certdata" not in sources and "ranks" not in sources, sources)


def test_a_year_without_a_certificate_is_no_failure(t):
    with Server({}) as s:
        up = Upstream(t, s)
        s.files = up
        at = ["ccadb", "--url", "ccadb=" + s.url("/ccadb/")]
        equal(fetch(t, *at).code, 0)
        before = held(t)
        # one that lost what it had is
        del up.pems[2014]
        r = fetch(t, *at, "--force")
        equal((r.code, held(t)), (4, before), r.err)
        check("without a single row" in r.err and "is kept" in r.err, r.err)


class Overlap:
    """Behaviours that notice when two of them are at work at once."""

    def __init__(self):
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    def give(self, body):
        def behave(h):
            with self.lock:
                self.now += 1
                self.most = max(self.most, self.now)
            time.sleep(0.2)
            with self.lock:
                self.now -= 1
            h.give(Answer(body))
        return behave


def documents(t):
    return read(t.path("onecrl", "onecrl.2026-05-25.json")), read(t.path("mozilla", "certdata.2026-05-15.txt")), b"1,a.example\n2,b.example\n"


def test_sources_of_several_hosts_are_downloaded_at_once_and_told_in_order(t):
    meeting = threading.Barrier(3, timeout=60)

    def meets(body):
        def behave(h):
            meeting.wait()
            h.give(Answer(body))
        return behave

    onecrl, mozilla, ranks = documents(t)
    with Server({"/o": meets(onecrl)}) as a, Server({"/m": meets(mozilla)}) as b, Server({"/r": meets(ranks)}) as c:
        at = ["tranco", "onecrl", "mozilla", *[w for n, u in (("onecrl", a.url("/o")), ("mozilla", b.url("/m")), ("tranco", c.url("/r")))
                                               for w in ("--url", n + "=" + u)]]
        r = fetch(t, *at)
        equal((r.code, r.out), (0, ""), r.err)
        equal([line.split(":")[1].strip() for line in r.err.splitlines()], ["mozilla", "onecrl", "tranco"], r.err)
        equal(r.err.count("1 document, 1 fetched, 0 unchanged"), 3, r.err)
        equal({x["source"] for x in rows(t, "sources") if x["kind"] and not x["error"]}, {"mozilla", "onecrl", "tranco"})
        # again: one is unchanged, one another, one fails, and each says so itself
        a.files["/o"], b.files["/m"], c.files["/r"] = Answer(b"no", 404), mozilla, ranks + b"3,c.example\n"
        before = held(t)
        r = fetch(t, *at, "--force")
        equal((r.code, r.out), (4, ""), r.err)
        check("onecrl: onecrl.json: cannot fetch" in r.err and "HTTP status 404; the older copy is used" in r.err, r.err)
        check("tranco: 3 records (1 new" in r.err and "1 of 3 sources failed" in r.err, r.err)
        equal([x for x in held(t) if x[0] == "onecrl"], [x for x in before if x[0] == "onecrl"])


def test_sources_of_one_host_wait_for_each_other(t):
    onecrl, mozilla, ranks = documents(t)
    one = Overlap()
    with Server({"/o": one.give(onecrl), "/m": one.give(mozilla)}) as a, Server({"/r": ranks}) as b:
        r = fetch(t, "tranco", "onecrl", "mozilla", "--url", "onecrl=" + a.url("/o"), "--url", "mozilla=" + a.url("/m"), "--url", "tranco=" + b.url("/r"))
        equal((r.code, one.most, len(a.asked)), (0, 1, 2), r.err)


def test_a_stop_while_several_are_downloaded_keeps_what_came(t):
    onecrl, mozilla, _ = documents(t)

    def stops(h):
        meta = os.path.join(t.dir, "cache", "canopy", "onecrl", "onecrl.json.meta")
        while not os.path.exists(meta):
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        while h.connection.recv(100):
            pass
        h.close_connection = True

    with Server({"/o": onecrl}) as a, Server({"/m": stops}) as b, Server({"/s": b"never"}) as c:
        run = subprocess.Popen([t.canopy, "fetch", "onecrl", "mozilla", "crlset", "--db", fresh(t), "--url", "onecrl=" + a.url("/o"), "--url",
                                "mozilla=" + b.url("/m"), "--url", "crlset=" + c.url("/s")], env=t.env(), cwd=t.dir, stderr=subprocess.PIPE, text=True)
        try:
            err = run.communicate(timeout=60)[1]
        finally:
            run.kill()
        equal((run.returncode, c.asked), (4, []), err)
        check("stopped; what came is kept" in err, err)
        equal([x[0] for x in held(t)], ["onecrl"], err)


if __name__ == "__main__":
    main()
