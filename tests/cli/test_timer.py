"""The daily fetch as systemd's user units: what they say, and that canopy can be called so."""
import configparser
import os
import shlex
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
from harness import Skip, check, equal, main  # noqa: E402


def text_of(t, unit):
    with open(os.path.join(os.path.dirname(t.canopy), "cli", "systemd", unit), encoding="utf-8") as f:
        return f.read()


def parsed(t, unit):
    p = configparser.RawConfigParser(strict=True)
    p.optionxform = str
    p.read_string(text_of(t, unit))
    return p


def command(t):
    return shlex.split(parsed(t, "canopy.service")["Service"]["ExecStart"])


def test_the_timer_comes_daily_at_any_time_and_makes_up_for_lost_days(t):
    timer = parsed(t, "canopy.timer")
    equal(timer["Timer"]["OnCalendar"], "daily")
    equal(timer["Timer"]["Persistent"], "true")
    check(timer["Timer"]["RandomizedDelaySec"].endswith("h"))
    equal(timer["Install"]["WantedBy"], "timers.target")


def test_the_service_runs_the_installed_program_as_a_guest(t):
    service = parsed(t, "canopy.service")["Service"]
    equal((service["Type"], service["Nice"]), ("oneshot", "19"))
    check(os.path.isabs(command(t)[0]) and command(t)[0].endswith("/bin/canopy"), command(t))
    check("@" not in text_of(t, "canopy.service"), "something is not filled in")


def test_canopy_takes_the_command_and_its_options(t):
    options = [word for word in command(t)[1:] if word.startswith("-")]
    said = t.ok(command(t)[1], "--help").out
    check(options and all(" " + o in said for o in options), said)
    # as the unit calls it, of a source that lies beside the test
    with open(t.path("mozilla", "certdata.2026-05-15.txt"), "rb") as f:
        store = t.write("certdata.txt", f.read())
    t.ok(*command(t)[1:], "mozilla", "--url", "mozilla=file://" + store, "--db", t.dir + "/daily.db")
    check(t.ok("sources", "--db", t.dir + "/daily.db", "--format", "json").json())


def test_systemd_finds_nothing(t):
    if not shutil.which("systemd-analyze"):
        raise Skip("systemd-analyze is missing")
    folder = os.path.join(t.dir, "units")
    program = shutil.copy(t.canopy, os.path.join(t.dir, "canopy"))
    os.mkdir(folder)
    for unit in ["canopy.service", "canopy.timer"]:
        with open(os.path.join(folder, unit), "w", encoding="utf-8") as f:
            f.write(text_of(t, unit).replace(command(t)[0], program))
    for unit in ["canopy.service", "canopy.timer"]:
        r = subprocess.run(["systemd-analyze", "verify", "--user", "--man=no", os.path.join(folder, unit)],
                           capture_output=True, text=True, env={**t.env(), "XDG_RUNTIME_DIR": t.dir}, timeout=60)
        equal((r.returncode, [s for s in r.stderr.splitlines() if "canopy" in s]), (0, []), unit)


if __name__ == "__main__":
    main()
