#!/usr/bin/env python3
"""Turns the cells of a screen into a PNG.

usage: render.py CELLS PNG THEME [--check]

CELLS is what `screen --cells` writes: a line "ROWS COLS", then runs
"Y X FG BG ATTRIBUTES- TEXT". ImageMagick draws the letters; lines and blocks
are drawn as rectangles, so that they join. The picture keeps a digest of what
it was made of, and is made again only where that differs; --check makes
nothing, and fails there.
"""

import hashlib
import os
import struct
import subprocess
import sys
import unicodedata
import zlib

FONT = "DejaVu-Sans-Mono"
SIZE, CELL_W, CELL_H, BASE, PAD = 20, 12, 25, 19, 18
DARK = ("#d0d0d0", "#1b1d1e")
LIGHT = ("#333333", "#fdfdfb")
PAPERS = {"light": LIGHT, "contrast": ("#ffffff", "#000000")}
BASIC = ["#1b1d1e", "#c0504a", "#6f9f6f", "#c8a05a", "#5f87af", "#a07fa0", "#5fa0a0", "#d0d0d0"]


def rgb(n, default):
    if n < 0:
        return default
    if n < 16:
        return BASIC[n % 8]
    if n >= 232:
        v = 8 + 10 * (n - 232)
        return f"#{v:02x}{v:02x}{v:02x}"
    n -= 16
    levels = [0, 95, 135, 175, 215, 255]
    return "#" + "".join(f"{levels[i]:02x}" for i in (n // 36, n // 6 % 6, n % 6))


def width(ch):
    if unicodedata.combining(ch):
        return 0
    return 2 if unicodedata.east_asian_width(ch) in "WF" else 1


def box(out, colour, x, y, w, h):
    out.append(f"fill '{colour}' rectangle {x},{y} {x + w - 1},{y + h - 1}")


def rectangles(ch, w, h):
    """What ch is made of in a cell of w and h, as (x, y, w, h); nothing where it is a letter."""
    mid_x, mid_y = w // 2 - 1, h // 2
    if ch in "─├└┬":
        left = 0 if ch in "─┬" else mid_x
        yield left, mid_y, w - left, 1
    if ch in "│├":
        yield mid_x, 0, 1, h
    if ch == "┬":
        yield mid_x, mid_y, 1, h - mid_y
    if ch == "└":
        yield mid_x, 0, 1, h // 2 + 1
    if ch in "▏▎▍▌▋▊▉█":
        yield 0, 0, max(1, round(w * ("▏▎▍▌▋▊▉█".index(ch) + 1) / 8)), h
    if ch in "▁▂▃▄▅▆▇":
        high = round(h * ("▁▂▃▄▅▆▇".index(ch) + 1) / 8)
        yield 0, h - high, w, high


def line_art(out, ch, colour, x, y):
    """Draws ch if it is made of rectangles; says whether it was. The font's own U+FFFD is wider than a cell."""
    if ch == "\ufffd":
        mid_x, mid_y = x + CELL_W // 2, y + CELL_H // 2
        out.append(f"fill '{colour}' polygon {mid_x},{mid_y - 6} {x + CELL_W - 2},{mid_y} {mid_x},{mid_y + 6} {x + 2},{mid_y}")
        box(out, PAPER, mid_x, mid_y - 3, 1, 4)
        box(out, PAPER, mid_x, mid_y + 2, 1, 1)
        return True
    parts = list(rectangles(ch, CELL_W, CELL_H)) if len(ch) == 1 else []
    for dx, dy, w, h in parts:
        box(out, colour, x + dx, y + dy, w, h)
    return bool(parts)


def quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def words(text):
    """(column, word) pairs; short ones, so that the font's own advance cannot drift off the cells."""
    column, start, word = 0, 0, ""
    for ch in text:
        plain = " " < ch < "\x7f"
        if word and (not plain or len(word) == 8):
            yield start, word
            word = ""
        if plain:
            if not word:
                start = column
            word += ch
        elif ch != " ":
            yield column, ch
        column += width(ch)
    if word:
        yield start, word


def draw_run(out, y, x, fg, bg, attributes, text):
    px, py = PAD + x * CELL_W, PAD + y * CELL_H
    columns = sum(width(ch) for ch in text)
    if "r" in attributes:
        fg, bg = bg, fg
    if bg != PAPER:
        box(out, bg, px, py, columns * CELL_W, CELL_H)
    if "u" in attributes:
        box(out, "#5a5a5a" if PAPER == DARK[1] else "#b0b0b0", px, py + CELL_H - 2, columns * CELL_W, 1)
    out.append(f"font {FONT + '-Bold' if 'b' in attributes else FONT}")
    for column, word in words(text):
        wx = px + column * CELL_W
        if not line_art(out, word, fg, wx, py):
            out.append(f"fill '{fg}' text {wx},{py + BASE} {quote(word)}")


def read_cells(text):
    """Rows, columns, and the runs as (y, x, fg, bg, attributes, text)."""
    lines = text.split("\n")
    rows, cols = map(int, lines[0].split())
    runs = [line.split(" ", 5) for line in lines[1:] if line]
    return rows, cols, [(*map(int, run[:4]), run[4], run[5]) for run in runs]


def digest(cells, theme):
    with open(__file__, "rb") as f:
        return hashlib.sha256(b"\0".join([f.read(), theme.encode(), cells.encode()])).hexdigest()


def kept_digest(png):
    """That of a picture that there is; None where there is none."""
    if not os.path.exists(png):
        return None
    with open(png, "rb") as f:
        data, at = f.read(), 8
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        name, _, text = data[at + 8:at + 8 + size].partition(b"\0")
        if kind == b"tEXt" and name == b"cells":
            return text.decode()
        at += size + 12
    return None


def with_text(png, text):
    """A PNG with a chunk of text (PNG specification, 11.3.3.2) before its end."""
    chunk = b"tEXt" + text
    end = len(png) - 12  # IEND: a size, a kind, no data, a sum
    return png[:end] + struct.pack(">I", len(text)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[end:]


def draw(cells, png, ink, made_of):
    rows, cols, runs = read_cells(cells)
    w, h = cols * CELL_W + 2 * PAD, rows * CELL_H + 2 * PAD
    out = [f"viewbox 0 0 {w} {h}", f"font-size {SIZE}"]
    box(out, PAPER, 0, 0, w, h)
    for y, x, fg, bg, attributes, text in runs:
        draw_run(out, y, x, rgb(fg, ink), rgb(bg, PAPER), attributes, text)
    drawn = subprocess.run(["convert", "mvg:-", "-strip", "+dither", "-colors", "96", "-define", "png:compression-level=9", "png8:-"],
                           input="\n".join(out).encode(), check=True, stdout=subprocess.PIPE).stdout
    with open(png, "wb") as f:
        f.write(with_text(drawn, b"cells\0" + made_of.encode()))


def main():
    global PAPER
    source, png, theme = sys.argv[1:4]
    ink, PAPER = PAPERS.get(theme, DARK)
    with open(source, encoding="utf-8") as f:
        cells = f.read()
    made_of = digest(cells, theme)
    if kept_digest(png) == made_of:
        return
    if "--check" in sys.argv[4:]:
        sys.exit(f"shots: {os.path.basename(png)} is not what the browser draws; ./dev shots makes it anew")
    draw(cells, png, ink, made_of)
    print(f"shots: {os.path.basename(png)} is new", file=sys.stderr)


if __name__ == "__main__":
    main()
