#!/usr/bin/env python3
"""Plays a walk through the browser and writes it as an animated SVG.

usage: film.py SCREEN CANOPY DB DAY SVG

SCREEN plays the keys; every frame is the program's own screen. Equal lines are
in the file once. No script is in it, so that it moves where pages show it as
an image; who asks for less motion sees one frame.
"""

import os
import re
import subprocess
import sys
import tempfile
from html import escape

from render import DARK, read_cells, rectangles, rgb, width

COLS, ROWS = 104, 30
CELL_W, CELL_H, BASE, SIZE = 9, 19, 14, 14.5
PAD, BAR = 16, 58
FONT = "'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace"
STILL = "impact"  # the step that stands still for who asks for less motion

# What is pressed, what of it is shown as keys, for how many seconds, what is said; and a name.
STEPS = [
    ("", "canopy", 4, "the roots that a program trusts, and the unexpired leaves below each", ""),
    ("l", "→", 3.2, "opens a root: its sub-CAs, and who trusts each of them", ""),
    ("j", "↓", 0.45, "", ""),
    ("l", "→", 2.6, "and so on down; ⇄ stands where a CA hangs below several parents", ""),
    ("/ 'alder tls ca 1'", "/", 2.2, "finds names and fingerprints while they are typed", ""),
    ("Enter Enter", "Enter", 4, "one CA: its key, and its leaves by month of issuance and of expiry", ""),
    (". .", ".", 3.6, "section by section: who trusts it, and by which path", ""),
    ("q g", "q", 0.8, "back", ""),
    ("Space", "Space", 4, "marks a CA as the program would cut it; the line below tells the loss", ""),
    ("k m", "m", 3, "has all actions, and a date for each", ""),
    ("Esc / 'cedar root e1' Enter m", "m", 1.4, "has all actions, and a date for each", ""),
    ("f", "f", 1.6, "one of them from a day on: a plan in stages", ""),
    ("C-u '2026-09-01' Enter", "Enter", 3, "a small letter: not in force yet", ""),
    ("i", "i", 4.5, "what stops validating, in every program side by side", STILL),
    ("Tab Tab Tab", "Tab", 4, "how long it would hurt; stages make it rise again", ""),
    ("t", "t", 1.6, "from which day on would fewer than so many leaves break?", ""),
    ("Enter", "Enter", 4.5, "the day, and how sure it is", ""),
    ("x", "x", 1.4, "writes the report", ""),
    ("C-u 'report.html'", "report.html", 1, "writes the report", ""),
    ("Enter", "Enter", 3.6, "as HTML, Markdown, CSV or JSON, like canopy impact", ""),
]


class Palette:
    """A class for every look of a text."""

    def __init__(self):
        self.names = {}

    def name(self, colour, bold):
        return self.names.setdefault((colour, bold), "c%d" % len(self.names))

    def css(self):
        return "".join(".%s{fill:%s%s}" % (name, colour, ";font-weight:bold" if bold else "")
                       for (colour, bold), name in self.names.items())


def pieces(text):
    """(column, text): words, with the single blanks between them; what is not ASCII alone."""
    column = 0
    for part in re.findall(r"[!-~]+(?: [!-~]+)*|.", text):
        if part != " ":
            yield column, part
        column += sum(width(ch) for ch in part)


def write_text(x, y, text, look):
    n = sum(width(ch) for ch in text)
    fit = ' textLength="%d" lengthAdjust="spacingAndGlyphs"' % (n * CELL_W) if n > 1 else ""
    return '<text x="%d" y="%d" class="%s"%s>%s</text>' % (x, y, look, fit, escape(text, quote=False))


def write_rect(x, y, w, h, colour):
    return '<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>' % (x, y, w, h, colour)


def join(boxes):
    """Boxes beside each other as one."""
    out = []
    for x, y, w, h in boxes:
        if out and out[-1][1] == y and out[-1][3] == h and out[-1][0] + out[-1][2] == x:
            out[-1] = (out[-1][0], y, out[-1][2] + w, h)
        else:
            out.append((x, y, w, h))
    return out


def write_run(palette, x, fg, bg, attributes, text):
    fg, bg = rgb(fg, DARK[0]), rgb(bg, DARK[1])
    if "r" in attributes:
        fg, bg = bg, fg
    out, drawn, left = [], [], x * CELL_W
    columns = sum(width(ch) for ch in text)
    if bg != DARK[1]:
        out.append(write_rect(left, 0, columns * CELL_W, CELL_H, bg))
    if "u" in attributes:
        out.append(write_rect(left, CELL_H - 2, columns * CELL_W, 1, "#5a5a5a"))
    for column, part in pieces(text):
        px = left + column * CELL_W
        shape = list(rectangles(part, CELL_W, CELL_H)) if len(part) == 1 else []
        drawn += [(px + dx, dy, w, h) for dx, dy, w, h in shape]
        if not shape:
            out.append(write_text(px, BASE, part, palette.name(fg, "b" in attributes)))
    return "".join(out + [write_rect(*box, fg) for box in join(drawn)])


def lines_of(palette, cells):
    """Each line of the screen as SVG that begins at 0, 0."""
    rows, _, runs = read_cells(cells)
    lines = [""] * rows
    for y, x, fg, bg, attributes, text in runs:
        lines[y] += write_run(palette, x, fg, bg, attributes, text)
    return lines


def caption(palette, keys, said, top):
    w = len(keys) * CELL_W + 18
    out = '<rect x="%d" y="%d" width="%d" height="26" rx="5" fill="#4a4e52" stroke="#7a7e82"/>' % (PAD, top + 18, w)
    out += write_text(PAD + 9, top + 36, keys, palette.name("#ffffff", True))
    return out + write_text(PAD + w + 14, top + 36, said, palette.name("#e8c98a", False)) if said else out


def play(screen, canopy, db, day, keys, folder):
    return subprocess.run([screen, "--db", db, "--canopy", canopy, "--as-of", day, "--today", day, "--size", "%dx%d" % (COLS, ROWS),
                           "--theme", "dark", "--cells", "--keys", keys], check=True, capture_output=True, cwd=folder).stdout.decode()


def style(palette, steps, total):
    css = ["text{font-family:%s;font-size:%gpx;white-space:pre}.f{visibility:hidden;animation:%gs step-end infinite}" % (FONT, SIZE, total)]
    css.append(palette.css())
    at = 0
    for i, (_, _, seconds, _, name) in enumerate(steps):
        on, off = 100 * at / total, 100 * (at + seconds) / total
        start = "" if i == 0 else "0%{visibility:hidden}"
        css.append("@keyframes k%d{%s%.3f%%{visibility:visible}%.3f%%{visibility:hidden}}#f%d{animation-name:k%d}"
                   % (i, start, on, min(off, 100), i, i))
        if name == STILL:
            css.append("#f%d{visibility:visible}" % i)
        at += seconds
    css.append("@keyframes p{from{transform:scaleX(0)}to{transform:scaleX(1)}}.p{animation:p %gs linear infinite}" % total)
    css.append("@media (prefers-reduced-motion:reduce){.f,.p{animation:none}.p{visibility:hidden}}")
    return "".join(css)


def main():
    screen, canopy, db, day, svg = sys.argv[1:6]
    palette, known, defs, frames, keys = Palette(), {}, [], [], ""
    top = PAD + ROWS * CELL_H
    with tempfile.TemporaryDirectory() as folder:
        for i, (pressed, caps, _, said, _) in enumerate(STEPS):
            keys += " " + pressed
            uses = []
            for y, line in enumerate(lines_of(palette, play(*map(os.path.abspath, (screen, canopy, db)), day, keys, folder))):
                if line and line not in known:
                    known[line] = "l%d" % len(known)
                    defs.append('<g id="%s">%s</g>' % (known[line], line))
                if line:
                    uses.append('<use href="#%s" x="%d" y="%d"/>' % (known[line], PAD, PAD + y * CELL_H))
            frames.append('<g class="f" id="f%d">%s%s</g>' % (i, "".join(uses), caption(palette, caps, said, top)))
    w, h, total = COLS * CELL_W + 2 * PAD, top + BAR, sum(step[2] for step in STEPS)
    with open(svg, "w", encoding="utf-8") as f:
        f.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">' % (w, h, w, h))
        f.write("<title>A walk through canopy's browser on its fictional demo</title><style>%s</style>" % style(palette, STEPS, total))
        f.write('<rect width="%d" height="%d" rx="8" fill="%s"/><defs>%s</defs>\n' % (w, h, DARK[1], "\n".join(defs)))
        f.write('<rect y="%d" width="%d" height="%d" fill="#2b2f33"/>' % (top + 8, w, BAR - 16))
        f.write("\n".join(frames))
        f.write('\n<rect class="p" x="0" y="%d" width="%d" height="3" fill="#5f87af"/></svg>\n' % (h - 3, w))


main()
