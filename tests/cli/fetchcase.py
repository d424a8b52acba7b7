"""What the tests of fetch share: a server on 127.0.0.1 that is every source at once, or the proxy before them, and a
world in which no other address can be reached."""
import http.server
import os
import threading

from harness import DAY, equal

NOWHERE = "http://127.0.0.1:9"  # as a proxy: nothing leaves this machine
SOURCES = ["ccadb", "mozilla", "chrome", "onecrl", "crlset", "tranco", "telemetry", "aia", "crtsh", "ct", "crl"]


class Answer:
    """More than a body: the status and headers of an answer."""

    def __init__(self, body=b"", status=200, **headers):
        self.body, self.status, self.headers = body, status, headers


class Server:
    """Gives files, a dict from path to bytes, Answer or a function of the handler; as a proxy the paths are whole URLs."""

    def __init__(self, files):
        outer = self
        self.files, self.asked = files, []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append(self.path)
                what = outer.files.get(self.path, Answer(b"no\n", 404))
                if callable(what):
                    return what(self)
                self.give(what if isinstance(what, Answer) else Answer(what))

            def give(self, a):
                self.send_response(a.status)
                for name, value in {"Content_Length": len(a.body), **a.headers}.items():
                    if value is not None:
                        self.send_header(name.replace("_", "-"), str(value))
                self.end_headers()
                self.wfile.write(a.body)
                self.wfile.flush()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *args: None  # clients hang up on purpose
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def url(self, path=""):
        return "http://127.0.0.1:%d%s" % (self.server.server_address[1], path)


def fresh(t):
    return os.path.join(t.dir, "new.db")


def fetch(t, *args, **env):
    away = {"https_proxy": NOWHERE, "http_proxy": NOWHERE, "no_proxy": None}
    return t.run("fetch", "--db", fresh(t), *args, **{**away, **env})


def local(t, **other):
    """--url for every source that is fetched unasked: the world's files, or what `other` says."""
    url = {"ccadb": "file://" + t.path("ccadb") + "/", "mozilla": "file://" + t.path("mozilla", "certdata.2026-05-15.txt"),
           "chrome": "file://" + t.path("chrome") + "/", "onecrl": "file://" + t.path("onecrl", "onecrl.2026-05-25.json"),
           "crlset": "file://" + t.path("crlset", "crl-set"), "crl": "file://" + t.path("crl") + "/",
           "tranco": "file://" + t.write("ranks.csv", "1,a.example\n3,b.example\n7,c.example\n")}
    return [word for name, at in {**url, **other}.items() if at for word in ("--url", name + "=" + at)]


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def rows(t, *args):
    r = t.run(*args, "--db", fresh(t), "--format", "json")
    equal(r.code, 0, r.err)
    return r.json()


def sources(t):
    """What the index holds, however the last try went."""
    tries = ("error", "tried_at", "confirmed_at", "http_status")
    return [{k: v for k, v in r.items() if k not in tries} for r in rows(t, "sources") if r["kind"]]


def counts(t):
    return rows(t, "counts", "--as-of", DAY)
