"""A disk that is full, at each of many moments: what is said, that the index stays sound, and that the next run mends all."""
import hashlib
import os
import resource
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
import harness  # noqa: E402
from ctlog import Leaf, final_entry, precert_entry  # noqa: E402
from disk import Folder, Server, read_record  # noqa: E402
from harness import check, equal  # noqa: E402

KILLS = 40  # at most, over one run
POINTS = 9  # of each command, with a small and with a large memory
SAYS = ("disk is full", "no space left on device", "unable to open database file")  # the last: it cannot be made
ASKED = [("counts", "--subtree", "--sites", "--as-of", "2026-06-01", "--format", "csv"),
         ("leaves", "Alder TLS CA 1", "--format", "csv")]


def ca_der(t):
    for name in os.listdir(t.path("ccadb")):
        for der in ctlog.pem_blocks(t.path("ccadb", name)):
            if hashlib.sha256(der).hexdigest() == t.cert("alder-tls-1"):
                return der
    raise AssertionError("the world has no such CA")


def logs(t):
    """Two servers whose leaves are partly the same, and the command that reads both."""
    ca = ca_der(t)
    some = [Leaf(ca, 1000 + i) for i in range(700)]
    servers = [Server(ctlog.Log(t.dir, "a", [precert_entry(leaf) for leaf in some[:400]] + [final_entry(leaf) for leaf in some[300:400]], True)),
               Server(ctlog.Log(t.dir, "b", [final_entry(leaf) for leaf in some[200:]], False))]
    path = t.write("list.json", ctlog.log_list(*(s.log.described(s.url) for s in servers)))
    return ["fetch", "ct", "--url", "ct=file://" + path, "--force"]


def answers(folder):
    size, = folder.ok("index", "--format", "json").json()
    return [[size["sha256"], size["leaves"]]] + [sorted(folder.run(*words).out.split("\n")) for words in ASKED]


def same(got, wanted, what):
    for a, b in zip(got, wanted):
        if a != b:
            equal([x for x in a if x not in b], [x for x in b if x not in a], what)


def one_failure(folder, command, wanted, after, **disk):
    what = "%s, full after %d steps %s" % (" ".join(command[:2]), after, disk)
    r = folder.run(*command, full_after=after, **disk)
    lines = r.err.splitlines()
    check(all(line.startswith("canopy: ") for line in lines), what + ": " + r.err)
    folder.check_sound(what)
    if r.code == 0:  # what failed did not matter
        same(answers(folder), wanted, what)
        return 0
    check(r.code in (4, 5) and lines, "%s: %d %s" % (what, r.code, r.err))
    told = [line for line in lines if any(s in line.lower() for s in SAYS)]
    check(told and all(folder.path in line for line in told), what + ": " + r.err)
    folder.ok(*command)
    same(answers(folder), wanted, what)
    return 1


def sweep(t, folder, command, first=0):
    """All over the run, and at each of its first steps."""
    start, record = folder.saved("start"), os.path.join(t.dir, "record")
    failed = 0
    for pages in 10, 2000:
        folder.ok(*command, record=record, pages=pages)
        wanted, steps = answers(folder), len(read_record(record))
        os.unlink(record)
        for i, after in enumerate([i * steps // POINTS for i in range(POINTS)] + list(range(first) if pages > 10 else [])):
            folder.become(start)
            more = {"full_for": 1} if i >= POINTS else {} if i % 3 else {"full_for": 2}
            failed += one_failure(folder, command, wanted, after, pages=pages, **more)
        folder.become(start)
    shutil.rmtree(start)
    check(failed > POINTS, "%d failures only" % failed)


def test_logs_are_read_when_the_disk_has_room_again(t):
    folder = Folder(t)
    folder.ok("import", "--quiet", t.path("ccadb"), t.write("r.csv", "3,host1001.fictional.example\n4,x.example\n"))
    sweep(t, folder, logs(t), first=15)


def test_files_are_imported_when_the_disk_has_room_again(t):
    folder = Folder(t)
    archive = os.path.join(t.dir, "archive")
    ctlog.Log(t.dir, "c", [final_entry(Leaf(ca_der(t), 5000 + i)) for i in range(300)], True).lay_out(archive)
    folder.ok("import", "--quiet", t.path("ccadb"))
    sweep(t, folder, ["import", t.path("leaves"), t.path("mozilla"), t.path("crl"), t.path("onecrl"), archive])


def test_a_first_import_may_find_no_room(t):
    sweep(t, Folder(t), ["import", t.path("ccadb")])


def documents(t):
    """A fetch of what replaces something, is new, and is unpacked; of files, so that it is asked for again each time."""
    for name in "certdata.2026-05-15.txt", "onecrl.2026-05-25.json":
        shutil.copy(t.path(name.split(".")[0].replace("certdata", "mozilla"), name), os.path.join(t.dir, "now." + name.split(".")[-1]))
    return ["fetch", "mozilla", "onecrl", "tranco", "--url", "mozilla=file://" + os.path.join(t.dir, "now.txt"), "--url",
            "onecrl=file://" + os.path.join(t.dir, "now.json"), "--url", "tranco=file://" + t.write("r.csv", "3,a.example\n4,b.example\n9,c.example\n")]


def test_documents_are_fetched_when_the_disk_has_room_again(t):
    folder = Folder(t)
    folder.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))
    sweep(t, folder, documents(t), first=20)


def test_a_fetch_that_is_killed_leaves_the_index_as_before_or_complete(t):
    folder, record, command = Folder(t), os.path.join(t.dir, "record"), documents(t)
    folder.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))
    start, before = folder.saved("start"), answers(folder)[0]
    folder.ok(*command, record=record)
    wanted, steps = answers(folder), len(read_record(record))
    check(steps > 40, steps)
    seen = set()
    for after in range(0, steps, max(1, steps // KILLS)):
        folder.become(start)
        equal(folder.run(*command, dead_after=after).code, -9, after)
        folder.check_sound(after)
        seen.add(answers(folder)[0][0])
        folder.ok(*command)
        same(answers(folder), wanted, after)
    check(before[0] in seen and 2 <= len(seen) <= 4, seen)  # nothing, or one source after the other


def test_an_index_is_compacted_when_the_disk_has_room_again(t):
    folder, command = Folder(t), logs(t)
    folder.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))
    for last in "100", "300", "900":
        folder.ok(*command, "--to", last)
    sweep(t, folder, ["index", "--compact"])
    sweep(t, folder, ["index", "--rebuild"])


def test_a_full_disk_can_still_be_read(t):
    folder = Folder(t)
    folder.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))
    start, wanted = folder.saved("start"), folder.ok(*ASKED[0]).out
    for after in range(6):
        folder.become(start)
        equal(folder.ok(*ASKED[0], full_after=after).out, wanted, after)


def test_a_limit_of_file_sizes_is_told_like_a_full_disk(t):
    folder = Folder(t)
    folder.ok("import", "--quiet", t.path("ccadb"))
    start, command = folder.saved("start"), ["import", t.path("leaves"), t.path("crl")]
    folder.ok(*command)
    wanted = answers(folder)
    for kilobytes in 0, 64, 300:
        folder.become(start)
        run = subprocess.run([t.canopy, *command], env=t.env(**folder.env()), capture_output=True, text=True, cwd=t.dir,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, resource.RLIM_INFINITY)))
        equal(run.returncode, 5, run.stderr)
        check("file too large" in run.stderr and folder.db in run.stderr, run.stderr)
        folder.check_sound(kilobytes)
        folder.ok(*command)
        same(answers(folder), wanted, kilobytes)


harness.main()
