"""Fictional Certificate Transparency logs: leaves, Merkle trees, signed heads, and a server on 127.0.0.1 that serves them
well or, by its `mode`, badly. Leaves name a CA of the fictional world as their issuer; logs do not sign for their signatures."""
import base64
import email.utils
import gzip
import hashlib
import http.server
import json
import os
import struct
import subprocess
import threading
import time
import warnings
import zipfile

POISON = bytes.fromhex("060a2b06010401d679020403")
SCT_LIST = bytes.fromhex("060a2b06010401d679020402")


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes([n]) if n < 128 else (lambda b: bytes([0x80 | len(b)]) + b)(n.to_bytes((n.bit_length() + 7) // 8, "big"))
    return bytes([tag]) + size + body


def elements(body):
    """(tag, whole, body) of each element."""
    at = 0
    while at < len(body):
        n, head = body[at + 1], 2
        if n & 0x80:
            head += n & 0x7F
            n = int.from_bytes(body[at + 2:at + head], "big")
        yield body[at], body[at:at + head + n], body[at + head:at + head + n]
        at += head + n


def fields(cert):
    """Of a certificate: subject Name, SubjectPublicKeyInfo."""
    tbs = next(elements(next(elements(cert))[2]))[2]
    parts = [whole for tag, whole, _ in elements(tbs) if tag != 0xA0]
    return parts[4], parts[5]


def utc(text):
    return tlv(0x17, text.encode())


def pem_blocks(path):
    """The DER of each certificate in a file."""
    with open(path, encoding="utf-8") as f:
        blocks = f.read().split("-----BEGIN CERTIFICATE-----")[1:]
    return [base64.b64decode("".join(b.split("-----END")[0].split())) for b in blocks]


class Leaf:
    """A certificate and its precertificate of one issuer and serial number."""
    def __init__(self, ca, serial, before="260501000000Z", after="260901000000Z", name=None, time_form=utc, tail=b""):
        self.ca, self.serial = ca, serial
        issuer, spki = fields(ca)
        rsa = tlv(0x30, bytes.fromhex("06092a864886f70d01010b0500"))
        octets = serial if isinstance(serial, bytes) else serial.to_bytes(9, "big")
        san = tlv(0x30, bytes.fromhex("0603551d11"), tlv(4, tlv(0x30, tlv(0x82, (name or "host%d.fictional.example" % (
            serial if isinstance(serial, int) else 0)).encode()))))
        eku = tlv(0x30, bytes.fromhex("0603551d25"), tlv(4, tlv(0x30, bytes.fromhex("06082b06010505070301"))))
        self.head = [tlv(0xA0, tlv(2, b"\2")), tlv(2, octets), rsa, issuer,
                     tlv(0x30, time_form(before), time_form(after)), tlv(0x30), spki]
        self.exts, self.rsa, self.tail = [san, eku], rsa, tail

    def tbs(self, *more):
        return tlv(0x30, *self.head, tlv(0xA3, tlv(0x30, *self.exts, *more)))

    def signed(self, tbs):
        return tlv(0x30, tbs, self.rsa, tlv(3, b"\0fictional")) + self.tail

    def final(self, sct_ms=None):
        more = []
        if sct_ms is not None:
            sct = b"\0" + bytes(32) + struct.pack(">Q", sct_ms) + b"\0\0\4\3\0\0"
            sct = struct.pack(">H", len(sct)) + sct
            more = [tlv(0x30, SCT_LIST, tlv(4, tlv(4, struct.pack(">H", len(sct)) + sct)))]
        return self.signed(self.tbs(*more))

    def precert(self):
        return self.signed(self.tbs(tlv(0x30, POISON, bytes.fromhex("0101ff"), tlv(4, b"\5\0"))))


def final_entry(leaf, when=1779000000000, sct_ms=1778900000000):
    return entry(when, 0, None, leaf.final(sct_ms), b"", [leaf.ca])


def precert_entry(leaf, when=1778900000000):
    return entry(when, 1, hashlib.sha256(fields(leaf.ca)[1]).digest(), leaf.tbs(), leaf.precert(), [leaf.ca])


def entry(when, kind, key_hash, cert, precert, chain):
    return dict(when=when, kind=kind, key_hash=key_hash or b"", cert=cert, precert=precert, chain=chain)


def u24(data):
    return struct.pack(">I", len(data))[1:] + data


def timestamped(e, index):
    extension = b"" if index is None else b"\0\0\5" + index.to_bytes(5, "big")
    return (struct.pack(">QH", e["when"], e["kind"]) + e["key_hash"] + u24(e["cert"])
            + struct.pack(">H", len(extension)) + extension)


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node(root(hashes[:k]), root(hashes[k:]))


def consistency(hashes, m):
    """RFC 6962 2.1.2: PROOF(m, D[n])."""
    def sub(m, d, whole):
        if m == len(d):
            return [] if whole else [root(d)]
        k = 1
        while k * 2 < len(d):
            k *= 2
        if m <= k:
            return sub(m, d[:k], whole) + [root(d[k:])]
        return sub(m - k, d[k:], False) + [root(d[:k])]
    return sub(m, hashes, True)


def audit_path(hashes, at):
    """RFC 6962 2.1.1: PATH(at, D[n])."""
    if len(hashes) == 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if at < k:
        return audit_path(hashes[:k], at) + [root(hashes[k:])]
    return audit_path(hashes[k:], at - k) + [root(hashes[:k])]


class Log:
    def __init__(self, folder, name, entries, tiled):
        self.folder, self.name, self.entries, self.tiled = folder, name, list(entries), tiled
        os.makedirs(folder, exist_ok=True)
        self.key = os.path.join(folder, name + ".pem")
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key], check=True)
        self.spki = subprocess.run(["openssl", "ec", "-in", self.key, "-pubout", "-outform", "DER"], check=True,
                                   capture_output=True).stdout
        self.id = hashlib.sha256(self.spki).digest()
        self.origin = "%s.fictional.example" % name
        self.size = len(self.entries)
        self.numbered = tiled  # leaves say their index; those of RFC 6962 logs that became tiles do not

    def leaf_hashes(self, size=None):
        return [hashlib.sha256(b"\0\0\0" + timestamped(e, i if self.numbered else None)).digest()
                for i, e in enumerate(self.entries[:size if size is not None else self.size])]

    def signature(self, size, tree, when):
        data = struct.pack(">BBQQ", 0, 1, when, size) + tree
        path = os.path.join(self.folder, self.name + ".head")
        with open(path, "wb") as f:
            f.write(data)
        sig = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key, path], check=True, capture_output=True).stdout
        return b"\4\3" + struct.pack(">H", len(sig)) + sig

    def sth(self, size=None, tree=None, when=1780000000000, break_signature=False):
        size = self.size if size is None else size
        tree = tree or root(self.leaf_hashes(size))
        sig = self.signature(size, tree, when)
        if break_signature:
            sig = sig[:-1] + bytes([sig[-1] ^ 1])
        return json.dumps({"tree_size": size, "timestamp": when, "sha256_root_hash": base64.b64encode(tree).decode(),
                           "tree_head_signature": base64.b64encode(sig).decode()}).encode()

    def checkpoint(self, size=None, tree=None, when=1780000000000, break_signature=False):
        size = self.size if size is None else size
        tree = tree or root(self.leaf_hashes(size))
        key_id = hashlib.sha256(self.origin.encode() + b"\n\5" + self.id).digest()[:4]
        sig = self.signature(size, tree, when)
        if break_signature:
            sig = sig[:-1] + bytes([sig[-1] ^ 1])
        line = base64.b64encode(key_id + struct.pack(">Q", when) + sig).decode()
        other = base64.b64encode(b"wits" + bytes(3000)).decode()
        return ("%s\n%d\n%s\n\n\u2014 witness.fictional.example %s\n\u2014 %s %s\n" % (
            self.origin, size, base64.b64encode(tree).decode(), other, self.origin, line)).encode()

    def data_tile(self, number, width=256):
        out = b""
        for i in range(number * 256, min(number * 256 + width, self.size)):
            e = self.entries[i]
            out += timestamped(e, i if self.numbered else None) + (u24(e["precert"]) if e["kind"] == 1 else b"")
            prints = b"".join(hashlib.sha256(c).digest() for c in e["chain"])
            out += struct.pack(">H", len(prints)) + prints
        return out

    def hash_tile(self, level, number, width=256):
        hashes = self.leaf_hashes()
        for _ in range(level):
            hashes = [root(hashes[i:i + 256]) for i in range(0, len(hashes) // 256 * 256, 256)]
        return b"".join(hashes[number * 256:number * 256 + width])

    def page(self, first, last):
        rows = []
        for i in range(first, min(last + 1, self.size)):
            e = self.entries[i]
            chain = b"".join(u24(c) for c in e["chain"])
            extra = (u24(e["precert"]) if e["kind"] == 1 else b"") + u24(chain)
            rows.append({"leaf_input": base64.b64encode(b"\0\0" + timestamped(e, None)).decode(),
                         "extra_data": base64.b64encode(extra).decode()})
        return json.dumps({"entries": rows}, separators=(",", ":")).encode()

    def issuers(self):
        return {hashlib.sha256(c).hexdigest(): c for e in self.entries for c in e["chain"]}

    def described(self, url):
        d = {"description": "Fictional log " + self.name, "log_id": base64.b64encode(self.id).decode(),
             "key": base64.b64encode(self.spki).decode(), "mmd": 60, "state": {"usable": {"timestamp": "2026-01-01T00:00:00Z"}},
             "temporal_interval": {"start_inclusive": "2020-01-01T00:00:00Z", "end_exclusive": "2100-01-01T00:00:00Z"}}
        if self.tiled:
            d.update(submission_url="https://%s/" % self.origin, monitoring_url=url)
        else:
            d.update(url=url)
        return d

    def files(self, checkpoint=True, hashes=False, issuers=True):
        """As files, like an archive: their bytes by name."""
        found = {}
        if checkpoint:
            own = self.described("https://%s/" % self.origin)
            if not self.numbered:
                own["url"] = "https://%s/" % self.origin
                for name in "submission_url", "monitoring_url", "state", "mmd":
                    del own[name]
            found.update({"checkpoint": self.checkpoint(), "log.v3.json": json.dumps(own).encode()})
        if issuers:
            found.update({"issuer/" + digest: der for digest, der in self.issuers().items()})
        for tile in range(0, (self.size + 255) // 256):
            width = min(256, self.size - tile * 256)
            found["tile/data/%s" % tile_path(tile, width)] = self.data_tile(tile, width)
        level, left = 0, self.size if hashes else 0
        while left:
            for tile in range(0, (left + 255) // 256):
                width = min(256, left - tile * 256)
                found["tile/%d/%s" % (level, tile_path(tile, width))] = self.hash_tile(level, tile, width)
            level, left = level + 1, left // 256
        return found

    def save(self, folder, step=100, form="get-entries-%d-%d.json", head="get-sth.json", **heads):
        """Answers as files, as somebody kept them."""
        os.makedirs(folder, exist_ok=True)
        found = {head: self.sth(**heads)} if head else {}
        for at in range(0, self.size, step):
            last = min(at + step, self.size) - 1
            name = form % (at, last) if form.count("%") == 2 else form % (at // step)
            found[name] = self.page(at, last)
        for name, data in found.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
        return folder

    def lay_out(self, folder, **how):
        for path, data in self.files(**how).items():
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)


def zip_up(path, files, method=zipfile.ZIP_DEFLATED, zip64=False, hole=0):
    """files: bytes by name, or pairs where a name comes twice. zip64: everything in the forms for large zips. hole: that
    many bytes of nothing behind the first file, which take no room on the disk."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    if zip64:
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 8, 1
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as z:
            warnings.simplefilter("ignore")
            for name, data in files.items() if isinstance(files, dict) else files:
                info = zipfile.ZipInfo(name)
                info.compress_type = method if name.startswith("tile/data") else zipfile.ZIP_STORED
                with z.open(info, "w", force_zip64=zip64) as f:
                    f.write(data)
                z.start_dir += hole
                hole = 0
    finally:
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
    return path


def tile_path(number, width):
    groups = []
    while True:
        groups.append("%03d" % (number % 1000))
        number //= 1000
        if not number:
            break
    path = "/".join(["x" + g for g in groups[:0:-1]] + groups[:1])
    return path if width == 256 else "%s.p/%d" % (path, width)


def parse_tile(path):
    path, _, width = path.partition(".p/")
    number = 0
    for group in path.split("/"):
        number = number * 1000 + int(group.lstrip("x"))
    return number, int(width or 256)


def log_list(*described):
    return json.dumps({"version": "1", "log_list_timestamp": "2026-05-30T00:00:00Z", "operators": [
        {"name": "Fictional Operator", "email": [], "logs": [d for d in described if "url" in d],
         "tiled_logs": [d for d in described if "url" not in d]}]})


class Server:
    """One log below /. mode: a dictionary, looked at for each request; requests: their paths, in order."""
    def __init__(self, log):
        self.log, self.mode, self.requests, self.lock = log, {}, [], threading.Lock()
        self.flying = self.most_flying = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with outer.lock:
                    outer.flying += 1
                    outer.most_flying = max(outer.flying, outer.most_flying)
                try:
                    if outer.mode.get("slow"):
                        time.sleep(outer.mode["slow"])
                    outer.serve(self)
                finally:
                    with outer.lock:
                        outer.flying -= 1

            def log_message(self, *args):
                pass

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.httpd.handle_error = lambda *args: None  # clients that hang up are part of the tests
        self.url = "http://127.0.0.1:%d/" % self.httpd.server_address[1]
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.httpd.shutdown()
        self.httpd.server_close()

    def counted(self, word):
        with self.lock:
            return sum(word in p for p in self.requests)

    def serve(self, h):
        with self.lock:
            self.requests.append(h.path)
            n = len(self.requests)
            storm = self.mode.get("storm", 0)
            if storm:
                self.mode["storm"] = storm - 1
        if self.mode.get("busy_every") and n % self.mode["busy_every"] == 0:
            return self.send(h, 429, b"slower, please", {"Retry-After": "0"})
        if storm:
            after = email.utils.formatdate(time.time() - 5, usegmt=True) if self.mode.get("date") else "0"
            return self.send(h, 429, b"slower, please", {"Retry-After": after})
        if self.mode.get("html") and "checkpoint" not in h.path and "get-sth" not in h.path and "issuer" not in h.path:
            return self.send(h, 200, b"<html>we are moving</html>")
        status, body = self.answer(h.path[1:])
        if self.mode.get("cut_every") and n % self.mode["cut_every"] == 0 and status == 200:
            return self.send(h, status, body, cut=True)
        if status == 200 and self.mode.get("gzip") and "tile/data" in h.path:
            return self.send(h, status, gzip.compress(body), {"Content-Encoding": "gzip"})
        self.send(h, status, body)

    def send(self, h, status, body, headers=None, cut=False):
        h.send_response(status)
        for name, value in (headers or {}).items():
            h.send_header(name, value)
        h.send_header("Content-Length", str(len(body)))
        h.end_headers()
        try:
            h.wfile.write(body[:len(body) // 2] if cut else body)
        except OSError:
            pass
        if cut:
            h.close_connection = True

    def head(self):
        m = self.mode
        kwargs = dict(size=m.get("size"), tree=m.get("tree"), break_signature=m.get("break_signature", False),
                      when=m.get("when", 1780000000000))
        return self.log.checkpoint(**kwargs) if self.log.tiled else self.log.sth(**kwargs)

    def answer(self, path):
        log, m = self.log, self.mode
        path, _, query = path.partition("?")
        args = dict(pair.split("=") for pair in query.split("&")) if query else {}
        if log.tiled and m.get("hybrid") and path == "ct/v1/get-sth":
            return 200, log.sth(size=m.get("size"))
        if path == ("checkpoint" if log.tiled and not m.get("hybrid") else "ct/v1/get-sth"):
            return 200, self.head()
        if log.tiled and path.startswith("tile/data/"):
            number, width = parse_tile(path[len("tile/data/"):])
            if width < 256 and m.get("no_partial"):
                return 404, b"gone"
            return 200, log.data_tile(number, 256 if m.get("whole") else width)
        if log.tiled and path.startswith("tile/"):
            level, rest = path[len("tile/"):].split("/", 1)
            return 200, log.hash_tile(int(level), *parse_tile(rest))
        if log.tiled and path.startswith("issuer/"):
            der = log.issuers().get(path[len("issuer/"):])
            return (200, der) if der else (404, b"none")
        if path == "ct/v1/get-entries" and not log.tiled:
            first, last = int(args["start"]), int(args["end"])
            if m.get("big_fails") and last - first + 1 > m["big_fails"]:
                return m.get("big_status", 413), b"too much at once"
            if m.get("most"):
                last = min(last, first + m["most"] - 1)
            return 200, log.page(first, last)
        if path == "ct/v1/get-entry-and-proof" and not log.tiled:
            at, size = int(args["leaf_index"]), int(args["tree_size"])
            hashes = [] if m.get("no_proof") else audit_path(log.leaf_hashes(size), at)
            return 200, json.dumps({"leaf_input": "", "extra_data": "", "audit_path": [base64.b64encode(p).decode() for p in hashes]}).encode()
        if path == "ct/v1/get-sth-consistency" and not log.tiled:
            proof = consistency(log.leaf_hashes(int(args["second"])), int(args["first"]))
            return 200, json.dumps({"consistency": [base64.b64encode(p).decode() for p in proof]}).encode()
        return 404, b"nothing here"
