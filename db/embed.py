#!/usr/bin/env python3
"""Writes a text file as a C array: embed.py FILE NAME OUT.h

An array of characters, because a string literal may be no longer than 4,095 in C17."""
import sys

source, name, out = sys.argv[1:]
with open(source, "rb") as f:
    data = f.read()
with open(out, "w") as f:
    f.write("/* Made from %s; do not edit. */\n" % source.rsplit("/", 1)[-1])
    f.write("static const char %s[] = {\n" % name)
    for at in range(0, len(data), 16):
        f.write("\t" + " ".join("'\\x%02x'," % byte for byte in data[at:at + 16]) + "\n")
    f.write("\t0\n};\n")
