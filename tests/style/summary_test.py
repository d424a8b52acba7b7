#!/usr/bin/env python3
"""What tests/summary counts, as TAP: summary_test.py SUMMARY"""
import json
import os
import subprocess
import sys
import tempfile

TAP = "1..3\nok 1 - a\n%s\nok 3 - c\n"
GOOD = ("tap", "OK", 0, TAP % "ok 2 - b")

# what, tests as (protocol, result, exit code, output), last line, exit code
CASES = [
    ("cases of a TAP program count one by one", [GOOD], "3 passed, 0 failed", 0),
    ("a failed case counts once", [("tap", "FAIL", 1, TAP % "not ok 2 - b")], "2 passed, 1 failed", 1),
    ("a skipped case is not a passed one", [("tap", "OK", 0, TAP % "ok 2 - b # SKIP no tty")],
     "2 passed, 0 failed, 1 skipped", 0),
    ("cmocka's way of skipping is one", [("tap", "FAIL", 0, TAP % "not ok 2 # SKIP b")],
     "2 passed, 0 failed, 1 skipped", 0),
    ("cases after a crash have failed", [("tap", "FAIL", -6, "1..5\nok 1 - a\n")], "1 passed, 4 failed", 1),
    ("a crash after the last case is a failure", [("tap", "FAIL", 1, GOOD[3])], "3 passed, 1 failed", 1),
    ("no output at all is a failure", [("tap", "FAIL", 0, "")], "0 passed, 1 failed", 1),
    ("a TAP program that hangs is one failure", [("tap", "TIMEOUT", -15, "1..3\nok 1\n")], "0 passed, 1 failed", 1),
    ("a plain program counts once", [("exitcode", "OK", 0, "ok 1\nok 2\n"), ("exitcode", "FAIL", 1, "")],
     "1 passed, 1 failed", 1),
    ("77 skips", [GOOD, ("exitcode", "SKIP", 77, ""), ("tap", "SKIP", 77, "")], "3 passed, 0 failed, 2 skipped", 0),
    ("nothing tested is no success", [], "0 passed, 0 failed", 1),
]


def run(summary, tests, *more):
    with tempfile.TemporaryDirectory() as root:
        folder = os.path.join(root, "build")
        for sub in ("meson-info", "meson-logs"):
            os.makedirs(os.path.join(folder, sub))
        with open(os.path.join(folder, "meson-info/intro-tests.json"), "w") as f:
            json.dump([{"name": "t%d" % i, "protocol": t[0]} for i, t in enumerate(tests)], f)
        with open(os.path.join(folder, "meson-logs/testlog.json"), "w") as f:
            for i, (_, result, code, out) in enumerate(tests):
                entry = {"name": "canopy:unit / t%d" % i, "result": result, "returncode": code, "stdout": out}
                f.write(json.dumps(entry) + "\n")
        return subprocess.run([summary, "build", *more], cwd=root, capture_output=True, text=True)


def results(summary):
    for what, tests, want, code in CASES:
        ran = run(summary, tests)
        yield what, ran.stdout.split("\n")[-2] == want and ran.returncode == code, ran.stdout + ran.stderr
    ran = run(summary, [GOOD], "build-asan:does not build")
    yield "a folder that does not build is a failure", ran.stdout.endswith("\n3 passed, 1 failed\n"), ran.stdout
    ran = run(summary, [("tap", "FAIL", 1, TAP % "not ok 2 - b\n# because")])
    yield "the output of a failed test is shown", "# because" in ran.stdout, ran.stdout
    ran = run(summary, [GOOD])
    yield "a good one stays silent", ran.stdout == "3 passed, 0 failed\n", ran.stdout


def main():
    number = failed = 0
    for what, good, said in results(os.path.abspath(sys.argv[1])):
        number += 1
        failed += not good
        print("%sok %d - %s" % ("" if good else "not ", number, what))
        if not good:
            print("# " + said.replace("\n", "\n# "))
    print("1..%d" % number)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
