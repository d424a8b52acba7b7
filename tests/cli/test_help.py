"""Help, the manual page and the parser come from the same rows."""
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
from harness import check, clean, equal, main  # noqa: E402


# Columns of counts --by that are not among those of counts.
COUNTS_BY = ["cas", "cas_counted", "cas_unevaluated", "cas_by_figure", "program", "purpose", "store_date", "anchors", "trusted"]


def commands(t):
    return re.findall(r"^  ([a-z]+)  ", t.ok("help").out, re.M)


def options(t, command):
    return re.findall(r"^  (?:-\w, |    )--([a-z0-9-]+)( \S+)?", t.ok(command, "--help").out, re.M)


def test_the_commands_are_those_of_the_contract(t):
    equal(commands(t), ["browse", "fetch", "import", "tree", "show", "counts", "impact", "leaves", "scenario", "export",
                        "check", "diff", "index", "sources", "demo", "help"])


def test_help_has_three_doors(t):
    equal(t.ok("--help").out, t.ok("help").out)
    equal(t.ok("-h").out, t.ok("help").out)
    for command in commands(t):
        equal(t.ok(command, "--help").out, t.ok("help", command).out, command)


def test_help_needs_no_index(t):
    for command in commands(t):
        t.ok(command, "--help", CANOPY_DB="nowhere.db")


def test_every_listed_option_is_parsed(t):
    for command in commands(t):
        for name, value in options(t, command):
            # what comes behind cannot be parsed: were the option unknown, it would be the one complained of
            value = ["7" if value == " N" else "2026-01-01"] if value else []
            r = t.run(command, "--" + name, *value, "--no-such-option-1")
            equal(r.code, 2, command + " --" + name)
            if "'--no-such-option-1'" not in r.err:
                check("is none of" in r.err, r.err)


def test_the_manual_tells_of_every_command_and_option(t):
    with open(t.manual, encoding="utf-8") as f:
        page = f.read()
    for command in commands(t):
        part = re.search(r"^\.Ss %s\n(.*?)(?=^\.S[sh] |\Z)" % command, page, re.M | re.S)
        check(part, command)
        told = re.findall(r"^\.It(?: Fl \w ,)? Fl \\-(\S+)", part[1], re.M)
        equal([name.replace("\\-", "-") for name in told], [name for name, _ in options(t, command)], command)


def test_the_manual_is_what_the_program_says_now(t):
    with open(t.manual, encoding="utf-8") as f:
        equal(f.read(), t.ok("help", "--roff").out)


def test_the_manual_tells_of_every_column(t):
    with open(t.manual, encoding="utf-8") as f:
        page = f.read()
    for command in [["counts", "--subtree"], ["tree"], ["impact"], ["leaves", "x"], ["sources"], ["fetch", "--list"],
                    ["check"], ["scenario", "list"], ["diff", "--store", "mozilla", "2024-06-30", "2026-05-15"],
                    *[["counts", "--by", by] for by in ["root", "owner", "program"]]]:
        if command[0] == "leaves":
            command[1] = t.ca("cedar-tls")
        for column in t.run(*command, "--format", "csv").header().split(","):
            told = ".It Cm %s\n" % column in page or column in COUNTS_BY and re.search(r"^%s " % column, page, re.M)
            check(told, "%s of %s" % (column, command))


def test_mandoc_finds_nothing(t):
    mandoc = shutil.which("mandoc")
    if not mandoc:
        return
    for args in [["help", "--roff"]] + [["help", c, "--roff"] for c in commands(t)]:
        page = t.write("page.1", t.ok(*args).out)
        run = subprocess.run([mandoc, "-Tlint", "-Wall", page], capture_output=True, text=True)
        found = [line for line in run.stdout.splitlines() if "referenced manual not found" not in line]
        equal(found, [], " ".join(args))


def test_on_a_terminal_a_manual_opens_in_man(t):
    man = t.write("bin/man", "#!/bin/sh\necho \"man $*\"\nhead -n 2\nwhile read -r line; do :; done\n")
    os.chmod(man, 0o755)
    path = os.path.dirname(man) + ":" + os.environ["PATH"]
    equal(t.terminal("help", "counts", PATH=path).splitlines()[0], "man -l -")
    check(".Dt CANOPY-COUNTS 1" in t.terminal("help", "counts", PATH=path))
    equal(t.ok("help", "counts", PATH=path).out.splitlines()[0], "usage: canopy counts [options] [REF…]")


def test_where_there_is_no_man_the_text_is_written(t):
    man = t.write("bin/man", "#!/bin/sh\nexit 1\n")
    for path in [os.path.join(t.dir, "empty"), os.path.dirname(man)]:
        os.chmod(man, 0o755)
        out = t.terminal("help", "counts", PATH=path)
        equal(out.splitlines()[0], "usage: canopy counts [options] [REF…]", path)


def test_texts_fit_a_terminal(t):
    for args in [["help"]] + [["help", c] for c in commands(t)]:
        out = t.ok(*args).out
        clean(out)
        for line in out.splitlines():
            # examples and option values that cannot be broken stay as they are
            check(len(line) <= 79 or line.startswith("    "), line)


def test_exit_codes_are_documented(t):
    out = t.ok("help").out
    for code in "012345":
        check("%s: " % code in out, code)


def test_the_kinds_of_findings_are_listed(t):
    out = t.ok("check", "--help").out
    with open(t.manual, encoding="utf-8") as f:
        page = f.read()
    for kind in ["undisclosed", "ocsp-signing-eku", "revoked-not-everywhere", "unrevoked", "aki-mismatch",
                 "path-len-violated", "sibling-alive", "expired-parent", "sha1-signature", "weak-key", "cycle",
                 "bad-signature", "duplicate-serial", "unparsable"]:
        check(re.search(r"^  %s +[a-z]" % kind, out, re.M | re.I), kind)
        check(".It Cm %s\n" % kind.replace("-", "\\-") in page, kind)


def test_topics_are_parts_of_the_manual(t):
    for topic in ["ref", "output", "sql", "environment", "files", "status", "examples"]:
        out = t.ok("help", topic).out
        check(topic in out.splitlines()[0].lower(), out[:80])
        check(topic in t.ok("help").out, topic)
    t.fails(2, "help", "sqll", says="'sqll'")


def test_the_version_is_told(t):
    check(re.fullmatch(r"canopy \d+\.\d+\.\d+\n", t.ok("--version").out))


if __name__ == "__main__":
    main()
