"""A PostgreSQL server of the test's own with those of crt.sh's tables and functions that canopy asks, and a proxy that
stands in for its bad days.

What the x509_ functions of crt.sh read from a certificate is prepared beside it: the set-up is made here.
"""
import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from ctlog import fields
from harness import Skip

SCHEMA = """
CREATE EXTENSION pgcrypto;
CREATE TABLE ca (ID int PRIMARY KEY, NAME text, PUBLIC_KEY bytea, NUM_ISSUED bigint[], NUM_EXPIRED bigint[],
  LAST_CERTIFICATE_ID bigint, LAST_NOT_AFTER timestamp, NEXT_NOT_AFTER timestamp, LINTING_APPLIES bool);
CREATE INDEX ca_key ON ca (digest(PUBLIC_KEY, 'sha256'));
CREATE TABLE certificate (ID bigint, ISSUER_CA_ID int, CERTIFICATE bytea);
CREATE TABLE prepared (CERTIFICATE bytea PRIMARY KEY, NOT_BEFORE timestamp, NOT_AFTER timestamp, SERIAL bytea, CAN_ISSUE bool);
CREATE FUNCTION x509_notBefore(bytea) RETURNS timestamp LANGUAGE sql STABLE AS
  'SELECT NOT_BEFORE FROM prepared WHERE CERTIFICATE = $1';
CREATE FUNCTION x509_notAfter(bytea) RETURNS timestamp LANGUAGE sql STABLE AS
  'SELECT NOT_AFTER FROM prepared WHERE CERTIFICATE = $1';
CREATE FUNCTION x509_serialNumber(bytea) RETURNS bytea LANGUAGE sql STABLE AS
  'SELECT SERIAL FROM prepared WHERE CERTIFICATE = $1';
CREATE FUNCTION x509_canIssueCerts(bytea) RETURNS bool LANGUAGE sql STABLE AS
  'SELECT CAN_ISSUE FROM prepared WHERE CERTIFICATE = $1';
CREATE ROLE guest LOGIN;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest;
"""


def program(name):
    for root, _, files in os.walk("/usr/lib/postgresql"):
        if name in files:
            return os.path.join(root, name)
    raise Skip("PostgreSQL is not installed")


def as_postgres(*command):
    """The server refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command] if os.geteuid() == 0 else list(command)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Database:
    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="canopy-pg-")
        try:
            self.start()
        except BaseException:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise
        return self

    def start(self):
        initdb, postgres = program("initdb"), program("postgres")
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.dir, user.pw_uid, user.pw_gid)
        data = os.path.join(self.dir, "data")
        subprocess.run(as_postgres(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"),
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.dir)
        self.port = free_port()
        self.server = subprocess.Popen(
            as_postgres(postgres, "-D", data, "-h", "127.0.0.1", "-p", str(self.port), "-k", self.dir, "-F",
                        "-c", "shared_buffers=16MB", "-c", "max_connections=20", "-c", "log_statement=all",
                        "-c", "log_line_prefix=%a|"),
            stdout=subprocess.DEVNULL, stderr=open(os.path.join(self.dir, "log"), "w", encoding="utf-8"), cwd=self.dir)
        for _ in range(600):
            if subprocess.run([program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False).returncode == 0:
                break
            time.sleep(0.05)
        self.sql(SCHEMA)

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def sql(self, text):
        run = subprocess.run([program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                              "-p", str(self.port), "-U", "postgres", "-d", "postgres"], input=text.encode(), check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert run.returncode == 0, run.stderr.decode()
        return run.stdout.decode().strip()

    def url(self, port=None):
        return "host=127.0.0.1 port=%d user=guest dbname=postgres" % (port or self.port)

    def log(self):
        """What canopy said to the server, and was told."""
        with open(os.path.join(self.dir, "log"), encoding="utf-8") as f:
            return "".join(line for line in f if line.startswith("canopy|"))

    def statements(self):
        return [line.split("statement: ", 1)[1] for line in self.log().splitlines() if "statement: " in line]

    def clear(self):
        self.sql("TRUNCATE ca, certificate, prepared")

    def add_ca(self, number, der, certs=None, precerts=None, last="2026-05-30", upcoming="2040-01-01", name=None):
        """der: a certificate of the CA; certs and precerts: (issued, expired) or None."""
        def array(at):
            have = [f[at] if f else None for f in (certs, precerts)]
            while have and have[-1] is None:
                have.pop()
            return "ARRAY[%s]::bigint[]" % ",".join("NULL" if n is None else str(n) for n in have) if have else "NULL"
        self.sql("INSERT INTO ca (ID, NAME, PUBLIC_KEY, NUM_ISSUED, NUM_EXPIRED, LAST_NOT_AFTER, NEXT_NOT_AFTER) VALUES "
                 "(%d, $name$%s$name$, '\\x%s', %s, %s, '%s', '%s')" % (number, name or name_text(der), fields(der)[1].hex(), array(0),
                                                                   array(1), last, upcoming))


    def add_leaf(self, ca, serial, before, after, tag, can_issue=False):
        """A certificate; tag tells copies of one serial number apart."""
        der = ("%d %s %s" % (ca, serial, tag)).encode().hex()
        self.sql("INSERT INTO certificate (ID, ISSUER_CA_ID, CERTIFICATE) VALUES (1, %d, '\\x%s'); INSERT INTO prepared VALUES "
                 "('\\x%s', %s, %s, '\\x%s', %s)" % (ca, der, der, before, after, serial, can_issue))


def name_text(der):
    """A subject as crt.sh writes it."""
    style = "esc_2253,esc_ctrl,use_quote,utf8,dump_unknown,dump_der,sep_comma_plus_space,sname"
    run = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject", "-nameopt", style], input=der, check=True,
                         stdout=subprocess.PIPE)
    return run.stdout.decode().strip().removeprefix("subject=")


class Proxy:
    """Passes bytes on; `fault(number of the query)` may say what happens to it instead: None, "cut", "stall", or an
    (SQLSTATE, message) that is answered."""

    def __init__(self, port, fault):
        self.target, self.fault = port, fault
        self.queries = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self.upwards, args=(client, server), daemon=True).start()
            threading.Thread(target=self.downwards, args=(server, client), daemon=True).start()

    def upwards(self, client, server):
        while data := self.read(client):
            if data[:1] == b"Q":
                with self.lock:
                    self.queries += 1
                    fault = self.fault(self.queries)
                if fault == "stall":
                    continue
                if fault == "cut":
                    break
                if fault:
                    client.sendall(error(*fault))
                    continue
            server.sendall(data)
        for s in client, server:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def downwards(self, server, client):
        while data := self.read(server):
            try:
                client.sendall(data)
            except OSError:
                return

    @staticmethod
    def read(s):
        try:
            return s.recv(1 << 20)
        except OSError:
            return b""


def error(state, message):
    body = b"SERROR\0C%s\0M%s\0\0" % (state.encode(), message.encode())
    return b"E" + struct.pack(">I", len(body) + 4) + body + b"Z" + struct.pack(">I", 5) + b"I"
