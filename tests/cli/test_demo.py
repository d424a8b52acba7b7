"""demo: the fictional hierarchy through the whole pipeline, where there is no terminal."""
import os
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402


def demo(t, *args, **env):
    return t.run("demo", *args, **{"CANOPY_DEMO": t.world, **env})


def test_without_a_terminal_the_tree_and_an_impact_are_written(t):
    r = demo(t)
    equal(r.code, 0, r.err)
    clean(r.out)
    for part in ["Alder Root CA", "├─ ", "impact on mozilla, tls, on " + DAY, "leaves lost of", "(fictional)"]:
        check(part in r.out, part)
    check("fictional" in r.err, r.err)


def test_a_second_time_says_the_same(t):
    equal(demo(t).out, demo(t).out)


def test_it_has_an_index_of_its_own(t):
    before = os.stat(t.db).st_mtime_ns
    demo(t)
    equal(os.stat(t.db).st_mtime_ns, before)
    path = os.path.join(t.dir, "cache", "canopy", "demo.db")
    check(os.path.exists(path))
    equal(os.path.exists(os.path.join(t.dir, "data")), False)
    found = t.ok("counts", "--db", path, "--as-of", DAY, "--format", "json").json()
    check(t.ca("alder-tls-1") in {r["ca_id"] for r in found})


def test_it_finds_its_files_beside_the_program(t):
    if os.path.isdir(os.path.join(os.path.dirname(t.canopy), "demo", "ccadb")):
        equal(demo(t, CANOPY_DEMO=None).code, 0)


def test_missing_files_are_named(t):
    t.fails(3, "demo", CANOPY_DEMO="nowhere", says="'nowhere'")


def test_quiet_says_nothing_beside_the_answer(t):
    r = demo(t, "--quiet")
    equal((r.code, r.err), (0, ""))


if __name__ == "__main__":
    main()
