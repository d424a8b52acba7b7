#!/usr/bin/env python3
"""The findings and the details show one check, made once for both (checked.c).

usage: checked.py CANOPY CANOPY-WORLD CHECKED
"""

import os
import subprocess
import sys

from fixture import DAY, World


def main():
    canopy, maker, checked = map(os.path.abspath, sys.argv[1:4])
    world = World(canopy, maker)
    sys.exit(subprocess.run([checked, world.db, DAY], env=world.env).returncode)


if __name__ == "__main__":
    main()
