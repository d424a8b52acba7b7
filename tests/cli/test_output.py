"""What all answers have in common: formats, character sets, colours, write errors."""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
from harness import DAY, HOSTILE, check, clean, equal, main  # noqa: E402

ANSWERS = [["counts"], ["counts", "--subtree"], ["tree"], ["tree", "--all"], ["sources"], ["sources", "--problems"],
           ["impact", "--mark", "Ginkgo Research Root=remove"], ["leaves", "owner:Ginkgo Research (fictional)"],
           ["fetch", "--list"], ["check"], ["counts", "--by", "root"], ["counts", "--by", "owner"],
           ["counts", "--by", "program"], ["check", "owner:Ginkgo Research (fictional)"],
           ["diff", "--store", "mozilla", "2024-06-30", "2026-05-15"]]
FORMATS = ["table", "csv", "json", "ndjson", "md"]


def answers(t, form):
    for args in ANSWERS:
        r = t.run(*args, "--format", form)
        equal(r.code, 1 if args[0] == "check" else 0, r.err)
        yield " ".join(args), r


def test_no_format_holds_a_hostile_character(t):
    for form in FORMATS:
        for name, r in answers(t, form):
            clean(r.out)
            clean(r.err)


def test_the_hostile_names_are_there(t):
    names = [r["name"] for r in t.ok("counts", "--format", "json").json()]
    check(any("\ufffd[31mred" in n for n in names), "the name with an escape sequence")
    check(any("gnp.elpmaxe" in n for n in names), "the name with a bidirectional override")
    check(any(n.startswith("=HYPERLINK") for n in names), "the name that is a formula")


def test_csv_ends_lines_with_lf_and_has_one_header(t):
    for name, r in answers(t, "csv"):
        check("\r" not in r.out, name)
        check(r.out.endswith("\n"), name)
        equal({len(row) for row in r.csv()} - {len(r.header().split(","))}, set(), name)
        check(None not in [k for row in r.csv() for k in row], name)


def test_csv_quotes_a_formula_only_as_csv_requires(t):
    out = t.ok("counts", "--format", "csv").out
    check(',"=HYPERLINK(""http://evil.example"",""+1"")",' in out, "the formula is not as it is")
    check(',"Cedar Sign ""Qualified"" (fictional)",' in out, "quotes are doubled")
    check("Bad Ã( þ printable" in out and '"Elm City CA"' not in out, "quotes where CSV needs none")


def test_ndjson_is_json_without_the_array(t):
    for (name, as_lines), (_, as_json) in zip(answers(t, "ndjson"), answers(t, "json")):
        rows = as_json.json()
        equal(as_lines.ndjson(), rows["cas"] if isinstance(rows, dict) else rows, name)


def test_json_and_csv_have_the_same_names(t):
    for (name, as_csv), (_, as_json) in zip(answers(t, "csv"), answers(t, "json")):
        rows = as_json.json()
        rows = rows["cas"] if isinstance(rows, dict) else rows
        if rows:
            equal(as_csv.header().split(","), list(rows[0]), name)


def test_markdown_tables_have_as_many_cells_in_every_row(t):
    out = t.ok("counts", "--format", "md").out
    widths = {line.replace("\\|", "").count("|") for line in out.splitlines()}
    equal(len(widths), 1, widths)
    check("<" not in out.replace("\\<", ""), "unescaped <")


def test_an_empty_answer_is_an_empty_array(t):
    day = "1970-01-01"
    args = ["counts", "--program", "mozilla", "--as-of", day, "--quiet"]
    equal(t.ok(*args, "--format", "json").json(), [])
    equal(t.ok(*args, "--format", "ndjson").out, "")
    equal(len(t.ok(*args, "--format", "csv").out.splitlines()), 1)


def test_the_same_question_has_the_same_answer(t):
    for form in FORMATS:
        first = [(n, r.out) for n, r in answers(t, form)]
        equal([(n, r.out) for n, r in answers(t, form)], first, form)


def test_escapes_are_for_terminals_that_want_them(t):
    check("\033" in t.terminal("counts", TERM="xterm"), "a heading is set off on a terminal")
    for env in [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}, {"TERM": None}]:
        check("\033" not in t.terminal("counts", **env), env)
    check("\033" not in t.terminal("counts", "--no-color", TERM="xterm"), "--no-color")
    check("\033" in t.terminal("counts", TERM="xterm", NO_COLOR=""), "an empty NO_COLOR is none")
    check("\033" not in t.ok("counts", TERM="xterm").out, "a pipe")


def test_a_terminal_without_utf8_gets_ascii_only(t):
    for args in [["counts"], ["tree", "--as-of", DAY], ["impact"]]:
        check(t.terminal(*args, LC_ALL="C").isascii(), args)


def test_scripts_get_utf8_in_any_locale(t):
    equal(t.ok("counts", "--format", "csv", LC_ALL="C").out, t.ok("counts", "--format", "csv").out)
    check("Élm" in t.ok("counts", "--format", "csv", LC_ALL="C").out)


def test_a_full_disk_is_an_error(t):
    if not os.path.exists("/dev/full"):
        return
    for args in [["counts"], ["help"], ["tree"], ["impact", "--format", "json"], ["--version"]]:
        with open("/dev/full", "wb") as full:
            r = t.run(*args, stdout=full)
        equal(r.code, 5, args)
        check(r.err.startswith("canopy: cannot write to stdout") and len(r.err.splitlines()) == 1, r.err)


def test_a_reader_that_leaves_is_no_noise(t):
    run = subprocess.Popen([t.canopy, "counts"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=t.env(), cwd=t.dir)
    run.stdout.close()
    err = run.stderr.read()
    run.wait()
    run.stderr.close()
    check(run.returncode != 0, "it was noticed")
    equal(err, b"")


def test_json_escapes_what_the_user_gave(t):
    r = t.run("impact", "--as-of", DAY, "--format", "json", "--assume", "Ginkgo Research Root", "--quiet")
    equal(r.code, 0, r.err)
    equal(set(map(ord, r.out)) & set(HOSTILE), set())


if __name__ == "__main__":
    main()
