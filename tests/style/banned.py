#!/usr/bin/env python3
"""Tries every function of base/banned.h in both compilers, as TAP: banned.py SOURCE BUILD

Also that the neighbours one is to use instead do compile, and that no file is built without it."""
import json
import os
import subprocess
import sys

BANNED = ["strcpy(b, b)", "strcat(b, b)", "strncpy(b, b, 1)", "strncat(b, b, 1)", 'sprintf(b, "x")',
          'vsprintf(b, "x", ap)', "gets(b)", "atoi(b)", "atol(b)", "atoll(b)", "strtok(b, b)", "localtime(&t)",
          "gmtime(&t)", "asctime(&tm)", "ctime(&t)"]
ALLOWED = ['snprintf(b, 1, "x")', 'vsnprintf(b, 1, "x", ap)', "strtok_r(b, b, &p)", "localtime_r(&t, &tm)",
           "gmtime_r(&t, &tm)", "memcpy(b, b, 0)"]
PROGRAM = """
void f(char *b, va_list ap);
void f(char *b, va_list ap)
{
	char *p = b;
	time_t t = 0;
	struct tm tm = { 0 };

	(void)p, (void)t, (void)tm, (void)ap;
	(void)%s;
}
"""


def compiles(source, compiler, call):
    command = [compiler, "-std=c17", "-D_GNU_SOURCE", "-O2", "-include", os.path.join(source, "base/banned.h"),
               "-fsyntax-only", "-x", "c", "-"]
    program = "#include <stdarg.h>\n" + PROGRAM % call
    return subprocess.run(command, input=program, text=True, capture_output=True)


def results(source, build):
    for compiler in ("gcc", "clang"):
        for call in BANNED:
            run = compiles(source, compiler, call)
            yield "%s rejects %s" % (compiler, call), run.returncode and "is_a_banned_function" in run.stderr
        for call in ALLOWED:
            yield "%s accepts %s" % (compiler, call), compiles(source, compiler, call).returncode == 0
    with open(os.path.join(build, "compile_commands.json")) as f:
        commands = json.load(f)
    bare = [c["file"] for c in commands if "base/banned.h" not in c["command"]]
    yield "every file is compiled with base/banned.h %s" % " ".join(bare), commands and not bare


def main():
    number = failed = 0
    for what, good in results(*sys.argv[1:]):
        number += 1
        failed += not good
        print("%sok %d - %s" % ("" if good else "not ", number, what))
    print("1..%d" % number)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
