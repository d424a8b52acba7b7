"""A fictional log over https and HTTP/2 on 127.0.0.1, and the authority that signs for it. Needs Debian's python3-h2."""
import gzip
import os
import socket
import ssl
import subprocess
import sys
import threading

import ctlog

# Where Debian puts it, also for a python3 that is not Debian's.
sys.path.append("/usr/lib/python3/dist-packages")
try:
    import h2.config
    import h2.connection
    import h2.errors
    import h2.events
    import h2.exceptions
    missing = None
except ImportError as e:
    missing = str(e)


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


class Authority:
    """A CA of the test's own: path is its certificate."""

    def __init__(self, folder, name="authority"):
        self.folder, self.name, self.count = folder, name, 0
        self.path, self.key = self.file(".crt"), self.file(".key")
        openssl("req", "-x509", *self.new_key(), "-keyout", self.key, "-out", self.path, "-days", "2", "-subj", "/CN=Fictional Authority")

    def file(self, suffix):
        return os.path.join(self.folder, self.name + suffix)

    @staticmethod
    def new_key():
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"

    def server(self, name="IP:127.0.0.1", days=2):
        """A server's context; with fewer than no days its certificate has expired."""
        self.count += 1
        key, request, cert, more = (self.file("-%d.%s" % (self.count, s)) for s in ("key", "csr", "crt", "ext"))
        with open(more, "w", encoding="ascii") as f:
            f.write("subjectAltName=" + name)
        openssl("req", *self.new_key(), "-keyout", key, "-out", request, "-subj", "/CN=Fictional Server")
        openssl("x509", "-req", "-in", request, "-CA", self.path, "-CAkey", self.key, "-CAcreateserial", "-extfile", more,
                "-days", str(days), "-out", cert)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context


class Connection:
    """One client. Answers go out as far as its windows allow."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.waiting = {}  # stream: what is still to be sent
        self.held = []
        self.closing = False

    def flush(self):
        self.sock.sendall(self.h2.data_to_send())

    def run(self):
        self.h2.initiate_connection()
        self.flush()
        while not self.closing:
            data = self.sock.recv(65536)
            if not data:
                return
            for event in self.h2.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    self.asked(event.stream_id, dict(event.headers))
                elif isinstance(event, h2.events.WindowUpdated):
                    self.go_on()
                elif isinstance(event, h2.events.StreamReset):
                    self.waiting.pop(event.stream_id, None)
            self.flush()

    def asked(self, stream, headers):
        """Answers it, or does with it what the mode says."""
        mode, path = self.server.mode, headers[":path"]
        with self.server.lock:
            self.server.requests.append(path)
            self.server.headers.append(headers)
            n = len(self.server.requests)
        if self.closing:
            return
        if n in mode.get("goaway", ()):  # this request is not looked at any more, and those before it are answered
            self.h2.close_connection(last_stream_id=max(stream - 2, 0))
            self.closing = True
        elif n in mode.get("reset", ()):
            self.h2.reset_stream(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
        elif "tile/data" in path or "get-entries" in path:
            self.held.append((stream, path, n))
            if len(self.held) >= mode.get("together", 1):
                mode.pop("together", None)
                for one in self.held:
                    self.answer(*one)
                self.held.clear()
        else:
            self.answer(stream, path, n)

    def answer(self, stream, path, n):
        status, body = self.server.answer(path[1:])
        fields = [(":status", str(status))]
        if status == 200 and self.server.mode.get("gzip"):
            body = gzip.compress(body, 1)
            fields.append(("content-encoding", "gzip"))
        self.h2.send_headers(stream, fields + [("content-length", str(len(body)))])
        if n in self.server.mode.get("cut", ()):  # half of the body, then an end that is none
            self.h2.send_data(stream, body[:min(len(body) // 2, 8000)])
            self.h2.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
            return
        self.waiting[stream] = body
        self.go_on()

    def go_on(self):
        for stream, body in list(self.waiting.items()):
            while True:
                n = min(len(body), self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
                if body and not n:
                    break
                self.h2.send_data(stream, body[:n], end_stream=n == len(body))
                body = body[n:]
                if not body:
                    del self.waiting[stream]
                    break
            if body:
                self.waiting[stream] = body


class Server(ctlog.Server):
    """mode, beside what ctlog.Server.answer looks at: gzip; goaway, reset, cut: numbers of the requests (from 1) that
    meet it; together: nothing of the log's entries is answered before so many requests for them have come.
    connections: what each of them agreed to speak; refused: handshakes that failed."""

    def __init__(self, log, context):
        self.log, self.context, self.mode, self.lock = log, context, {}, threading.Lock()
        self.requests, self.headers, self.connections, self.refused = [], [], [], 0
        context.set_alpn_protocols(["h2"])
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "https://127.0.0.1:%d/" % self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __exit__(self, *args):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(sock,), daemon=True).start()

    def talk(self, sock):
        try:
            tls = self.context.wrap_socket(sock, server_side=True)
        except OSError:
            self.refused += 1
            return
        self.connections.append(tls.selected_alpn_protocol())
        try:
            Connection(self, tls).run()
        except (OSError, h2.exceptions.ProtocolError):
            pass  # clients that hang up are part of the tests
        tls.close()
