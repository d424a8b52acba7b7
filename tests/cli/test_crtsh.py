"""Counters of crt.sh, out of a database of the test's own."""
import csv
import os
import sys

sys.dont_write_bytecode = True
import harness  # noqa: E402
from crtshdb import Database, Proxy, key_hash, name_text  # noqa: E402
from harness import check, equal  # noqa: E402


def documents(t):
    with open(os.path.join(t.dir, "cache", "canopy", "crtsh", "counters.csv"), newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def fetch(t, database, *more, port=None, code=0):
    r = t.run("fetch", "crtsh", "--url", "crtsh=" + database.url(port), *more)
    equal(r.code, code, r.err)
    return r


if __name__ == "__main__":
    with Database() as d:
        print(d.sql("select count(*) from ca"))
        d.sql("create table x as select 1")
