"""Logs as files: zipped archives, and saved answers of RFC 6962 logs beside their signed head."""
import gzip
import os
import struct
import sys
import zipfile

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
import harness  # noqa: E402
from ctcase import base, ca_der, count, leaves, log_row, mixed  # noqa: E402
from harness import check, equal  # noqa: E402

LIMIT = 64 << 20  # of a tile


def a_log(t, n=400, **more):
    return ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), n)), True, **more)


def state(t):
    """All that is said of the one log and of its leaves, without where and when it was read."""
    row = log_row(t)
    for name in "url", "read_at", "per_second":
        row.pop(name, None)
    return count(t), row, sorted(t.ok("leaves", "Alder TLS CA 1", "--format", "csv").out.splitlines())


def imported(t, *paths, more=()):
    """The state of a new index after an import."""
    base(t)
    t.ok("import", "--quiet", *more, *paths)
    found = state(t)
    os.remove(t.db)
    return found


def split(files):
    """The files of two zips: each with half of the tiles and all of the rest, as archives are cut."""
    data = sorted(name for name in files if name.startswith("tile/data/"))
    first, last = data[:len(data) // 2], data[len(data) // 2:]
    return [{name: body for name, body in files.items() if name not in other} for other in (last, first)]


def test_an_archive_gives_zipped_what_it_gives_unzipped(t):
    log = a_log(t)
    folder = os.path.join(t.dir, "folder")
    log.lay_out(folder)
    wanted = imported(t, folder)
    equal((wanted[0]["issued"], wanted[1]["counted"], wanted[1]["unverified"]), (400, log.size, False))
    files = log.files(hashes=True)
    squeezed = {name: gzip.compress(data) if name.startswith("tile/data") else data for name, data in files.items()}
    for number, (held, how) in enumerate([(files, {}), (files, {"method": zipfile.ZIP_STORED}), (files, {"zip64": True}),
                                          (files, {"hole": 5 << 30}),
                                          (squeezed, {"method": zipfile.ZIP_STORED}), (squeezed, {})]):
        one = ctlog.zip_up(os.path.join(t.dir, "one%d" % number, "log.zip"), held, **how)
        equal(imported(t, one), wanted, "one zip %r" % how)
        equal(imported(t, os.path.dirname(one)), wanted, "a folder with one zip %r" % how)
        many = os.path.join(t.dir, "many%d" % number)
        for i, part in enumerate(split(held)):
            ctlog.zip_up(os.path.join(many, "%03d.zip" % i), part, **how)
        equal(imported(t, many), wanted, "a folder of zips %r" % how)
        equal(imported(t, os.path.join(many, "000.zip"), os.path.join(many, "001.zip")), wanted, "zips that are named %r" % how)


def test_an_rfc6962_log_that_was_archived_as_tiles_is_read(t):
    log = a_log(t)
    log.numbered = False
    folder = os.path.join(t.dir, "folder")
    log.lay_out(folder, issuers=False)
    wanted = imported(t, folder)
    equal((wanted[1]["counted"], wanted[1]["unverified"], wanted[1]["expiry_from"]), (log.size, False, "2020-01-01T00:00:00Z"))
    check(wanted[0]["issued"] > 0, wanted[0])
    equal(imported(t, ctlog.zip_up(os.path.join(t.dir, "a.zip"), log.files(issuers=False))), wanted)
    base(t)
    described = log.described("https://%s/" % log.origin)
    described["url"] = described.pop("monitoring_url")
    del described["submission_url"]
    t.ok("import", "--quiet", t.write("list.json", ctlog.log_list(described)))
    os.remove(os.path.join(folder, "log.v3.json"))
    t.ok("import", "--quiet", folder)
    equal([row["counted"] for row in t.ok("sources", "ct", "--format", "json").json()], [log.size], "its key is in the list")


def test_an_archive_is_fetched_from_where_its_zips_lie(t):
    log = a_log(t)
    folder = os.path.join(t.dir, "a folder")
    for i, part in enumerate(split(log.files())):
        ctlog.zip_up(os.path.join(folder, "%03d.zip" % i), part)
    one = ctlog.zip_up(os.path.join(t.dir, "log.zip"), log.files())
    url = "file://" + folder.replace(" ", "%20") + "/"
    by_list = t.write("list.json", ctlog.log_list(log.described(url)))
    found = []
    for words in (["--log", url], ["--log", url[:-1]], ["--log", "file://" + one], ["--url", "ct=file://" + by_list, "--force"]):
        base(t)
        r = t.run("fetch", "ct", *words)
        equal(r.code, 0, r.err)
        found.append(state(t))
        os.remove(t.db)
    equal([(counts["issued"], row["counted"], row["unverified"], rows == found[0][2]) for counts, row, rows in found],
          [(400, log.size, False, True)] * 4)


def test_names_are_read_again_out_of_a_zip(t):
    log = a_log(t)
    one = ctlog.zip_up(os.path.join(t.dir, "log.zip"), log.files())
    base(t)
    t.write("config/canopy/config", "names-limit = 10\n")
    r = t.run("fetch", "ct", "--log", "file://" + one)
    equal(r.code, 0, r.err)
    rows = t.run("leaves", "Alder TLS CA 1", "--format", "json").json()
    equal(len({row["serial"] for row in rows}), 400)
    check(all("fictional.example" in row["names"] for row in rows), rows[:2])


def test_a_part_of_an_archive_counts_and_the_rest_is_missed(t):
    log = a_log(t, 600)
    first, last = split(log.files(hashes=True))
    folder = os.path.join(t.dir, "archive")
    size = 256 * sum(name.startswith("tile/data/") for name in first)
    base(t)
    ctlog.zip_up(os.path.join(folder, "000.zip"), first)
    t.fails(3, "import", "--quiet", folder, says=[folder, "entries from %d on" % size, "not there"])
    equal((log_row(t)["counted"], log_row(t)["unverified"]), (size, False))
    t.fails(3, "import", "--quiet", folder, says="entries from %d on" % size)
    equal(log_row(t)["counted"], size)
    ctlog.zip_up(os.path.join(folder, "001.zip"), last)
    t.ok("import", "--quiet", folder)
    equal((count(t)["issued"], log_row(t)["counted"]), (600, log.size))


def test_a_part_without_hash_tiles_is_not_proven_and_does_not_count(t):
    log = a_log(t, 600)
    first, _ = split(log.files())
    one = ctlog.zip_up(os.path.join(t.dir, "000.zip"), first)
    base(t)
    t.fails(3, "import", "--quiet", one, says=["entries from", "not there"])
    equal((log_row(t)["counted"], count(t)["coverage"]), (0, "none"))


def test_zipped_tiles_without_a_head_need_to_be_asked_for(t):
    log = a_log(t, 300)
    one = ctlog.zip_up(os.path.join(t.dir, "log.zip"), log.files(checkpoint=False))
    base(t)
    t.fails(3, "import", "--quiet", one, says=["log.zip", "without a checkpoint", "--unverified"])
    t.ok("import", "--quiet", "--unverified", one)
    equal((count(t)["issued"], log_row(t)["unverified"]), (300, True))
    t.ok("import", "--quiet", "--unverified", one)
    equal(count(t)["issued"], 300)
    os.remove(t.db)
    folder = os.path.join(t.dir, "both")
    log.lay_out(folder, checkpoint=False)
    ctlog.zip_up(os.path.join(folder, "000.zip"), log.files(checkpoint=False))
    base(t)
    r = t.run("import", "--unverified", folder)
    check("2 files, %d records" % (log.size + 1) in r.err, r.err)  # the issuer is a certificate
    equal(count(t)["issued"], 300, "tiles that lie in a zip as well are read once")


def test_a_zip_lies_like_a_folder(t):
    log = a_log(t)
    changed = dict(log.files())
    changed["tile/data/000"] = changed["tile/data/000"][:7] + bytes([changed["tile/data/000"][7] ^ 1]) + changed["tile/data/000"][8:]
    for number, (files, says) in enumerate([
            (changed, "are not those of the tree"),
            ({**log.files(), "checkpoint": log.checkpoint(break_signature=True)}, "signature does not verify"),
            ({**log.files(), "checkpoint": log.checkpoint(tree=bytes(32))}, "are not those of the tree")]):
        messages = []
        for form in "folder", "zip":
            path = os.path.join(t.dir, "%s%d" % (form, number))
            if form == "zip":
                ctlog.zip_up(path, files)
            else:
                for name, data in files.items():
                    t.write(os.path.join(path, name), data)
            base(t)
            messages.append(t.fails(3, "import", "--quiet", path, says=says).err.replace(path, ""))
            equal((count(t)["coverage"], log_row(t)["counted"]), ("none", 0))
            os.remove(t.db)
        equal(messages[0], messages[1])


def patched(path, *changes):
    """Bytes of a zip changed: (what, which of its places or None for all, offset from it, new bytes)."""
    with open(path, "rb") as f:
        data = bytearray(f.read())
    for what, which, offset, new in changes:
        at, places = data.find(what), []
        while at >= 0:
            places.append(at)
            at = data.find(what, at + 1)
        check(places, what)
        for place in places if which is None else [places[which]]:
            data[place + offset:place + offset + len(new)] = new
    with open(path, "wb") as f:
        f.write(data)
    return path


def cut(path, keep):
    with open(path, "rb") as f:
        data = f.read()
    with open(path, "wb") as f:
        f.write(data[:keep(len(data))])
    return path


def test_hostile_zips_are_refused_with_their_place(t):
    log = a_log(t, 300)
    files = log.files()
    tile, local, central = "tile/data/000", b"PK\3\4", b"PK\1\2"
    order = list(files)
    nth = order.index(tile)

    def made(number, held=files, **how):
        return ctlog.zip_up(os.path.join(t.dir, "%d.zip" % number), held, **how)

    makers = [
        (lambda n: made(n, {**files, tile: bytes(LIMIT + 1)}), [tile, "67108865 bytes", "larger than the maximum"]),
        (lambda n: made(n, {**files, "tile/data/999": bytes(LIMIT + 1)}), ["tile/data/999", "larger than the maximum"]),  # never asked for
        (lambda n: made(n, {**files, "checkpoint": bytes(2 << 20)}), ["checkpoint", "larger than the maximum"]),
        # the zip tells less than there is, and more
        (lambda n: patched(made(n, {**files, tile: bytes(1 << 20)}), (central, nth, 24, struct.pack("<I", 1000))), [tile]),
        (lambda n: patched(made(n), (central, nth, 24, struct.pack("<I", LIMIT))), [tile]),
        (lambda n: made(n, {**files, "tile/../../evil": b"x"}), ["tile/../../evil", "leads out"]),
        (lambda n: made(n, {**files, "..": b"x"}), ["'..'", "leads out"]),
        (lambda n: made(n, {**files, "/etc/evil": b"x"}), ["/etc/evil", "leads out"]),
        (lambda n: made(n, {**files, "a\\..\\evil": b"x"}), ["evil", "leads out"]),
        (lambda n: made(n, {**files, "tile/\x1b[31mred/../..": b"x"}), ["red", "leads out"]),
        (lambda n: made(n, list(files.items()) + [(tile, b"another")]), [tile, "two files of one name"]),
        (lambda n: patched(made(n), (central, nth, 8, b"\1\0"), (local, nth, 6, b"\1\0")), [tile, "encrypted"]),
        (lambda n: made(n, method=zipfile.ZIP_BZIP2), ["tile/data/", "neither stored nor deflated"]),
        (lambda n: cut(made(n), lambda size: size - 30), []),
        (lambda n: cut(made(n), lambda size: size // 2), []),
        (lambda n: cut(made(n), lambda size: 4), []),
        # tiles that are not what their checksums say
        (lambda n: patched(made(n, method=zipfile.ZIP_STORED), (files[tile][:64], 0, 7, b"\x55")), [tile, "CRC"]),
        (lambda n: patched(made(n), (central, nth, 16, b"\1\2\3\4")), [tile, "CRC"]),
        (lambda n: patched(made(n), (tile.encode(), 0, len(tile) + 20, bytes(40))), [tile]),
        # more files than memory is taken for
        (lambda n: patched(made(n, zip64=True), (b"PK\6\6", -1, 24, struct.pack("<QQ", 1 << 40, 1 << 40))), ["1099511627776 files"]),
        (lambda n: patched(made(n, zip64=True), (b"PK\6\7", -1, 8, struct.pack("<Q", 1 << 60))), []),
    ]
    for number, (make, says) in enumerate(makers):
        path = make(number)
        base(t)
        r = t.fails(3, "import", "--quiet", path, says=["%d.zip" % number] + says)
        check("\x1b" not in r.err, r.err)
        equal(count(t)["coverage"], "none", r.err)
        equal([row["counted"] for row in t.ok("sources", "ct", "--format", "json").json() if row["counted"]], [], r.err)
        os.remove(t.db)
    base(t)
    t.ok("import", "--quiet", made(len(makers)))
    equal(count(t)["issued"], 300, "the same without a fault")


def test_a_zip_that_is_no_log_hinders_nothing(t):
    base(t)
    folder = os.path.join(t.dir, "mixture")
    ctlog.zip_up(os.path.join(folder, "letters.zip"), {"letter.txt": b"dear"})
    t.write("mixture/damaged.zip", b"PK\3\4 and no more")
    a_log(t, 300).lay_out(os.path.join(folder, "log"))
    r = t.run("import", folder)
    equal(r.code, 0, r.err)
    check("2 skipped" in r.err, r.err)
    problems = t.ok("sources", "--problems", "--format", "json").out
    for word in "letters.zip", "neither a checkpoint nor data tiles", "damaged.zip":
        check(word in problems, problems)
    equal(count(t)["issued"], 300)
    t.fails(3, "import", "--quiet", os.path.join(folder, "letters.zip"), says="neither a checkpoint nor data tiles")
    t.fails(3, "import", "--quiet", "--store", "mine", os.path.join(folder, "letters.zip"), says="no known kind of file")


# ---- saved answers of RFC 6962 logs ----

def an_rfc_log(t, n=400, listed=True):
    """Also a list that names it beside another one, which belongs into every import."""
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), n)), False)
    other = ctlog.Log(t.dir, "b", [], False)
    named = [other, log] if listed else [other]
    return log, t.write("list.json", ctlog.log_list(*[x.described("https://%s/" % x.origin) for x in named]))


def by_name(t, name="Fictional log a"):
    row, = [row for row in t.ok("sources", "ct", "--format", "json").json() if row["log"] == name]
    return row


def not_counted(t):
    equal(count(t)["issued"] or 0, 0)
    equal([row["counted"] for row in t.ok("sources", "ct", "--format", "json").json() if row["counted"]], [])


def test_saved_pages_are_proven_by_the_head_beside_them(t):
    log, listed = an_rfc_log(t)
    with ctlog.Server(log) as s:
        base(t)
        equal(t.run("fetch", "ct", "--url", "ct=file://" + t.write("l.json", ctlog.log_list(log.described(s.url))), "--force").code, 0)
        wanted = count(t)["issued"], by_name(t)["counted"], by_name(t)["unverified"]
        os.remove(t.db)
    equal(wanted, (400, log.size, False))
    for number, how in enumerate([{}, {"step": 256}, {"step": 10000}, {"head": "get-sth"}, {"form": "get-entries?start=%d&end=%d"},
                                  {"form": "get-entries_start_%d_end_%d"}, {"form": "2026-05-28 page %d.json", "step": 40}, {"form": "log2026h1-%d-%d"},
                                  {"form": "%03d.start"}, {"form": "page%03d", "step": 7}]):
        folder = log.save(os.path.join(t.dir, "saved%d" % number), **how)
        base(t)
        t.ok("import", "--quiet", folder, listed)
        equal((count(t)["issued"], by_name(t)["counted"], by_name(t)["unverified"], by_name(t)["error"]), wanted + (None,), how)
        r = t.run("import", folder)
        equal(r.code, 0, r.err)
        check("nothing changed" in r.err, r.err)
        equal(count(t)["issued"], 400)
        os.remove(t.db)
    base(t)
    files = sorted(os.path.join(t.dir, "saved0", name) for name in os.listdir(os.path.join(t.dir, "saved0")))
    t.ok("import", "--quiet", listed, *files)
    equal((count(t)["issued"], by_name(t)["counted"]), wanted[:2], "files that are named")
    os.remove(t.db)
    base(t)
    t.ok("import", "--quiet", listed, folder, os.path.join(folder, "page003"))
    equal((count(t)["issued"], by_name(t)["counted"]), wanted[:2], "a page that is given twice")


def test_a_saved_head_is_believed_only_by_its_logs_key(t):
    log, listed = an_rfc_log(t)
    wrong = log.save(os.path.join(t.dir, "wrong"), break_signature=True)
    base(t)
    says = [wrong + "'", "get-sth.json", "no key of a known log", "--unverified"]
    t.fails(3, "import", "--quiet", wrong, listed, says=says)
    not_counted(t)
    good = log.save(os.path.join(t.dir, "good"))
    os.remove(t.db)
    base(t)
    t.fails(3, "import", "--quiet", good, says=says[1:])
    not_counted(t)
    t.ok("import", "--quiet", "--unverified", good)
    row, = t.ok("sources", "ct", "--format", "json").json()
    equal((count(t)["issued"], row["unverified"]), (400, True))
    os.remove(t.db)
    base(t)
    t.ok("import", "--quiet", listed)
    t.ok("import", "--quiet", good)
    equal((count(t)["issued"], by_name(t)["unverified"]), (400, False), "the list was there before")


def test_a_log_that_describes_itself_beside_its_pages_must_have_signed_them(t):
    log, _ = an_rfc_log(t)
    own = log.described("https://%s/" % log.origin)
    other = ctlog.Log(t.dir, "c", [], False)
    folder = log.save(os.path.join(t.dir, "of another"))
    t.write(os.path.join(folder, "log.v3.json"), ctlog.json.dumps(other.described("https://%s/" % other.origin)))
    base(t)
    t.fails(3, "import", "--quiet", folder, t.write("list.json", ctlog.log_list(own)), says="signature does not verify with the log's key")
    not_counted(t)
    os.remove(t.db)
    for how, more in ({}, []), ({"break_signature": True}, []), ({"break_signature": True}, ["--unverified"]):
        folder = log.save(os.path.join(t.dir, "saved%d" % len(how)), **how)
        t.write(os.path.join(folder, "log.v3.json"), ctlog.json.dumps(own))
        base(t)
        if how:
            t.fails(3, "import", "--quiet", *more, folder, says=["signature does not verify with the log's key", "evidence"])
            not_counted(t)
        else:
            t.ok("import", "--quiet", folder)
            equal((count(t)["issued"], by_name(t)["counted"], by_name(t)["unverified"]), (400, log.size, False))
        os.remove(t.db)


def test_pages_that_are_not_those_of_the_head_are_refused(t):
    log, listed = an_rfc_log(t)
    says = ["are not those of the tree of %d entries" % log.size, "evidence"]
    for more in [], ["--unverified"]:
        base(t)
        folder = log.save(os.path.join(t.dir, "root"), tree=bytes(32))
        t.fails(3, "import", "--quiet", *more, folder, listed, says=[folder] + says)
        not_counted(t)
        os.remove(t.db)
    for change in log.page(0, 99), log.page(101, 200), log.page(100, 198):
        folder = log.save(os.path.join(t.dir, "page"))
        t.write(os.path.join(folder, "get-entries-100-199.json"), change)
        base(t)
        r = t.fails(3, "import", "--quiet", folder, listed, says=folder)
        check(says[0] in r.err or "entries 199 to 199, before 'get-entries-200-299.json', are in no page" in r.err, r.err)
        not_counted(t)
        os.remove(t.db)


def test_pages_that_do_not_fill_the_heads_tree_count_only_when_asked_for(t):
    log, listed = an_rfc_log(t)
    folder = log.save(os.path.join(t.dir, "saved"))
    last = "get-entries-500-%d.json" % (log.size - 1)
    os.rename(os.path.join(folder, last), os.path.join(t.dir, last))
    base(t)
    t.fails(3, "import", "--quiet", folder, listed, says=[folder, "hold 500 of the %d entries" % log.size, "--unverified"])
    not_counted(t)
    os.rename(os.path.join(t.dir, last), os.path.join(folder, last))
    t.ok("import", "--quiet", folder)
    equal((count(t)["issued"], by_name(t)["counted"], by_name(t)["unverified"]), (400, log.size, False), "the rest came")
    os.remove(t.db)
    os.rename(os.path.join(folder, last), os.path.join(t.dir, last))
    base(t)
    t.ok("import", "--quiet", "--unverified", folder, listed)
    check(0 < count(t)["issued"] <= 400, count(t))
    equal(by_name(t)["unverified"], True)
    os.remove(t.db)
    os.remove(os.path.join(folder, "get-entries-100-199.json"))
    base(t)
    gap = "entries 100 to 199, before 'get-entries-200-299.json', are in no page"
    t.fails(3, "import", "--quiet", folder, listed, says=[folder, gap])
    not_counted(t)
    r = t.run("import", "--unverified", folder)
    equal(r.code, 0, r.err)
    check(gap in r.err and "one by one" in r.err, r.err)
    check(count(t)["issued"] > 200, count(t))
    os.remove(t.db)
    folder = log.save(os.path.join(t.dir, "download"), form="get-entries?start=%d&end=%d")
    os.remove(os.path.join(folder, "get-entries?start=100&end=199"))
    base(t)
    t.fails(3, "import", "--quiet", folder, listed, says="entries 100 to 199, before 'get-entries?start=200&end=299', are in no page")


def test_entries_behind_a_saved_head_are_not_read(t):
    log, listed = an_rfc_log(t)
    folder = log.save(os.path.join(t.dir, "saved"), size=250)
    base(t)
    r = t.run("import", folder, listed)
    equal(r.code, 0, r.err)
    check("more entries than its head signs" in r.err, r.err)
    equal((by_name(t)["counted"], by_name(t)["size"], by_name(t)["unverified"]), (250, 250, False))
    t.write(os.path.join(folder, "get-sth.newer.json"), log.sth())
    t.ok("import", "--quiet", folder)
    equal((count(t)["issued"], by_name(t)["counted"], by_name(t)["unverified"]), (400, log.size, False), "the larger head counts")
    t.write(os.path.join(folder, "get-sth.other.json"), log.sth(tree=bytes(32)))
    t.fails(3, "import", "--quiet", folder, says=["get-sth.newer.json", "get-sth.other.json", "two different trees of one size"])
    equal(by_name(t)["counted"], log.size, "what was proven stays")


def test_a_head_without_pages_and_pages_without_a_head_prove_nothing(t):
    log, listed = an_rfc_log(t, 60)
    head = log.save(os.path.join(t.dir, "head"), step=1000)
    pages = log.save(os.path.join(t.dir, "pages"), step=1000, head=None)
    os.remove(os.path.join(head, "get-entries-0-%d.json" % (log.size - 1)))
    base(t)
    t.fails(3, "import", "--quiet", listed, os.path.join(head, "get-sth.json"), says=["get-sth.json", "without entries"])
    t.fails(3, "import", "--quiet", listed, os.path.join(pages, os.listdir(pages)[0]), says=["without its signed head", "--unverified"])
    r = t.run("import", listed, head, pages)
    equal(r.code, 0, r.err)
    check("2 skipped" in r.err, r.err)
    not_counted(t)


def test_the_real_sample_is_signed_by_nobody(t):
    data = os.environ.get("CANOPY_DATA") or os.path.join(os.path.dirname(__file__), "../../../shared/data")
    files = [os.path.join(data, "ct", name) for name in ("FourEntries.json", "FourEntrySTH.json")]
    if not os.path.isfile(files[1]):
        return
    t.db = os.path.join(t.dir, "c.db")
    t.fails(3, "import", "--quiet", *files, says=["FourEntrySTH.json", "no key of a known log", "--unverified"])
    r = t.run("import", "--quiet", "--unverified", *files)
    equal(r.code, 0, r.err)
    equal(sum(row["issued"] or 0 for row in t.run("counts", "--format", "json").json()), 4)
    equal([row["unverified"] for row in t.run("sources", "ct", "--format", "json").json()], [True])


harness.main()
