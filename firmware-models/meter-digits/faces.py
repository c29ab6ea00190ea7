"""The digits' shapes: fonts, and segments for the displays of training.

A face is a tuple: ("font", file), or ("segments", ...) with the parameters of segment_cells.
"""

import functools
import math
import pathlib

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT_LIST = pathlib.Path(__file__).resolve().parent / "fonts.tsv"
FONT_ROOT = pathlib.Path("/usr/share/fonts")

GLYPH_HEIGHT = 128        # pixels; glyphs are drawn once at this height

# The lit segments of 0 to 9.
SEGMENTS = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")


@functools.lru_cache(maxsize=None)
def font_groups(split):
    """The font files of a split, grouped by design; groups are drawn equally often."""
    groups = {}
    for line in FONT_LIST.read_text().splitlines():
        if line.startswith("#"):
            continue
        line_split, group, _package, path = line.split("\t")
        if line_split == split:
            groups.setdefault(group, []).append(str(FONT_ROOT / path))
    return groups


@functools.lru_cache(maxsize=None)
def font_cells(path):
    """The ten digits as grey masks on cells of one size, on a common baseline."""
    font = ImageFont.truetype(path, GLYPH_HEIGHT)
    boxes = [font.getbbox(digit, anchor="ms") for digit in "0123456789"]
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    font = ImageFont.truetype(path, round(GLYPH_HEIGHT * GLYPH_HEIGHT / (bottom - top)))
    boxes = [font.getbbox(digit, anchor="ms") for digit in "0123456789"]
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    half_width = max(max(-box[0], box[2]) for box in boxes) + 2
    cells = []
    for digit in "0123456789":
        cell = Image.new("L", (2 * half_width, bottom - top))
        ImageDraw.Draw(cell).text((half_width, -top), digit, font=font, anchor="ms", fill=255)
        cells.append(cell)
    return cells


def segment_polygons(thickness, gap, bevel, width):
    """The seven segments a..g as polygons on a cell of GLYPH_HEIGHT by width."""
    height, half = GLYPH_HEIGHT, thickness / 2
    left, right, middle = half, width - half, height / 2

    def bar(x0, y0, x1, y1):
        """A bar between two points, drawn in by the gap, its ends cut by the bevel."""
        length = math.hypot(x1 - x0, y1 - y0)
        along = numpy.array([(x1 - x0) / length, (y1 - y0) / length])
        across = numpy.array([-along[1], along[0]]) * half
        start = numpy.array([x0, y0]) + along * gap
        end = numpy.array([x1, y1]) - along * gap
        cut = along * half * bevel
        points = (start, start + cut + across, end - cut + across, end, end - cut - across, start + cut - across)
        return [tuple(point) for point in points]

    return {
        "a": bar(left, half, right, half), "d": bar(left, height - half, right, height - half),
        "g": bar(left, middle, right, middle),
        "f": bar(left, half, left, middle), "b": bar(right, half, right, middle),
        "e": bar(left, middle, left, height - half), "c": bar(right, middle, right, height - half),
    }


@functools.lru_cache(maxsize=64)
def segment_cells(thickness, gap, bevel, width, slant, tails, hook):
    """The ten digits of a seven-segment display; some draw 6 and 9 without tails, 7 with a hook."""
    polygons = segment_polygons(thickness, gap, bevel, width)
    shift = abs(slant) * GLYPH_HEIGHT
    full_width = round(width + shift)
    cells = []
    for lit in SEGMENTS:
        if not tails:
            lit = {"acdefg": "cdefg", "abcdfg": "abcfg"}.get(lit, lit)
        if hook:
            lit = {"abc": "abcf"}.get(lit, lit)
        cell = Image.new("L", (full_width, GLYPH_HEIGHT))
        pen = ImageDraw.Draw(cell)
        for name in lit:
            pen.polygon([(x + slant * (GLYPH_HEIGHT - y), y) for x, y in polygons[name]], fill=255)
        cells.append(cell)
    return cells


def face_cells(face):
    """The digit masks of a face, which is a font file or a seven-segment shape."""
    return font_cells(face[1]) if face[0] == "font" else segment_cells(*face[1:])


def reweigh(cell, weight):
    """Thins or thickens the strokes: blur, then move the threshold."""
    if abs(weight) < 0.02:
        return cell
    pixels = numpy.asarray(cell.filter(ImageFilter.GaussianBlur(4)), dtype=numpy.float32) / 255
    pixels = numpy.clip((pixels - 0.5 + weight) * 4 + 0.5, 0, 1)
    return Image.fromarray((pixels * 255).astype(numpy.uint8))
