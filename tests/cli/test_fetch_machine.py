"""fetch on a machine that is in a bad way: its clock is wrong or jumps, its folders can only be read, it is killed at each
step. What disk.c and clock.c do is preloaded."""
import calendar
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import h2log  # noqa: E402
import harness  # noqa: E402
from crlcase import CA, pem, revoked  # noqa: E402
from disk import Folder, read_record  # noqa: E402
from fetchcase import Answer, Server, read  # noqa: E402
from harness import Skip, check, equal  # noqa: E402

DAY, YEAR = 86400, 365 * 86400
KILLS = 50  # at most
ASKED = [("counts", "--subtree", "--as-of", "2026-06-01", "--format", "csv"), ("check", "--as-of", "2026-06-01", "--format", "csv")]


def clock(ahead=0, jump=0, after=0):
    return {"LD_PRELOAD": os.path.abspath(sys.argv[5]), "CLOCK_AHEAD": str(ahead), "CLOCK_JUMP": str(jump), "CLOCK_JUMP_AFTER": str(after)}


def tagged(body, tag='"1"', modified="Fri, 15 May 2026 10:00:00 GMT", asked=None):
    """A document that is not sent again to whom has it, and whose rest can be asked for."""
    def behave(h):
        if asked is not None:
            asked.append((h.headers["If-None-Match"], h.headers["If-Modified-Since"]))
        more = {"ETag": tag, "Last_Modified": modified}
        if h.headers["If-None-Match"] == tag:
            return h.give(Answer(status=304, Content_Length=None, **more))
        begin = h.headers["Range"]
        at = int(begin[6:-1]) if begin and h.headers["If-Range"] == tag else 0
        if at >= len(body) and tag == '"1"':
            return h.give(Answer(status=416, Content_Range="bytes */%d" % len(body)))
        if at:
            more["Content_Range"] = "bytes %d-%d/%d" % (at, len(body) - 1, len(body))
        h.give(Answer(body[at:], 206 if at else 200, **more))

    return behave


def served(t, s, asked=None):
    """Three sources of one server, and the command that asks it for them."""
    s.files.update({"/onecrl": tagged(read(t.path("onecrl", "onecrl.2026-05-25.json")), asked=asked),
                    "/mozilla": tagged(read(t.path("mozilla", "certdata.2026-05-15.txt")), asked=asked),
                    # of the second, somebody who has it all gets an empty rest
                    **{"/c/root_store." + e: tagged(read(t.path("chrome", "root_store.2026-05-20." + e)), tag, asked=asked)
                       for e, tag in (("textproto", '"1"'), ("certs", '"2"'))}})
    at = {"onecrl": "/onecrl", "mozilla": "/mozilla", "chrome": "/c/"}
    return ["fetch", *at, *[w for name, path in at.items() for w in ("--url", name + "=" + s.url(path))]]


def begun(t):
    folder = Folder(t)
    folder.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))
    return folder


def answers(folder):
    """Those to ASKED, and of what bytes."""
    held = folder.ok("sources", "--format", "json").json()
    # a fetch on another day may give a list another day
    return [sorted((r["source"], r["sha256"] or "", r["records"]) for r in held if r["kind"]), [folder.run(*words).out for words in ASKED]]


# ---- the clock ----

def run(folder, command, **env):
    return folder.t.run(*command, **folder.env(), **env)


def test_a_list_from_the_future_is_applied_when_its_time_has_come(t):
    root = CA(t.dir, "Quince Root (fictional)")
    t.db = os.path.join(t.dir, "c.db")
    equal(t.run("import", t.write("ca.pem", pem(root.cert) + pem(root.leaf(b"\x11")) + pem(root.leaf(b"\x12")))).code, 0)
    t.write("lists/a.crl", root.crl(revoked(b"\x11"), revoked(b"\x12"), at="260601000000"))

    def state(when):
        ahead = calendar.timegm(time.strptime(when, "%Y-%m-%d %H:%M")) - int(time.time())
        r = t.run("fetch", "crl", "--force", "--url", "crl=file://%s/lists/" % t.dir, **clock(ahead))
        equal(r.code, 0, r.err)
        row, = t.ok("counts", "--as-of", "2026-06-01", "--format", "json").json()
        return row["revoked"], [p["what"] for p in t.ok("sources", "--problems", "--format", "json").json()]

    future = ["thisUpdate lies in the future: recognised, not applied"]
    equal(state("2026-05-25 00:00"), (None, future))
    equal(state("2026-05-30 23:00"), (None, future))
    equal(state("2026-05-31 01:00"), (2, []), "the same bytes, once clocks may differ by so much")


def test_the_time_of_day_is_the_clocks(t):
    folder = begun(t)
    with Server({}) as s:
        equal(run(folder, served(t, s), **clock(10 * YEAR)).code, 0)
    told = [r["tried_at"] for r in folder.ok("sources", "--format", "json").json() if r["source"] == "onecrl"]
    check(all(int(when[:4]) >= time.gmtime().tm_year + 9 for when in told) and told, told)


def test_a_clock_that_was_wrong_last_time_harms_nothing(t):
    folder = begun(t)
    with Server({}) as s:
        command = served(t, s)
        equal(run(folder, command).code, 0)
        wanted = answers(folder)
        for ahead in 10 * YEAR, -10 * YEAR, 3 * DAY, -3 * DAY:
            folder.become_new(t)
            for shift in ahead, 0, ahead, 0:
                r = run(folder, command, **clock(shift))
                equal((r.code, r.out), (0, ""), r.err)
                check("-" not in "".join(w for w in r.err.split() if w.startswith("(")), r.err)  # no age below zero
                equal(answers(folder), wanted, (ahead, shift))
                plan = run(folder, command + ["--dry-run", "--format", "json"], **clock(-shift)).json()
                check(all(p["age_hours"] is None or 0 <= p["age_hours"] < 21 * YEAR // 3600 for p in plan), plan)
                folder.check_sound(ahead)


def test_after_a_clock_went_back_the_source_is_asked_again(t):
    folder, asked = begun(t), []
    with Server({}) as s:
        command = served(t, s, asked)
        equal(run(folder, command, **clock(5 * YEAR)).code, 0)
        equal(asked, [(None, None)] * 4)
        equal(run(folder, command).code, 0)
        # in its own words, which no clock of ours enters
        equal(sorted(asked[4:]), sorted([('"%d"' % n, "Fri, 15 May 2026 10:00:00 GMT") for n in (1, 1, 2, 1)]))
        equal(run(folder, command, **clock(-600)).code, 0)
        equal(len(asked), 12)
        equal(run(folder, command, **clock(1200)).code, 0)
        equal(len(asked), 12)  # young


def test_a_clock_that_jumps_meanwhile_harms_nothing(t):
    folder = begun(t)
    start = folder.saved("start")
    with Server({}) as s:
        command = served(t, s)
        equal(run(folder, command).code, 0)
        wanted = answers(folder)
        for jump in YEAR, -YEAR:
            for after in 1, 3, 6, 10, 20, 40:
                folder.become(start)
                r = run(folder, command, **clock(0, jump, after))
                equal((r.code, r.out), (0, ""), r.err)
                equal(answers(folder), wanted, (jump, after))
                folder.check_sound((jump, after))


def test_a_date_to_try_again_at_is_understood_by_the_servers_clock(t):
    folder = begun(t)
    t.write("config/canopy/config", "retries = 1\n")
    body = read(t.path("onecrl", "onecrl.2026-05-25.json"))
    with Server({}) as s:
        command = ["fetch", "onecrl", "--force", "--url", "onecrl=" + s.url("/x")]
        for ahead in 2 * DAY, -2 * DAY, 0:
            for wait, code in (1, 0), (2 * DAY, 4):
                def busy(h):
                    s.files["/x"] = body
                    h.give(Answer(b"", 503, Retry_After=time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + wait))))

                s.files["/x"], before = busy, len(s.asked)
                r = run(folder, command, **clock(ahead))
                equal((r.code, len(s.asked) - before), (code, 1 if code else 2), (ahead, wait, r.err))
                check(not code or "try again in 17" in r.err, r.err)


def test_a_clock_out_of_a_certificates_validity_is_told(t):
    folder, authority = begun(t), h2log.Authority(t.dir)
    before = answers(folder)
    with Server({"/x": read(t.path("onecrl", "onecrl.2026-05-25.json"))}) as s:
        s.server.socket = authority.server().wrap_socket(s.server.socket, server_side=True, do_handshake_on_connect=False)
        command = ["fetch", "onecrl", "--force", "--url", "onecrl=" + s.url("/x").replace("http:", "https:")]
        for ahead, words in (YEAR, "expired"), (-YEAR, "not yet valid"):
            r = run(folder, command, SSL_CERT_FILE=authority.path, **clock(ahead))
            equal((r.code, answers(folder)), (4, before), r.err)
            check(words in r.err, r.err)
        equal(run(folder, command, SSL_CERT_FILE=authority.path).code, 0)


# ---- folders that can only be read ----

READ_ONLY = 'for p in $PATHS; do mount --bind "$p" "$p" && mount -o remount,bind,ro "$p" || exit 99; done; exec "$@"'


def frozen(folder, command, *paths):
    """The command, where what is below the paths is mounted read-only."""
    t = folder.t
    ways = [["unshare", "-m"], ["unshare", "-rm"]]
    for way in ways if shutil.which("unshare") else []:
        words = [*way, "sh", "-c", READ_ONLY, "sh"]
        if subprocess.run([*words, "true"], env=t.env(PATHS=t.dir), capture_output=True).returncode == 0:
            return subprocess.run([*words, t.canopy, *command], env=t.env(**folder.env(), PATHS=" ".join(paths)), cwd=t.dir,
                                  capture_output=True, text=True)
    raise Skip("no mount namespace of one's own can be had")


def test_a_cache_that_can_only_be_read_is_told(t):
    folder = begun(t)
    with Server({}) as s:
        command = served(t, s)
        equal(run(folder, command).code, 0)
        wanted = answers(folder)
        cache = os.path.join(folder.path, "cache")
        for more in [], ["--force"]:
            r = frozen(folder, command + more, cache)
            equal((r.returncode, r.stdout), (4 if more else 0, ""), r.stderr)
            equal(answers(folder), wanted)
            if more:
                lines = [x for x in r.stderr.splitlines() if "read-only file system" in x.lower()]
                equal(len(lines), 4, r.stderr)
                check(all(cache in x and "the older copy is used" in x for x in lines), r.stderr)
        # what is there can be used
        os.unlink(folder.db)
        folder.ok("import", "--quiet", t.path("ccadb"), t.path("leaves"))
        r = frozen(folder, command[:4] + ["--offline"], cache)
        equal((r.returncode, r.stdout), (0, ""), r.stderr)
        equal(answers(folder), wanted)


def test_an_index_that_can_only_be_read_is_told_and_read(t):
    folder = begun(t)
    place = os.path.join(folder.path, "index")
    os.mkdir(place)
    shutil.move(folder.db, os.path.join(place, "c.db"))
    folder.db = os.path.join(place, "c.db")
    before, bytes_before = answers(folder), read(folder.db)
    with Server({}) as s:
        r = frozen(folder, served(t, s), place)
        equal((r.returncode, r.stdout), (5, ""), r.stderr)
        lines = r.stderr.splitlines()
        check(lines and all(x.startswith("canopy: ") for x in lines), r.stderr)
        check(any(folder.db in x and ("read-only" in x.lower() or "readonly" in x) for x in lines), r.stderr)
    equal(read(folder.db), bytes_before)
    for words in ASKED:
        r = frozen(folder, words, place)
        check(r.stdout in before[1] and not r.stderr, r.stderr)
    equal(answers(folder), before)


# ---- kill -9 ----

def test_killed_at_each_step_it_left_the_old_or_the_new(t):
    folder, record = begun(t), os.path.join(t.dir, "record")
    start, before = folder.saved("start"), answers(folder)
    with Server({}) as s:
        command = served(t, s)
        folder.ok(*command, record=record)
        wanted, steps = answers(folder), len(read_record(record))
        check(steps > 60, steps)
        seen = set()
        for after in sorted(set(range(0, steps, max(1, steps // KILLS)))):
            folder.become(start)
            equal(folder.run(*command, dead_after=after).code, -9, after)
            folder.check_sound(after)
            now = answers(folder)
            seen.add(str(now[0]))
            for held in now[0]:
                check(held in before[0] + wanted[0], (after, held))
            folder.ok(*command)
            equal(answers(folder), wanted, after)
        check(3 <= len(seen) <= 5, len(seen))  # none, or one source after the other


harness.main()
