#!/usr/bin/env python3
"""Enforces what CONTRIBUTING.md calls the house style, as TAP: check.py FOLDER

A rule is a function that gets the tree and yields complaints; selftest.py proves that each can fail.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

FOLDERS = ["base", "db", "fetch", "index", "tui", "cli"]
# What a folder may include, besides itself. Tests may include everything.
BELOW = {
    "base": [],
    "db": ["base"],
    "fetch": ["base"],
    "index": ["base", "db", "fetch"],
    "tui": ["base", "db", "fetch", "index"],
    "cli": ["base", "db", "fetch", "index", "tui"],
}
# The folders that a library's headers are known in.
LIBRARIES = [
    (r"sqlite3(ext)?\.h", ["db"]),
    (r"curl/", ["fetch"]),
    (r"zip\.h", ["fetch"]),
    (r"(ncursesw?/)?n?(curses|term|panel|menu|form)\.h", ["tui"]),
    (r"openssl/", ["index"]),
    (r"csv\.h", ["index"]),
    (r"jansson\.h", ["index", "cli"]),
]
TOP_FOLDERS = FOLDERS + ["tests", "screenshots", ".ci"]
LONGEST_FUNCTION = 70
COMPILERS = ["gcc", "clang"]
HEADER_FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-I.", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
# Files that people write; samples of other people's formats are as they are.
WRITTEN = (".c", ".h", ".py", ".sh", ".md", ".build", ".sql", ".1")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LEFT_OVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
PRIVATE_PATH = re.compile(r"(?<![\w.:/-])/(home|root|work|Users)/\w")


class Tree:
    def __init__(self, root):
        self.root = root
        self.files = sorted(f for f in self.listed() if os.path.isfile(os.path.join(root, f)))

    def listed(self):
        """Tracked and new files; all files where git knows nothing of the folder."""
        if os.path.exists(os.path.join(self.root, ".git")):
            git = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                 cwd=self.root, capture_output=True)
            if git.returncode == 0:
                return git.stdout.decode().split("\0")[:-1]
        return [os.path.relpath(os.path.join(folder, name), self.root)
                for folder, _, names in os.walk(self.root) for name in names
                if not re.match(r"(build[^/]*|\.git)(/|$)", os.path.relpath(folder, self.root))]

    def lines(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace", newline="") as f:
            return f.read().split("\n")

    def sources(self):
        return [f for f in self.files if f.endswith((".c", ".h"))]

    def written(self):
        for path in self.files:
            name = os.path.basename(path)
            if path.endswith(WRITTEN) or name.startswith(".clang") or self.lines(path)[0].startswith("#!"):
                yield path

    def includes(self):
        """(file, line number, '<' or '"', included name) of the program's sources."""
        for path in self.sources():
            if path.split("/")[0] in FOLDERS:
                for number, line in enumerate(self.lines(path), 1):
                    found = INCLUDE.match(line)
                    if found:
                        yield path, number, found[1], found[2]


def includes_point_down(tree):
    for path, number, quote, name in tree.includes():
        folder, target = path.split("/")[0], name.split("/")[0]
        if quote == '"' and target not in FOLDERS:
            yield '%s:%d: include "%s" does not begin with its folder' % (path, number, name)
        elif quote == '"' and target != folder and target not in BELOW[folder]:
            yield "%s:%d: %s may not use %s" % (path, number, folder, name)


def libraries_are_known_in_one_folder(tree):
    for path, number, _, name in tree.includes():
        for pattern, folders in LIBRARIES:
            if re.match(pattern, name) and path.split("/")[0] not in folders:
                yield "%s:%d: <%s> belongs to %s" % (path, number, name, " and ".join(folders))


def own_header_comes_first(tree):
    first = {}
    for path, number, _, name in tree.includes():
        first.setdefault(path, (number, name))
    for path, (number, name) in first.items():
        own = path[:-2] + ".h"
        if path.endswith(".c") and own in tree.files and name != own:
            yield '%s:%d: the first include is not "%s"' % (path, number, own)


def header_alone(job):
    tree, compiler, path = job
    try:
        run = subprocess.run([compiler, *HEADER_FLAGS, "-x", "c", "-"], input='#include "%s"\n' % path, cwd=tree.root,
                             capture_output=True, text=True)
    except OSError as e:
        return "%s: %s" % (compiler, e.strerror)
    if not run.returncode:
        return None
    return "%s: %s: %s" % (path, compiler, next((s for s in run.stderr.split("\n") if "error:" in s), run.stderr))


def headers_compile_alone(tree):
    jobs = [(tree, compiler, path) for compiler in COMPILERS for path in tree.sources() if path.endswith(".h")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from filter(None, pool.map(header_alone, jobs))


def matching(tree, pattern, what):
    for path in tree.written():
        for number, line in enumerate(tree.lines(path), 1):
            found = pattern.search(line)
            if found:
                yield "%s:%d: %s" % (path, number, what % found[0] if "%" in what else what)


def nothing_is_left_to_do(tree):
    return matching(tree, LEFT_OVER, "%s is left")


def no_line_ends_in_blanks(tree):
    return matching(tree, re.compile(r"[ \t\r]+$"), "blanks at the end of the line")


def no_path_of_one_machine(tree):
    return matching(tree, PRIVATE_PATH, "'%s' is a path of one machine")


def files_end_with_one_newline(tree):
    for path in tree.written():
        lines = tree.lines(path)
        if lines[-1] != "" or lines[-2:] == ["", ""]:
            yield "%s: does not end with one end of line" % path


def functions_fit_a_screen(tree):
    """A function's braces, and nothing else, stand alone in the first column."""
    for path in tree.sources():
        lines, start = tree.lines(path), 0
        for number, line in enumerate(lines, 1):
            if line == "{":
                start = number - 1
                while start > 1 and re.match(r"\s", lines[start - 1]):
                    start -= 1
            elif line == "}" and start:
                if number - start + 1 > LONGEST_FUNCTION:
                    yield "%s:%d: a function of %d lines (at most %d)" % (path, start, number - start + 1,
                                                                        LONGEST_FUNCTION)
                start = 0


def top_folders_are_those_of_the_house(tree):
    for folder in sorted({path.split("/")[0] for path in tree.files if "/" in path} - set(TOP_FOLDERS)):
        yield "%s/: no folder of the house" % folder


RULES = [
    includes_point_down,
    libraries_are_known_in_one_folder,
    own_header_comes_first,
    headers_compile_alone,
    nothing_is_left_to_do,
    no_line_ends_in_blanks,
    no_path_of_one_machine,
    files_end_with_one_newline,
    functions_fit_a_screen,
    top_folders_are_those_of_the_house,
]


def main():
    tree = Tree(sys.argv[1])
    print("1..%d" % len(RULES))
    failed = 0
    for number, rule in enumerate(RULES, 1):
        complaints = list(rule(tree))
        failed += bool(complaints)
        print("%sok %d - %s" % ("not " if complaints else "", number, rule.__name__))
        for complaint in complaints:
            print("# " + complaint.replace("\n", "\n# "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
