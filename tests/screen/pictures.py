#!/usr/bin/env python3
"""The pictures of the README show what the program draws now.

usage: pictures.py BUILD SCREENSHOTS
"""

import glob
import os
import subprocess
import sys

from fixture import Tap


def main():
    build, folder = map(os.path.abspath, sys.argv[1:3])
    names = sorted(os.path.basename(path) for kind in ("png", "svg") for path in glob.glob(os.path.join(folder, "*." + kind)))
    tap = Tap(len(names) + 1)
    r = subprocess.run([os.path.join(folder, "make"), "--check", build], capture_output=True, text=True, errors="replace")
    for name in names:
        tap.point("shots: %s is " % name not in r.stderr, "%s is up to date" % name, r.stderr)
    tap.point(r.returncode == 0, "nothing else is amiss", r.stderr)
    tap.end()


main()
