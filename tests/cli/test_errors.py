"""Bad arguments and files: one clear line that names them, the contract's exit code, nothing on stdout."""
import contextlib
import os
import pty
import shutil
import sqlite3
import subprocess
import sys

sys.dont_write_bytecode = True
from harness import Skip, check, clean, equal, main  # noqa: E402

NOBODY = 65534
READERS = ["counts", "tree", "impact", "sources", "check"]


def test_an_unknown_command_is_named_with_the_nearest(t):
    t.fails(2, "countz", says=["'countz'", "'counts'"])
    t.fails(2, "xyzzy-nothing", says="'xyzzy-nothing'")
    t.fails(2, "help", "impakt", says=["'impakt'", "'impact'"])
    t.fails(2, "", says="''")


def test_an_unknown_option_is_named_with_the_nearest(t):
    t.fails(2, "counts", "--formt", "csv", says=["'--formt'", "'--format'"])
    t.fails(2, "counts", "-x", says="'-x'")
    t.fails(2, "--frobnicate", says="'--frobnicate'")


def test_options_come_after_the_command(t):
    t.fails(2, "--db", "x.db", "counts", says=["options come after the command", "counts"])
    t.fails(2, "--db", "x.db", "counts", "--format", "csv", says=["options come after the command", "counts"])


def test_only_options_that_a_command_uses_are_accepted(t):
    for args in [["sources", "--as-of", "2026-01-01"], ["demo", "--db", "x"], ["tree", "--mark", "x=block"],
                 ["import", "--program", "mozilla", "x"], ["sources", "--chrome-version", "1"], ["browse", "--format", "csv"], ["counts", "--store", "x"]]:
        t.fails(2, *args, says="unknown option")


def test_bad_values_are_named(t):
    for day in ["2026-13-01", "2026-02-30", "26-01-01", "today", "", "2026-1-1", "2026-01-01 "]:
        t.fails(2, "counts", "--as-of", day, says=["'%s'" % day, "'--as-of'"])
    t.fails(2, "counts", "--format", "xml", says=["'xml'", "'--format'"])
    t.fails(2, "counts", "--format", "", says="'--format'")
    t.fails(2, "impact", "--purpose", "code", says="'code'")
    t.fails(2, "impact", "--revocation", "some", says="'some'")
    t.fails(2, "counts", "--as-of", says=["'--as-of'", "value"])
    t.fails(2, "counts", "--subtree=yes", says="'--subtree'")
    t.fails(2, "counts", "--db", "", says="--db")
    t.fails(2, "counts", "--by", "colour", says=["'colour'", "'--by'"])
    for value in ["0", "x", "-1", "4294967295", "99999999999999999999"]:
        t.fails(2, "tree", "--chrome-version", value, says=["'%s'" % value, "--chrome-version"])
    t.fails(2, "check", "--kind", "cycl", says=["'cycl'", "'cycle'"])
    t.fails(2, "check", "--kind", "\033[31m", says="canopy check --help")


def test_operands_that_are_missing_or_too_many_are_told(t):
    t.fails(2, "show", says="REF")
    t.fails(2, "show", "a", "b", says="'b'")
    t.fails(2, "sources", "x", says="'x'")
    t.fails(2, "impact", "x", says="'x'")


def test_a_missing_index_is_named(t):
    for command in READERS:
        t.fails(5, command, "--db", "nowhere/x.db", says="'nowhere/x.db'")
    t.fails(5, "show", "x", "--db", "nowhere/x.db", says="'nowhere/x.db'")
    equal(os.path.exists(os.path.join(t.dir, "nowhere")), False)


def test_a_missing_default_index_says_how_to_make_one(t):
    r = t.fails(5, "counts", CANOPY_DB=None, says=["canopy fetch", "canopy import"])
    check(os.path.join(t.dir, "data", "canopy", "canopy.db") in r.err, r.err)


def test_the_environment_names_the_index(t):
    t.fails(5, "counts", CANOPY_DB="other.db", says="'other.db'")


def test_what_is_no_index_is_refused(t):
    path = t.write("letter.txt", "Dear all,\n" * 500)
    for command in READERS:
        t.fails(5, command, "--db", path, says="letter.txt")
    t.fails(5, "counts", "--db", t.dir, says=t.dir)
    with open(path) as f:
        equal(f.read(), "Dear all,\n" * 500)


def browsed(t, db):
    """What the browser says of an index that it cannot open: its exit code, and all that the terminal gets."""
    master, slave = pty.openpty()
    run = subprocess.Popen([t.canopy, "browse", "--db", db], stdin=slave, stdout=slave, stderr=slave, env=t.env(TERM="xterm"), cwd=t.dir)
    os.close(slave)
    told = b""
    with contextlib.suppress(OSError):  # the last one closed the terminal
        while part := os.read(master, 65536):
            told += part
    os.close(master)
    return run.wait(timeout=60), told.decode()


def no_indexes(t):
    """Each file that is no index, and what is said of it."""
    future, pipe = os.path.join(t.dir, "future.db"), os.path.join(t.dir, "pipe.db")
    shutil.copy(t.db, future)
    with contextlib.closing(sqlite3.connect(future)) as db:
        db.execute("PRAGMA user_version = 99")
        db.commit()
    os.mkfifo(pipe)
    os.mkdir(os.path.join(t.dir, "folder"))
    return [(os.path.join(t.dir, "folder"), "is a folder, not an index"), (future, "has version 99"), (pipe, "is no regular file"),
            (t.write("text.db", "no database, but long enough to be looked at as one\n" * 20), "is not a database")]


def test_what_is_no_index_is_told_in_one_clear_line_by_every_command(t):
    report = t.path("ccadb", "AllCertificatePEMsCSVFormat_NotBeforeYear_2020.csv")
    asked = [[c] for c in READERS] + [["show", "Cedar TLS CA"], ["leaves", "Cedar TLS CA"], ["scenario", "list"], ["export", "dot"],
                                      ["index", "--rebuild"], ["import", report], ["scenario", "save", "cut", "--mark", "Cedar TLS CA=block"]]
    for path, says in no_indexes(t):
        for args in asked:
            t.fails(5, *args, "--db", path, says=["'%s'" % path, says])
        code, told = browsed(t, path)
        equal((code, told.count("\n")), (5, 1), told)
        check(told.startswith("canopy: ") and says in told, told)
    empty = t.write("empty.db", "")
    t.fails(5, "counts", "--db", empty, says="is empty: fetch or import into it")
    code, told = browsed(t, empty)
    check(code == 5 and "is empty: fetch or import into it" in told, told)


def test_an_index_that_may_not_be_read_says_why(t):
    if os.geteuid() != 0:
        raise Skip("needs root, to be somebody else")
    db = os.path.join(t.dir, "locked.db")
    shutil.copy(t.db, db)
    os.chmod(db, 0)
    folder = t.dir
    while folder != "/tmp" and folder != "/":  # so that another user comes this far
        os.chmod(folder, 0o755)
        folder = os.path.dirname(folder)
    os.chmod(t.dir, 0o777)
    for args in [["counts"], ["scenario", "list"], ["index", "--rebuild"], ["import", t.path("ccadb")]]:
        run = subprocess.run([t.canopy, *args, "--db", db], capture_output=True, env=t.env(), cwd="/", user=NOBODY, timeout=60)
        equal((run.returncode, run.stdout), (5, b""))
        equal(run.stderr.decode(), "canopy: cannot open index '%s': permission denied\n" % db)


def test_an_unknown_ref_is_named(t):
    for ref in ["nothing of this name", "00" * 32, "ski:" + "00" * 20, "spki:" + "00" * 32, "owner:nobody", "crtsh:1"]:
        for command in ["counts", "tree", "show", "leaves", "check"]:
            r = t.run(command, ref)
            equal((r.code, r.out), (2, ""), command + " " + ref)
            check("'%s'" % ref in r.err, r.err)
    t.fails(2, "impact", "--exempt", "nothing of this name", says="'nothing of this name'")
    t.fails(2, "impact", "--assume", "nothing of this name", says="'nothing of this name'")
    t.fails(2, "counts", "", says="empty REF")


def test_an_ambiguous_ref_lists_its_candidates_one_a_line(t):
    for command in ["counts", "tree", "show", "leaves"]:
        r = t.run(command, "Alder Rollover CA")
        equal((r.code, r.out), (2, ""), command)
        lines = r.err.splitlines()
        equal(len(lines), 3, r.err)
        check("'Alder Rollover CA'" in lines[0] and "ambiguous" in lines[0], lines[0])
        for nick in ["alder-roll", "alder-roll-new"]:
            equal(sum(t.ca(nick) in line for line in lines[1:]), 1, nick)


def test_candidates_are_clean_and_short(t):
    r = t.run("show", "owner:Ginkgo Research (fictional)")
    equal(r.code, 2)
    clean(r.err)
    check(max(map(len, r.err.splitlines())) <= 200, "a candidate is too long")


def test_hostile_arguments_are_cleaned_in_messages(t):
    for hostile in ["\033]0;title\007", "\u202egnp", "a\nb", "\x7f\x9b2J"]:
        for args in [[hostile], ["counts", hostile], ["counts", "--" + hostile], ["counts", "--db", hostile],
                     ["impact", "--mark", hostile + "=block"], ["import", hostile], ["help", hostile]]:
            r = t.run(*args)
            check(r.code in (2, 3, 5), r.code)
            equal(len(r.err.splitlines()), 1, r.err)
            clean(r.err)


def test_a_program_without_a_store_is_bad_usage(t):
    for args in [["counts"], ["tree"], ["tree", "Cedar TLS CA"], ["impact"], ["show", "Cedar TLS CA"]]:
        t.fails(2, *args, "--program", "nope", says=["'nope'", "no store"])


def test_options_that_exclude_each_other_are_told(t):
    t.fails(2, "counts", "--purpose", "tls", says="'--program'")
    t.fails(2, "tree", "--all", "--program", "mozilla", says="'--all'")
    for by in ["root", "owner", "program"]:
        t.fails(2, "counts", "--subtree", "--by", by, says=["'--subtree'", by])
    t.fails(2, "counts", "--by", "owner", "--purpose", "tls", says="'--program'")
    t.fails(2, "help", "counts", "--completion", says="'--completion'")


def test_the_browser_needs_a_terminal(t):
    t.fails(2, says="terminal")
    t.fails(2, "browse", says="terminal")


if __name__ == "__main__":
    main()
