"""The completion for bash, which is made from the same tables as the parser."""
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
from harness import check, equal, main  # noqa: E402


def complete(t, *words):
    """What bash offers for the last of these words behind canopy."""
    if not shutil.which("bash"):
        return None
    script = t.write("canopy.bash", t.ok("help", "--completion").out)
    run = subprocess.run(["bash", "--norc", "-euc", '. "$1"; shift; COMP_WORDS=(canopy "$@"); COMP_CWORD=$#; '
                          '_canopy || true; if [ ${#COMPREPLY[@]} -gt 0 ]; then printf "%s\\n" "${COMPREPLY[@]}"; fi',
                          "bash", script, *words], capture_output=True, text=True, cwd=t.dir, env=t.env())
    equal((run.returncode, run.stderr), (0, ""), words)
    return run.stdout.splitlines()


def commands(t):
    return re.findall(r"^  ([a-z]+)  ", t.ok("help").out, re.M)


def test_it_is_bash_without_complaint(t):
    script = t.write("canopy.bash", t.ok("help", "--completion").out)
    if not shutil.which("bash"):
        return
    run = subprocess.run(["bash", "--norc", "-c", '. "$1" && complete -p canopy', "bash", script], capture_output=True,
                         text=True)
    equal((run.returncode, run.stdout, run.stderr), (0, "complete -F _canopy canopy\n", ""))


def test_commands_are_completed(t):
    if complete(t, "") is None:
        return
    equal(complete(t, ""), commands(t))
    equal(complete(t, "cou"), ["counts"])
    equal(complete(t, "im"), ["import", "impact"])
    equal(complete(t, "help", "sho"), ["show"])


def test_all_options_of_a_command_are_completed(t):
    if complete(t, "") is None:
        return
    for command in commands(t):
        wanted = re.findall(r"^  (?:-\w, |    )(--[a-z0-9-]+)", t.ok(command, "--help").out, re.M)
        equal(complete(t, command, "-"), wanted, command)
    equal(complete(t, "counts", "--sub"), ["--subtree"])
    equal(complete(t, "--asc"), ["--ascii"], "of the browser")
    equal(complete(t, "counts", "Alder", "--as-of", "2026-01-01", "--sub"), ["--subtree"])


def test_values_are_completed(t):
    if complete(t, "") is None:
        return
    formats = ["table", "csv", "json", "ndjson", "md"]
    equal(complete(t, "counts", "--format", ""), formats)
    equal(complete(t, "counts", "--format", "="), formats, "--format=")
    equal(complete(t, "counts", "--format", "=", "nd"), ["ndjson"], "--format=nd")
    equal(complete(t, "counts", "--by", "o"), ["owner"])
    equal(complete(t, "impact", "--program", "mi"), ["microsoft"])
    equal(complete(t, "check", "--kind", "un"), ["undisclosed", "unrevoked", "unparsable"])
    equal(complete(t, "diff", "--kind", "anchor"), ["anchor-new", "anchor-gone"])
    equal(complete(t, "diff", "--store", "mo"), ["mozilla"])
    equal(complete(t, "counts", "--as-of", ""), [], "a day cannot be guessed")
    equal(complete(t, "fetch", "cc"), ["ccadb"])
    equal(complete(t, "scenario", ""), ["list", "show", "save", "load", "delete"])
    equal(complete(t, "export", "c"), ["certdata", "constraints", "certs"])


def test_files_are_completed(t):
    if complete(t, "") is None:
        return
    t.write("some file.pem", "")
    t.write("some/x", "")
    equal(sorted(complete(t, "import", "some")), ["some", "some file.pem"])
    equal(complete(t, "counts", "--db", "some f"), ["some file.pem"])
    equal(complete(t, "counts", "some"), [], "a REF is no file")
    equal(complete(t, "scenario", "load", "some f"), ["some file.pem"])
    equal(complete(t, "impact", "--scenario", "some f"), ["some file.pem"])
    equal(complete(t, "diff", "some f"), ["some file.pem"])


def test_the_installed_file_is_what_the_program_says(t):
    built = os.path.join(os.path.dirname(t.manual), "cli", "completion", "canopy")
    check(os.path.exists(built), built)
    with open(built, encoding="utf-8") as f:
        equal(f.read(), t.ok("help", "--completion").out)


if __name__ == "__main__":
    main()
