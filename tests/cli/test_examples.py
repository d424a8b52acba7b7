"""Every example of the manual runs, and says something, on the fictional world; the views are as it tells."""
import os
import re
import shutil
import sqlite3
import subprocess
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
from harness import check, clean, equal, main  # noqa: E402

VIEWS = ["v_ca", "v_ca_certificate", "v_ca_count", "v_source", "v_problem"]
RUNS = ("canopy", "sqlite3", "echo")
# Writes to files alone, or draws on a terminal.
SILENT = ("import", "index", "fetch", "scenario save")


def plain(text):
    """roff's escapes undone."""
    text = re.sub(r"\\\[u([0-9A-F]{4})\]", lambda m: chr(int(m[1], 16)), text)
    for escape, char in [("\\-", "-"), ("\\(aq", "'"), ("\\(dq", '"'), ("\\&", ""), ("\\e", "\\")]:
        text = text.replace(escape, char)
    return text


def sections(t):
    """(title, text) of each .Sh and .Ss."""
    with open(t.manual, encoding="utf-8") as f:
        parts = re.split(r"^\.S[sh] (.*)\n", f.read(), flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def blocks(text):
    return [plain(b) for b in re.findall(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed$", text, re.M | re.S)]


def examples(t):
    """(section, script) of every literal block that is no table."""
    return [(title, block) for title, text in sections(t) for block in blocks(text)
            if block.split(None, 1)[0] in RUNS]


def a_log(t, folder):
    """A list of one log, whose tiles lie as files; and as an archive."""
    ca = ctlog.pem_blocks(t.path("undisclosed", "undisclosed.pem"))[0]
    log = ctlog.Log(folder, "a", [ctlog.precert_entry(ctlog.Leaf(ca, n)) for n in range(300)], True)
    tiles = os.path.join(folder, "log")
    log.lay_out(tiles)
    ctlog.zip_up(os.path.join(folder, "ct_fictional_log", "000.zip"), log.files())
    path = os.path.join(folder, "log_list.json")
    with open(path, "w") as f:
        f.write(ctlog.log_list(log.described("file://%s/" % tiles)))
    return path


def place(t, name):
    """A folder with what the examples take for granted: an index, some files, a configuration."""
    folder = os.path.join(t.dir, name)
    os.makedirs(os.path.join(folder, "config", "canopy"))
    os.makedirs(os.path.join(folder, "bin"))
    os.symlink(t.canopy, os.path.join(folder, "bin", "canopy"))
    shutil.copy(t.full_db(), os.path.join(folder, "canopy.db"))
    shutil.copy(t.db, os.path.join(folder, "old.db"))
    shutil.copy(t.path("mozilla", "certdata.2026-05-15.txt"), os.path.join(folder, "certdata.txt"))
    shutil.copy(t.path("ccadb", "AllCertificatePEMsCSVFormat_NotBeforeYear_2020.csv"), folder)
    with open(os.path.join(folder, "cut.txt"), "w") as f:
        f.write("mark Birch Root R1=block\n")
    with open(os.path.join(folder, "config", "canopy", "config"), "w") as f:
        at = {"ccadb": t.path("ccadb") + "/", "mozilla": os.path.join(folder, "certdata.txt"), "chrome": t.path("chrome") + "/",
              "onecrl": t.path("onecrl", "onecrl.2026-05-25.json"), "crlset": t.path("crlset", "crl-set"),
              "tranco": t.write("ranks.csv", "1,a.example\n2,b.example\n3,c.example\n"), "crl": folder + "/", "ct": a_log(t, folder)}
        f.writelines("url.%s = file://%s\n" % pair for pair in at.items())
        f.write("enabled.crtsh = no\n")
    shutil.copy(t.path("crl", "alder-tls-1.crl"), folder)
    return folder


def run(t, name, script, shell="set -e\n"):
    folder = place(t, name)
    env = t.env(CANOPY_DB=os.path.join(folder, "canopy.db"), PATH=os.path.join(folder, "bin") + ":" + os.environ["PATH"],
                XDG_CONFIG_HOME=os.path.join(folder, "config"), SSL_CERT_FILE=t.path("store", "own-store.pem"))
    before = set(os.listdir(folder))
    r = subprocess.run(["sh", "-c", shell + script], stdin=subprocess.DEVNULL, capture_output=True, cwd=folder, env=env,
                       timeout=120)
    out = r.stdout.decode()
    for made in sorted(set(os.listdir(folder)) - before):
        path = os.path.join(folder, made)
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as f:
                out += f.read()
    return r.returncode, out, r.stderr.decode()


def test_every_example_runs(t):
    found = examples(t)
    check(len(found) >= 25, len(found))
    if not shutil.which("sqlite3"):
        found = [e for e in found if "sqlite3" not in e[1]]
    failed = []
    for number, (title, script) in enumerate(found):
        # each line of a block is a command of its own, and one line may have findings
        shell = "" if "canopy check" in script else "set -e\n"
        code, out, err = run(t, str(number), script, shell)
        silent = any("canopy " + command in script for command in SILENT)
        if (code and not (code == 1 and "canopy check" in script)) or (not out and not silent) or \
                (err and not silent):
            failed.append((title, script, code, out[:100], err))
        clean(out)
    equal(failed, [])


def test_every_command_s_examples_are_there(t):
    titles = {title for title, _ in examples(t)}
    for command in re.findall(r"^  ([a-z]+)  ", t.ok("help").out, re.M):
        check(command in titles or command in ("browse", "demo"), command)
    check({"EXAMPLES", "SQL"} <= titles, titles)


def test_in_the_section_examples_everything_can_be_run(t):
    text, = [text for title, text in sections(t) if title == "EXAMPLES"]
    equal([b for b in blocks(text) if b.split(None, 1)[0] not in RUNS], [])
    check(any("sqlite3" in b for b in blocks(text)))


def test_sections_stand_in_the_usual_order(t):
    titles = [title for title, _ in sections(t)]
    order = ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "REF", "OUTPUT", "SQL", "ENVIRONMENT", "FILES",
             "CONFIGURATION", "EXIT STATUS", "EXAMPLES"]
    equal([title for title in titles if title.isupper()], order)


def test_the_views_have_the_columns_that_the_manual_tells(t):
    text, = [text for title, text in sections(t) if title == "SQL"]
    told = dict(re.findall(r"^(v_\w+) has .*?^\.Bd -literal -offset indent\n(.*?)^\.Ed$", text, re.M | re.S))
    equal(sorted(told), sorted(VIEWS))
    with sqlite3.connect("file:%s?mode=ro" % t.db, uri=True) as db:
        for view in VIEWS:
            columns = [row[1] for row in db.execute("PRAGMA table_info(%s)" % view)]
            equal([plain(line).split()[0] for line in told[view].splitlines()], columns, view)
            if view != "v_problem":
                check(db.execute("SELECT count(*) FROM " + view).fetchone()[0] > 0, view)


def test_the_view_of_counts_is_counts_of_today(t):
    header = t.ok("counts", "--format", "csv").header().split(",")
    rows = {r["ca_id"]: r for r in t.ok("counts", "--format", "json").json()}
    with sqlite3.connect("file:%s?mode=ro" % t.db, uri=True) as db:
        cursor = db.execute("SELECT * FROM v_ca_count")
        equal([d[0] for d in cursor.description], header)
        for row in cursor:
            for key, value in zip(header, row):
                wanted = rows[row[0]][key]
                check((value or None) == (wanted or None), "%s of %s: %r, %r" % (key, row[1], value, wanted))


def test_the_script_s_numbers_are_the_program_s(t):
    if not shutil.which("sqlite3"):
        return
    script, = [s for title, s in examples(t) if "json_extract" in s]
    total = t.ok("impact", "--mark", "Alder Root CA=remove", "--format", "json", "--db", t.full_db()).json()["total"]
    code, out, err = run(t, "numbers", script)
    equal((code, out.splitlines()[0], err), (0, "%d|%d" % (total["lost"], total["unknown_cas"]), ""))


if __name__ == "__main__":
    main()
