"""The power goes, at each of many moments: what was not synced is lost, or parts of it. What was done before stays done, the
index stays sound, and the next run gives the answers of one that nothing disturbed."""
import hashlib
import os
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
import harness  # noqa: E402
from ctlog import Leaf, final_entry, precert_entry  # noqa: E402
from disk import Disk, Folder, Server, read_record  # noqa: E402
from harness import check, equal  # noqa: E402

POINTS = 26
SHARES = (0, 0.5, 1, 0.9, 0.1)  # of what was not synced that comes through
ASKED = [("counts", "--subtree", "--as-of", "2026-06-01", "--format", "csv"), ("leaves", "Alder TLS CA 1", "--format", "csv")]


class Watched(Server):
    """Notes how far the record is when it is first asked."""

    def __init__(self, log, record):
        super().__init__(log)
        self.record, self.mark = record, None

    def answer(self, path):
        if self.mark is None and os.path.exists(self.record):
            self.mark = os.path.getsize(self.record)
        return super().answer(path)


class Story:
    """Commands that change an index, recorded; answers and steps so far after each of them, first those before all."""

    def __init__(self, t):
        self.t, self.record, self.folder = t, os.path.join(t.dir, "record"), Folder(t)
        ca = next(der for name in os.listdir(t.path("ccadb")) for der in ctlog.pem_blocks(t.path("ccadb", name))
                  if hashlib.sha256(der).hexdigest() == t.cert("alder-tls-1"))
        some = [Leaf(ca, 1000 + i) for i in range(700)]
        entries = [precert_entry(leaf) for leaf in some[:400]], [final_entry(leaf) for leaf in some[200:]]
        self.servers = [Watched(ctlog.Log(t.dir, "ab"[i], entries[i], i == 0), self.record) for i in range(2)]
        described = [s.log.described(s.url) for s in self.servers]
        self.lists = [ctlog.log_list(*described), ctlog.log_list(*described[::-1]).replace("05-30", "05-31")]
        first, second = (["fetch", "ct", "--force", "--url", "ct=file://" + t.write("list%d.json" % i, text)]
                         for i, text in enumerate(self.lists))
        self.commands = [["import", t.path("ccadb")], first + ["--to", "300"], second,
                         ["import", t.path("leaves"), t.path("crl")], ["index", "--compact"]]
        self.answers, self.ends = [self.ask()], [0]
        for command in self.commands:
            self.folder.ok(*command, record=self.record, pages=400)
            self.answers.append(self.ask())
            self.ends.append(len(read_record(self.record)))
        self.steps = read_record(self.record)

    def ask(self):
        if not self.folder.run("index").out:
            return None
        size, = self.folder.ok("index", "--format", "json").json()
        return [[size["sha256"], size["leaves"]]] + [sorted(self.folder.run(*words).out.split("\n")) for words in ASKED]

    def read(self):
        """Entries read of each log."""
        return {row["log"]: row["read"] or 0 for row in self.folder.ok("sources", "ct", "--format", "json").json()}

    def disk_after(self, n):
        disk = Disk()
        for step in self.steps[:n]:
            disk.apply(*step)
        return disk


def check_cache(story):
    """Its documents are whole, whatever they are."""
    for where, _, names in os.walk(os.path.join(story.folder.path, "cache")):
        for name in names:
            with open(os.path.join(where, name), encoding="utf-8") as f:
                text = f.read()
            if name.endswith(".meta"):
                check("\nbytes: " in text and text.endswith("\n"), name + ": " + text)
            elif not name.endswith((".part", ".tmp")):
                check(text in story.lists, name + " is cut")


def check_loss(story, disk, n, i, share):
    at = max(k for k, end in enumerate(story.ends[:-1]) if end <= n)
    what = "%s, step %d of %d, %s of what was not synced is there" % (
        " ".join(story.commands[at][:2]), n - story.ends[at], story.ends[at + 1] - story.ends[at], share)
    disk.lose_power(story.folder.path, i, share)
    story.folder.check_sound(what)
    check_cache(story)
    now = story.ask()
    if story.commands[at][0] == "fetch":
        check(now and now[0][1] >= story.answers[at][0][1], what + ": what was done before is lost")
    elif now != story.answers[at] and not (at == 0 and now and not now[0][1]):
        equal(now, story.answers[at + 1], what)
    for command in story.commands[at:]:
        story.folder.ok(*command)
    equal(story.ask(), story.answers[-1], what)


def moments(steps):
    """The worst moments, just before something is synced, and some others between."""
    syncs = [i for i, step in enumerate(steps) if step[0] == "s"]
    some = syncs[::max(1, len(syncs) * 3 // (POINTS * 2))]
    others = range(0, len(steps), max(1, len(steps) * 3 // POINTS))
    return sorted(set(some) | set(others))


def test_a_loss_of_power_costs_no_answer(t):
    story, disk, done = Story(t), Disk(), 0
    points = moments(story.steps)
    for i, n in enumerate(points):
        for step in story.steps[done:n]:
            disk.apply(*step)
        done = n
        check_loss(story, disk, n, i, SHARES[i % len(SHARES)])


def test_what_a_log_gave_is_safe_before_the_next_is_asked(t):
    story = Story(t)
    first, second = sorted(story.servers, key=lambda s: s.mark)
    n = len(read_record(story.record, second.mark))
    check(story.ends[1] < n < story.ends[2], (n, story.ends))
    story.disk_after(n).lose_power(story.folder.path, 0, 0)
    equal(story.read(), {"Fictional log " + first.log.name: 300, "Fictional log " + second.log.name: 0})


harness.main()
