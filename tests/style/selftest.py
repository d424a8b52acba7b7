#!/usr/bin/env python3
"""Proves that every rule of check.py can fail, and that none fails on a good tree."""
import os
import sys
import tempfile

sys.dont_write_bytecode = True
import check  # noqa: E402

LONG = "int f(void)\n{\n" + "\t;\n" * 80 + "}\n"
GOOD = {
    "base/x.h": "#include <stddef.h>\nsize_t x(void);\n",
    "base/x.c": '#include "base/x.h"\n\n#include <stdio.h>\n\n' + LONG.replace("\t;\n" * 80, "\t;\n" * 67),
    "db/d.c": '#include <sqlite3.h>\n#include "base/x.h"\n',
    "fetch/f.c": '#include <curl/curl.h>\n#include "base/x.h"\n',
    "index/i.c": '#include <openssl/x509.h>\n#include "db/d.h"\n#include "fetch/f.h"\n#include "base/x.h"\n',
    "tui/t.c": '#include <curses.h>\n#include "index/i.h"\n',
    "cli/main.c": '#include "tui/t.h"\n#include "index/i.h"\n',
    "tests/unit/t.c": '#include <sqlite3.h>\n#include <openssl/evp.h>\n#include "cli/c.h"\n#include "near.h"\n',
    "tests/data.csv": "a,b \r\n",
    ".ci/run": "#!/bin/sh\nmktemp XXXXXX\ncurl https://example.org/home/x\n",
    "README.md": "# canopy\n",
}
TABLE = "static const int t[] = {\n" + "\t1,\n" * 90 + "};\n"

# rule, file, content, what the complaint must name
BAD = [
    ("includes_point_down", "base/y.c", '#include "db/d.h"\n', "base/y.c:1"),
    ("includes_point_down", "db/y.c", '#include "fetch/f.h"\n', "db may not use"),
    ("includes_point_down", "fetch/y.c", '\n#  include "db/d.h"\n', "fetch/y.c:2"),
    ("includes_point_down", "index/y.h", '#include "tui/t.h"\n', "index may not use"),
    ("includes_point_down", "tui/y.c", '#include "cli/c.h"\n', "tui may not use"),
    ("includes_point_down", "index/y.c", '#include "x.h"\n', "does not begin with its folder"),
    ("includes_point_down", "index/y.c", '#include "tests/unit/x.h"\n', "does not begin with its folder"),
    ("libraries_are_known_in_one_folder", "index/y.c", "#include <sqlite3.h>\n", "belongs to db"),
    ("libraries_are_known_in_one_folder", "index/y.c", "#include <curl/curl.h>\n", "belongs to fetch"),
    ("libraries_are_known_in_one_folder", "cli/y.c", "#include <curses.h>\n", "belongs to tui"),
    ("libraries_are_known_in_one_folder", "cli/y.c", "#include <ncursesw/ncurses.h>\n", "belongs to tui"),
    ("libraries_are_known_in_one_folder", "fetch/y.c", "#include <openssl/sha.h>\n", "belongs to index"),
    ("libraries_are_known_in_one_folder", "base/y.c", "#include <jansson.h>\n", "belongs to index and cli"),
    ("own_header_comes_first", "base/x.c", '#include <stdio.h>\n#include "base/x.h"\n', "base/x.c:1"),
    ("headers_compile_alone", "base/y.h", "size_t y(void);\n", "base/y.h: gcc"),
    ("headers_compile_alone", "tests/unit/y.h", "size_t y(void);\n", "tests/unit/y.h: clang"),
    ("nothing_is_left_to_do", "base/y.c", "/* TO" "DO: more */\n", "base/y.c:1: TO" "DO"),
    ("nothing_is_left_to_do", "tests/run", "#!/bin/sh\n# FIX" "ME\n", "tests/run:2"),
    ("nothing_is_left_to_do", "README.md", "X" "XX\n", "README.md:1"),
    ("no_line_ends_in_blanks", "base/y.c", "int x; \n", "base/y.c:1"),
    ("no_line_ends_in_blanks", "base/meson.build", "x\t\n", "base/meson.build:1"),
    ("no_line_ends_in_blanks", "db/schema.sql", "x\r\n", "db/schema.sql:1"),
    ("no_path_of_one_machine", "base/y.c", '"/ho' 'me/me/x"\n', "base/y.c:1"),
    ("no_path_of_one_machine", "tests/run", "#!/bin/sh\ncd /wo" "rk/main\n", "tests/run:2"),
    ("files_end_with_one_newline", "base/y.c", "int x;", "base/y.c"),
    ("files_end_with_one_newline", "base/y.c", "int x;\n\n", "base/y.c"),
    ("functions_fit_a_screen", "base/y.c", "int x;\n\n" + LONG, "base/y.c:3: a function of 83 lines"),
    ("functions_fit_a_screen", "tests/y.c", LONG.replace("(void)", "(int a,\n\tint b)"), "of 84 lines"),
    ("top_folders_are_those_of_the_house", "src/y.c", "int x;\n", "src/"),
    ("top_folders_are_those_of_the_house", "docs/y.md", "x\n", "docs/"),
]


def complaints(rule, files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", newline="") as f:
                f.write(text)
        return list(rule(check.Tree(root)))


def outcomes():
    """(what, whether it went as it must, what was said)"""
    for rule in check.RULES:
        said = complaints(rule, {**GOOD, "base/table.c": TABLE})
        yield "%s accepts a good tree" % rule.__name__, not said, said
        yield "%s is seen failing" % rule.__name__, any(bad[0] == rule.__name__ for bad in BAD), []
    for name, path, text, want in BAD:
        said = complaints(getattr(check, name), {**GOOD, path: text})
        yield "%s rejects %s: %s" % (name, path, want), any(want in s for s in said), said


def main():
    failed = number = 0
    for what, good, said in outcomes():
        number += 1
        failed += not good
        print("%sok %d - %s" % ("" if good else "not ", number, what.replace("#", "")))
        if not good:
            print("\n".join("# " + line for s in said for line in s.split("\n")))
    print("1..%d" % number)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
