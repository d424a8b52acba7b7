#!/usr/bin/env python3
"""A web server on its bad days, on 127.0.0.1, and for http also 127.0.0.2 to 127.0.0.6 at the same port.

Prints "ports HTTP HTTPS" when it listens and ends when its stdin closes. The
first part of a path names the behaviour, see BEHAVIOURS; a test uses a path of
its own, for the counters are kept a path. GET /log/PREFIX tells the requests
whose path begins with /PREFIX, one a line: client port, path, and the headers that matter.
"""
import email.utils
import gzip
import http.server
import os
import ssl
import sys
import threading
import time

OLD = "Mon, 02 Jan 2023 03:04:05 GMT"
TOLD = ["User-Agent", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Range", "If-Range"]
SIZE = 5000
HOSTS = 6

lock = threading.Lock()
together = threading.Condition()
meeting = {}
PATIENCE = 20  # seconds until a test is given up
log = []
visits = {}


def body_of(path, version=1):
    line = f"{path} version {version}\n".encode()
    return (line * (SIZE // len(line) + 1))[:SIZE]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = self.path.split("?")[0]
        self.words = path.strip("/").split("/")
        if self.words[0] == "log":
            return self.tell_log("/" + "/".join(self.words[1:]))
        told = "".join(f" | {h}: {self.headers[h]}" for h in TOLD if self.headers[h])
        with lock:
            log.append((self.path, f"{self.client_address[1]} {self.path}{told}\n"))
            self.visit = visits[path] = visits.get(path, 0) + 1
        BEHAVIOURS.get(self.words[0], lambda h: h.answer(404))(self)

    def tell_log(self, prefix):
        with lock:
            text = "".join(line for path, line in log if path.startswith(prefix))
        self.answer(200, (text or "nothing\n").encode())

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        headers.setdefault("Content_Length", len(body))
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def close_after(self, status, body, **headers):
        self.answer(status, body, **headers)
        self.wfile.flush()
        self.close_connection = True

    def document(self, body=None, etag='"v1"', modified=OLD, **headers):
        """A well-behaved answer: conditional requests and ranges."""
        body = body_of(self.path) if body is None else body
        headers.update(ETag=etag, Last_Modified=modified, Accept_Ranges="bytes")
        headers.setdefault("Content_Type", "text/csv")
        if etag and self.headers["If-None-Match"] == etag:
            return self.answer(304, Content_Length=None, ETag=etag)
        if not etag and modified and self.headers["If-Modified-Since"] == modified:
            return self.answer(304, Content_Length=None)
        wanted, valid = self.headers["Range"], self.headers["If-Range"] in (etag, modified)
        if not wanted or not valid:
            return self.answer(200, body, **headers)
        start = int(wanted[len("bytes="):].split("-")[0])
        if start >= len(body):
            return self.answer(416, Content_Range=f"bytes */{len(body)}")
        return self.answer(206, body[start:], Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}", **headers)

    def half(self, **headers):
        body = body_of(self.path)
        headers.setdefault("Content_Type", "text/csv")
        self.close_after(200, body[: SIZE // 2], Content_Length=SIZE, **headers)

    def wait_for_client(self):
        """Blocks until the client has hung up."""
        self.connection.setblocking(True)
        while self.connection.recv(4096):
            pass
        self.close_connection = True

    def chunked(self, chunks, **headers):
        self.answer(200, Transfer_Encoding="chunked", Content_Length=None, **headers)
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")


def status(h):
    h.answer(int(h.words[1]), b"the reason\n", Content_Type="text/html")


def busy(retry_after):
    def behaviour(h):
        if h.visit == 1:
            return h.answer(429, b"later\n", Retry_After=retry_after(int(h.words[1])))
        h.document()

    return behaviour


def flaky(h):
    if h.visit <= int(h.words[1]):
        return h.answer(500, b"oops\n")
    h.document()


def hops(h):
    left = int(h.words[1])
    if left == 0:
        return h.document()
    h.answer(302, Location=f"/hops/{left - 1}/{h.words[2]}")


def broken(h):
    h.half(ETag='"v1"', Last_Modified=OLD) if h.visit == 1 else h.document()


def broken_modified(h):
    h.half(Last_Modified=OLD) if h.visit == 1 else h.document(etag=None)


def broken_fresh(h):
    h.half(Last_Modified=email.utils.formatdate(usegmt=True)) if h.visit == 1 else h.document(etag=None)


def broken_weak(h):
    h.half(ETag='W/"v1"') if h.visit == 1 else h.document(etag='W/"v1"', modified=None)


def broken_changed(h):
    h.half(ETag='"v1"') if h.visit == 1 else h.document(body_of(h.path, 2), etag='"v2"')


def broken_plain(h):
    h.half() if h.visit == 1 else h.document(etag=None, modified=None)


def broken_chunks(h):
    if h.visit > 1:
        return h.document()
    h.answer(200, Transfer_Encoding="chunked", Content_Length=None, ETag='"v1"')
    h.wfile.write(b"%x\r\n%s\r\n" % (100, body_of(h.path)[:100]))
    h.close_connection = True


def bad_range(h):
    if h.visit == 1:
        return h.half(ETag='"v1"')
    if h.headers["Range"]:
        half = body_of(h.path)[SIZE // 2 - 7 : SIZE - 7]
        return h.answer(206, half, Content_Range=f"bytes {SIZE // 2 - 7}-{SIZE - 8}/{SIZE}", ETag='"v1"')
    h.document()


def bad_total(h):
    if h.visit == 1:
        return h.half(ETag='"v1"')
    if h.headers["Range"]:
        half = body_of(h.path)[SIZE // 2 :]
        return h.answer(206, half, Content_Range=f"bytes {SIZE // 2}-{SIZE - 1}/{SIZE + 1}", ETag='"v1"')
    h.document()


def bad_version(h):
    """Ignores If-Range and gives the rest of another version."""
    if h.visit == 1:
        return h.half(ETag='"v1"')
    body = body_of(h.path, 2)
    if h.headers["Range"]:
        return h.answer(206, body[SIZE // 2 :], Content_Range=f"bytes {SIZE // 2}-{SIZE - 1}/{SIZE}", ETag='"v2"')
    h.document(body, etag='"v2"')


def range_416(h):
    if h.visit == 1:
        return h.half(ETag='"v1"')
    h.answer(416) if h.headers["Range"] else h.document()


def broken_gzip(h):
    if h.visit > 1:
        return broken_rest(h)
    packed = gzip.compress(os.urandom(SIZE))
    h.close_after(200, packed[: SIZE // 2], Content_Length=len(packed), Content_Encoding="gzip", ETag='"g1"')


def broken_rest(h):
    h.half(ETag='"v1"') if h.visit == 2 else h.document()


def false_gzip(h):
    h.answer(int(h.words[1]), b"no gzip at all", Content_Encoding="gzip")


def false_gzip_once(h):
    h.answer(503, b"no gzip at all", Content_Encoding="gzip") if h.visit == 1 else h.document()


def stall(h):
    h.answer(200, body_of(h.path)[: SIZE // 2], Content_Length=SIZE, ETag='"v1"')
    h.wfile.flush()
    h.wait_for_client()


def zipped(h):
    if "gzip" not in (h.headers["Accept-Encoding"] or ""):
        return h.answer(406)
    h.document(gzip.compress(body_of(h.path)), Content_Encoding="gzip")


def grown(h):
    h.document(body_of(h.path, h.visit), etag=f'"v{h.visit}"')


def same(h):
    h.document(etag=None, modified=None)


def meet(h):
    """Answers when so many are here at once, each of another host."""
    here = h.server.server_address[0]
    with together:
        hosts = meeting.setdefault(h.words[1], [])
        if here in hosts:
            return h.answer(410)
        hosts.append(here)
        together.notify_all()
        came = together.wait_for(lambda: len(hosts) >= int(h.words[2]), PATIENCE)
    h.document() if came else h.answer(410)


def alone(h):
    """Refuses whoever comes while another one of the same host is answered."""
    here = h.server.server_address[0]
    with lock:
        visits[here] = visits.get(here, 0) + 1
        others = visits[here] - 1
    time.sleep(0.02)
    with lock:
        visits[here] -= 1
    h.answer(410) if others else h.document()


def at_most(h):
    """Refuses whoever comes while so many others are answered, of whatever host."""
    with together:
        here = meeting.setdefault("at-most", [])
        here.append(h)
        n = len(here)
    time.sleep(0.05)
    with together:
        here.remove(h)
    h.answer(410) if n > int(h.words[1]) else h.document()


def to_host(h):
    h.answer(302, Location="http://127.0.0.%s:%d/%s" % (h.words[1], h.server.server_port, "/".join(h.words[2:])))


def after(h):
    """Answers when so many others, whose path begins so, were asked for."""
    def come():
        return sum(path.startswith("/" + "/".join(h.words[2:])) for path, _ in log) >= int(h.words[1])

    until = time.monotonic() + PATIENCE
    while not come() and time.monotonic() < until:
        time.sleep(0.01)
    h.document() if come() else h.answer(410)


def folder(h):
    """A report folder with one year that fails."""
    h.answer(404) if "NotBeforeYear=2001" in h.path else h.document()


BEHAVIOURS = {
    "doc": lambda h: h.document(),
    "modified": lambda h: h.document(etag=None),
    "same": same,
    "grown": grown,
    "status": status,
    "busy-seconds": busy(str),
    "busy-date": busy(lambda n: email.utils.formatdate(time.time() + n, usegmt=True)),
    "flaky": flaky,
    "storm": lambda h: h.answer(503, b"no\n"),
    "loop": lambda h: h.answer(302, Location=h.path),
    "hops": hops,
    "away": lambda h: h.answer(302, Location="http://elsewhere.invalid/doc"),
    "to-file": lambda h: h.answer(302, Location="file:///etc/hostname"),
    "html": lambda h: h.answer(200, b"<p>sorry</p>", Content_Type="text/html; charset=utf-8"),
    "html-body": lambda h: h.answer(200, b"\xef\xbb\xbf \r\n<!DocType HTML><p>sorry</p>", Content_Type="text/plain"),
    "broken": broken,
    "broken-modified": broken_modified,
    "broken-fresh": broken_fresh,
    "broken-weak": broken_weak,
    "broken-changed": broken_changed,
    "broken-plain": broken_plain,
    "broken-chunks": broken_chunks,
    "broken-gzip": broken_gzip,
    "bad-range": bad_range,
    "bad-total": bad_total,
    "bad-version": bad_version,
    "range-416": range_416,
    "big": lambda h: h.document(b"x" * 200000),
    "big-chunks": lambda h: h.chunked([b"x" * 10000] * 20),
    "bomb": lambda h: h.document(gzip.compress(b"x" * 5000000), Content_Encoding="gzip"),
    "false-gzip": false_gzip,
    "false-gzip-once": false_gzip_once,
    "stall": stall,
    "silent": lambda h: h.wait_for_client(),
    "wrong-length": lambda h: h.half(),
    "gzip": zipped,
    "empty": lambda h: h.answer(200),
    "hang-up": lambda h: setattr(h, "close_connection", True),
    "not-asked": lambda h: h.answer(206, b"x", Content_Range="bytes 0-0/1"),
    "unasked-304": lambda h: h.answer(304, Content_Length=None),
    "ccadb": folder,
    "meet": meet,
    "alone": alone,
    "after": after,
    "at-most": at_most,
    "to-host": to_host,
}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients hang up on purpose here."""


def main():
    plain = Server(("127.0.0.1", 0), Handler)
    secure = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(os.path.dirname(os.path.abspath(__file__)), "selfsigned.pem"))
    secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
    others = [Server(("127.0.0.%d" % i, plain.server_port), Handler) for i in range(2, HOSTS + 1)]
    for server in [plain, secure, *others]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ports", plain.server_port, secure.server_port, flush=True)
    sys.stdin.read()


main()
