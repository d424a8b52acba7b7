#!/usr/bin/env python3
"""Writes base/text_tables.h from Python's Unicode data: base/make_text_tables.py > base/text_tables.h

Zero width are Mn, Me and Cf. Where terminals and the C library have long agreed on something else,
so do we, or columns would drift apart: Arabic number signs and the soft hyphen take a column,
Hangul medial vowels and final consonants join the syllable before them, and the hexagrams and
circled numbers on squares are wide.
"""
import unicodedata

ONE_COLUMN_FORMATS = {0xAD, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD} | set(range(0x600, 0x606))
JOINING = [(0x1160, 0x11FF), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB)]
ALSO_WIDE = [(0x3248, 0x324F), (0x4DC0, 0x4DFF)]


def within(cp, ranges):
    return any(first <= cp <= last for first, last in ranges)


def is_zero(cp):
    if within(cp, JOINING):
        return True
    return unicodedata.category(chr(cp)) in ("Mn", "Me", "Cf") and cp not in ONE_COLUMN_FORMATS


def is_wide(cp):
    return not is_zero(cp) and (within(cp, ALSO_WIDE) or unicodedata.east_asian_width(chr(cp)) in "WF")


def ranges_of(test):
    found = []
    for cp in range(0x80, 0x110000):
        if 0xD800 <= cp <= 0xDFFF or not test(cp):
            continue
        if found and found[-1][1] == cp - 1:
            found[-1][1] = cp
        else:
            found.append([cp, cp])
    return found


def table(name, ranges):
    rows = ["{ 0x%04x, 0x%04x }," % tuple(r) for r in ranges]
    lines = ["\t" + " ".join(rows[i:i + 4]) for i in range(0, len(rows), 4)]
    return "static const struct cp_range %s[] = {\n%s\n};" % (name, "\n".join(lines))


print("/* Written by base/make_text_tables.py from Unicode %s: code points of no and of two\n"
      " * columns, ascending. Included by text.c only. */" % unicodedata.unidata_version)
print("#ifndef BASE_TEXT_TABLES_H\n#define BASE_TEXT_TABLES_H\n\n#include <stdint.h>\n")
print("struct cp_range {\n\tuint32_t first, last;\n};\n\n/* clang-format off */")
print(table("cp_zero_width", ranges_of(is_zero)))
print(table("cp_wide", ranges_of(is_wide)))
print("/* clang-format on */\n\n#endif")
