"""Renders labelled pictures of one digit of a utility meter, from seeds alone.

A picture is built in three steps, each with its own record of random choices:

  Meter    what was built: the font, the colours, the wheel and its window
  Capture  how it was photographed: pose, light, glare, blur, noise, JPEG
  draw()   puts the two together for one wheel position

The position of the wheel is its offset, in digits: 0 shows a digit centred in
the window, 0.5 stands half way to the next one.  The label follows from it:

  |offset| <= 0.24           the digit (less in a low window that would cut it)
  0.37 <= |offset| <= 0.5    "between"
  anything else              ambiguous, and never rendered

Usage:
  python render.py --set training --count 88000 --out training.npz
  python render.py --set held-out-fonts --count 3300 --out a.npz
  python render.py --set held-out-styles --count 3300 --out b.npz
  python render.py --set training --count 96 --sheet sheet.png
"""

import argparse
import colorsys
import functools
import io
import math
import multiprocessing
import pathlib
from dataclasses import dataclass, replace

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = pathlib.Path(__file__).resolve().parent
FONT_ROOT = pathlib.Path("/usr/share/fonts")
LABELS = (HERE / "labels.txt").read_text().split()
BETWEEN = LABELS.index("between")

INPUT_SIZE = 48           # the network's input, pixels on a side
GLYPH_HEIGHT = 128        # pixels; glyphs are drawn once at this height
CANVAS_MARGIN = 1.3       # the scene is wider than the view, so that no pose shows its edge

DIGIT_OFFSET_LIMIT = 0.24
BETWEEN_OFFSET_FLOOR = 0.37
HIDDEN_SHARE_LIMIT = 0.15  # of the digit's height, hidden by the window's edge

WHEEL_STYLES = ("black-wheel", "white-wheel", "red-wheel", "red-ink", "grey-wheel", "tinted-wheel")
DISPLAY_STYLES = ("lcd", "lcd-negative")
HELD_OUT_WHEEL_STYLES = ("blue-wheel", "brass-porthole")
HELD_OUT_DISPLAY_STYLES = ("led",)

# name: (seed word, font split, wheel styles, display styles)
SETS = {
    "training": (1, "train", WHEEL_STYLES, DISPLAY_STYLES),
    "validation": (2, "train", WHEEL_STYLES, DISPLAY_STYLES),
    "held-out-fonts": (3, "heldout", WHEEL_STYLES, DISPLAY_STYLES),
    "held-out-styles": (4, "heldout", HELD_OUT_WHEEL_STYLES, HELD_OUT_DISPLAY_STYLES),
}
DISPLAY_SHARE = 0.15      # of the digit pictures; a display has no "between"


@dataclass(frozen=True)
class Meter:
    """What was built.  Lengths are in heights of the digit unless said otherwise."""
    style: str
    face: tuple           # the font file, or the parameters of a seven-segment digit
    paper: tuple          # colours are red, green, blue in 0..255
    ink: tuple
    gap: tuple
    frame: tuple
    neighbour_paper: tuple
    neighbour_ink: tuple
    weight: float         # stroke weight change: negative thins, positive thickens
    stretch: float        # of the glyph's width
    pitch: float          # from one digit of the wheel to the next
    radius: float         # of the wheel, in pitches
    direction: int        # +1: the next digit comes from below
    wheel_width: float    # in widths of the glyph
    wheel_gap: float      # in widths of the glyph
    window_height: float
    window_kind: str      # "common", "own" or "round"
    corner: float
    shade: float          # darkening towards the wheel's top and bottom
    window_shadow: float
    wear: float
    ticks: bool
    ghost: float          # how visible the dark segments of a display are
    bloom: float          # glow of lit segments
    caption: str


@dataclass(frozen=True)
class Capture:
    """How it was photographed.  Shares are of the picture's height or width."""
    width: int
    height: int
    digit_share: float
    shift: tuple
    rotation: float       # radians
    keystone: tuple
    shear: float
    light: tuple          # slope across, slope down, strength of uneven patches
    gain: float
    gamma: float
    balance: tuple
    haze: float
    glares: tuple
    dust: int
    scratches: int
    defocus: float
    motion: tuple
    noise: float
    grey: tuple           # weights of red, green and blue for a grey picture, or empty
    quality: int          # of the JPEG; 0 leaves the step out


# --- fonts and glyphs ------------------------------------------------------------------

@functools.lru_cache(maxsize=None)
def font_groups(split):
    """The font files of a split, grouped by design; groups are drawn equally often."""
    groups = {}
    for line in (HERE / "fonts.tsv").read_text().splitlines():
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


SEGMENTS = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")


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


# --- random choices --------------------------------------------------------------------

def tint(random, low, high, saturation=0.12, hue=None):
    """A colour of a brightness between low and high (0..1), nearly grey unless asked."""
    hue = random.uniform() if hue is None else hue
    value = random.uniform(low, high)
    return tuple(255 * channel for channel in colorsys.hsv_to_rgb(hue % 1, random.uniform(0, saturation), value))


def strong(random, hue, spread, low, high, saturation_floor=0.55):
    """A saturated colour of about the hue."""
    value, saturation = random.uniform(low, high), random.uniform(saturation_floor, 1)
    hue = (hue + random.uniform(-spread, spread)) % 1
    return tuple(255 * channel for channel in colorsys.hsv_to_rgb(hue, saturation, value))


def tinted_colours(random):
    """Light on dark or dark on light in any hue but the held-out blue and brass.

    Saturated digits on black keep off the hues of the held-out LED style too.
    """
    if random.uniform() < 0.25:
        return tint(random, 0.02, 0.25), strong(random, random.choice([0.44, 0.84]), 0.06, 0.7, 1)
    hue = random.choice([random.uniform(0.22, 0.48), random.uniform(0.76, 1.05)])
    if random.uniform() < 0.5:
        return tint(random, 0.6, 1, 0.5, hue), tint(random, 0, 0.22, 0.6)
    return strong(random, hue, 0, 0.12, 0.45, 0.2), tint(random, 0.75, 1, 0.25)


def style_colours(random, style):
    """The colours of the wheel's face and of its digits."""
    if style == "black-wheel":
        return tint(random, 0.02, 0.25), tint(random, 0.7, 1)
    if style == "white-wheel":
        return tint(random, 0.65, 1), tint(random, 0, 0.25, 0.3)
    if style == "red-wheel":
        return strong(random, 0.0, 0.03, 0.4, 0.85), tint(random, 0.75, 1)
    if style == "red-ink":
        return tint(random, 0.7, 1), strong(random, 0.0, 0.03, 0.45, 0.85)
    if style == "grey-wheel":
        return (tint(random, 0.42, 0.7), tint(random, 0, 0.15)) if random.uniform() < 0.6 else \
            (tint(random, 0.2, 0.45), tint(random, 0.75, 1))
    if style == "tinted-wheel":
        return tinted_colours(random)
    if style == "lcd":
        return tint(random, 0.45, 0.85, 0.35, random.uniform(0.15, 0.5)), tint(random, 0, 0.25, 0.3)
    if style == "lcd-negative":
        return tint(random, 0.03, 0.25, 0.3), tint(random, 0.65, 1, 0.25)
    if style == "blue-wheel":
        ink = strong(random, 0.15, 0.02, 0.85, 1) if random.uniform() < 0.5 else tint(random, 0.8, 1)
        return strong(random, 0.61, 0.04, 0.2, 0.6), ink
    if style == "brass-porthole":
        return strong(random, 0.12, 0.02, 0.6, 0.9, 0.4), tint(random, 0, 0.18)
    if style == "led":
        return tint(random, 0.01, 0.1), strong(random, random.choice([0.0, 0.33, 0.1]), 0.02, 0.85, 1, 0.75)
    raise ValueError(style)


def choose_face(random, style, split):
    """A font for a wheel.  A display gets drawn segments in training, DSEG when held out."""
    groups = font_groups(split)
    if style in DISPLAY_STYLES + HELD_OUT_DISPLAY_STYLES:
        if split == "heldout":
            return ("font", groups["dseg"][random.integers(len(groups["dseg"]))])
        width = random.integers(52, 84)
        return ("segments", int(random.integers(8, 23)), float(random.integers(0, 5)),
                float(random.choice([0.3, 0.7, 1.0])), int(width),
                float(random.choice([0, 0, 0.06, 0.12])), bool(random.uniform() < 0.85), bool(random.uniform() < 0.3))
    names = sorted(name for name in groups if name != "dseg")
    files = groups[names[random.integers(len(names))]]
    return ("font", files[random.integers(len(files))])


def choose_meter(random, style, split):
    """Builds a meter of the style, with a font of the split."""
    display = style in DISPLAY_STYLES + HELD_OUT_DISPLAY_STYLES
    paper, ink = style_colours(random, style)
    neighbour_paper, neighbour_ink = paper, ink
    if not display and random.uniform() < 0.25:
        # The wheel beside it may be a decimal one, or the last whole one beside a decimal.
        pool = HELD_OUT_WHEEL_STYLES if style in HELD_OUT_WHEEL_STYLES else WHEEL_STYLES
        neighbour_paper, neighbour_ink = style_colours(random, str(random.choice(pool)))
    gap_brightness = random.uniform(0.1, 1)
    frame = paper if display or random.uniform() < 0.12 else \
        tint(random, *((0, 0.3) if random.uniform() < 0.45 else (0.3, 1)), 0.3)
    window_kind = "round" if style == "brass-porthole" else str(random.choice(["common", "common", "own"]))
    return Meter(
        style=style, face=choose_face(random, style, split), paper=paper, ink=ink,
        gap=paper if display else tuple(channel * gap_brightness for channel in paper),
        frame=frame, neighbour_paper=neighbour_paper, neighbour_ink=neighbour_ink,
        weight=float(random.uniform(-0.12, 0.3)) if not display and random.uniform() < 0.4 else 0.0,
        stretch=float(random.uniform(0.75, 1.3)),
        pitch=float(random.uniform(1.14, 1.6)),
        radius=float(random.choice([random.uniform(1.2, 2.2), 50.0], p=[0.7, 0.3])),
        direction=1 if random.uniform() < 0.85 else -1,
        wheel_width=float(random.uniform(1.05, 1.6)), wheel_gap=float(random.uniform(0.0, 0.35)),
        window_height=float(random.uniform(1.06, 1.75)), window_kind=window_kind,
        corner=float(random.choice([0, random.uniform(0, 0.25)])),
        shade=0.0 if display else float(random.uniform(0, 0.7)),
        window_shadow=0.0 if display else float(random.uniform(0, 0.7)),
        wear=float(random.uniform(0.1, 0.5)) if random.uniform() < 0.2 else 0.0,
        ticks=not display and random.uniform() < 0.1,
        ghost=float(random.uniform(0, 0.16)) if display else 0.0,
        bloom=float(random.uniform(0.2, 0.8)) if style == "led" else 0.0,
        caption=str(random.choice(["", "", "m³", "kWh", "L", "x 0,1", "gal", "No."])),
    )


def choose_glares(random):
    """Bright spots and streaks: centre, lengths of the two axes, angle, strength."""
    return tuple(
        (random.uniform(0, 1), random.uniform(0, 1), random.uniform(0.03, 0.22),
         random.uniform(0.03, 0.22) * random.choice([1, 4]), random.uniform(0, math.pi), random.uniform(0.15, 0.7))
        for _ in range(random.choice([0, 1, 2], p=[0.4, 0.42, 0.18])))


def brightness(colour):
    """The brightness the eye gives a colour, 0..255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def choose_grey(random, meter):
    """How a camera without colour weighs red, green and blue; never so that the digit vanishes."""
    weights = random.dirichlet((1.5, 1.5, 1.5))
    contrast = numpy.dot(weights, numpy.subtract(meter.paper, meter.ink))
    return tuple(weights) if abs(contrast) > 60 else (0.299, 0.587, 0.114)


def choose_capture(random, meter):
    """Photographs a meter: most pictures are fair, each fault is there in some."""
    def sometimes(share, low, high):
        return float(random.uniform(low, high)) if random.uniform() < share else 0.0

    height = int(round(math.exp(random.uniform(math.log(44), math.log(176)))))
    digit_share = float(random.uniform(0.42, 0.9))
    if meter.window_height * digit_share > 0.95:
        # No window edge in view above and below: the picture's centre is the only datum,
        # so the picture must be centred.
        slack = 0.025
    else:
        slack = 0.08
    gain, haze = float(random.uniform(0.55, 1.25)), sometimes(0.3, 0.05, 0.45)
    contrast = abs(brightness(meter.paper) - brightness(meter.ink)) * gain * (1 - haze)
    glyph_width = glyph_aspect(meter) * digit_share * height
    width = int(numpy.clip(glyph_width * random.uniform(1.12, 2.5), 0.5 * height, 1.45 * height))
    return Capture(
        width=width, height=height, digit_share=digit_share,
        shift=(float(random.uniform(-0.07, 0.07)), float(random.uniform(-slack, slack))),
        rotation=float(numpy.clip(random.normal(0, 0.05), -0.14, 0.14)),
        keystone=tuple(random.uniform(-0.07, 0.07, 2)), shear=sometimes(0.25, -0.15, 0.15),
        light=(sometimes(0.6, -0.5, 0.5), sometimes(0.6, -0.5, 0.5), sometimes(0.3, 0.1, 0.4)),
        gain=gain, gamma=float(random.uniform(0.7, 1.4)),
        balance=tuple(random.uniform(0.88, 1.12, 3)), haze=haze,
        glares=choose_glares(random),
        dust=int(random.integers(1, 14)) if random.uniform() < 0.35 else 0,
        scratches=int(random.integers(1, 5)) if random.uniform() < 0.25 else 0,
        defocus=sometimes(0.6, 0.004, 0.028),
        motion=(sometimes(0.25, 0.02, 0.07), float(random.uniform(0, math.pi))),
        # Noise that drowns the digit would only teach guessing.
        noise=min(sometimes(0.75, 1, 16), 0.15 * contrast), grey=choose_grey(random, meter) if random.uniform() < 0.2 else (),
        quality=int(random.integers(35, 96)) if random.uniform() < 0.8 else 0,
    )


def digit_offset_limit(meter):
    """How far the wheel may turn before the window hides too much of the digit."""
    room = HIDDEN_SHARE_LIMIT + meter.window_height / 2 - 0.5
    return min(DIGIT_OFFSET_LIMIT, room / meter.pitch)


def choose_offset(random, meter, label):
    """A wheel offset for the label: often at rest, else anywhere in the label's range."""
    if meter.style in DISPLAY_STYLES + HELD_OUT_DISPLAY_STYLES:
        return 0.0
    if label == BETWEEN:
        return float(random.uniform(BETWEEN_OFFSET_FLOOR, 1 - BETWEEN_OFFSET_FLOOR))
    limit = digit_offset_limit(meter)
    if random.uniform() < 0.35:
        return float(numpy.clip(random.normal(0, 0.03), -limit, limit))
    return float(random.uniform(-limit, limit))


# --- drawing ---------------------------------------------------------------------------

def glyph_aspect(meter):
    """Width of the digit's cell over its height, as built."""
    cell = face_cells(meter.face)[0]
    return cell.width / cell.height * meter.stretch


def draw_strip(meter, wheels, size, digit_height, glyph_width, spacing):
    """The unrolled wheels side by side as an ink mask; wheels are (digit, offset)."""
    width, height = size
    strip = Image.new("L", (width, height))
    cells = face_cells(meter.face)
    pitch = meter.pitch * digit_height
    for column, (digit, offset) in enumerate(wheels):
        centre_x = width / 2 + (column - 1) * spacing
        for step in (-2, -1, 0, 1, 2):
            centre_y = height / 2 + meter.direction * (step - offset) * pitch
            if not -digit_height < centre_y < height + digit_height:
                continue
            cell = reweigh(cells[(digit + step) % 10], meter.weight) if abs(step) < 2 else cells[(digit + step) % 10]
            glyph = cell.resize((max(3, round(glyph_width)), max(5, round(digit_height))), Image.BILINEAR)
            strip.paste(glyph, (round(centre_x - glyph.width / 2), round(centre_y - glyph.height / 2)))
        if meter.ticks and column == 1:
            draw_ticks(strip, centre_x + spacing * 0.42, offset, pitch, meter.direction)
    return strip


def draw_ticks(strip, x, offset, pitch, direction):
    """The fine graduations some last wheels carry at their edge."""
    pen = ImageDraw.Draw(strip)
    for step in range(-20, 21):
        y = strip.height / 2 + direction * (step / 10 - offset) * pitch
        length = strip.width * (0.04 if step % 5 else 0.07)
        pen.line([(x, y), (x + length, y)], fill=255, width=max(1, strip.height // 90))


def draw_display(meter, digits, size, digit_height, glyph_width, spacing):
    """A row of display digits as an ink mask, with the faint dark segments."""
    width, height = size
    mask = Image.new("L", (width, height))
    cells = face_cells(meter.face)
    glyph_size = (max(3, round(glyph_width)), max(5, round(digit_height)))
    for column, digit in enumerate(digits):
        lit = numpy.asarray(cells[digit].resize(glyph_size, Image.BILINEAR), dtype=numpy.float32)
        dark = numpy.asarray(cells[8].resize(glyph_size, Image.BILINEAR), dtype=numpy.float32) * meter.ghost
        glyph = Image.fromarray(numpy.maximum(lit, dark).astype(numpy.uint8))
        x = round(width / 2 + (column - 1) * spacing - glyph.width / 2)
        mask.paste(glyph, (x, round((height - glyph.height) / 2)))
    return mask


def roll_rows(pixels, height, radius):
    """Bends the flat strip round the wheel: rows close up towards top and bottom."""
    y = numpy.arange(height) - (height - 1) / 2
    flat = radius * numpy.arcsin(numpy.clip(y / radius, -0.985, 0.985)) + (pixels.shape[0] - 1) / 2
    flat = numpy.clip(flat, 0, pixels.shape[0] - 1.001)
    low = flat.astype(int)
    share = (flat - low).astype(numpy.float32)[:, None]
    return pixels[low] * (1 - share) + pixels[low + 1] * share


def smooth_field(random, size, cells):
    """Smooth noise in 0..1 over the size: a few random values, enlarged."""
    coarse = Image.fromarray(random.integers(0, 256, (cells, cells), dtype=numpy.uint8))
    return numpy.asarray(coarse.resize(size, Image.BICUBIC), dtype=numpy.float32) / 255


def draw_window(meter, size, digit_height, wheel_width):
    """The window's opening as a mask."""
    width, height = size
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    half_height = meter.window_height * digit_height / 2
    top, bottom = height / 2 - half_height, height / 2 + half_height
    if meter.window_kind == "common":
        pen.rectangle([0, top, width, bottom], fill=255)
    elif meter.window_kind == "own":
        half_width = wheel_width * 0.53
        pen.rounded_rectangle([width / 2 - half_width, top, width / 2 + half_width, bottom],
                              radius=meter.corner * digit_height, fill=255)
    else:
        # A round opening must be wide enough not to cut the digit's corners.
        half_width = max(wheel_width * 0.75, half_height)
        pen.ellipse([width / 2 - half_width, top - 0.1 * digit_height,
                     width / 2 + half_width, bottom + 0.1 * digit_height], fill=255)
    return mask


def draw_frame(random, meter, size, digit_height):
    """The meter's face round the window, with a caption now and then."""
    frame = Image.new("RGB", size, tuple(int(channel) for channel in meter.frame))
    if meter.caption and meter.style not in DISPLAY_STYLES:
        fill = (0, 0, 0) if sum(meter.frame) > 380 else (255, 255, 255)
        font = ImageFont.load_default(size=max(6, digit_height * 0.28))
        height = size[1] / 2 + random.choice([-1, 1]) * (meter.window_height / 2 + 0.2) * digit_height
        ImageDraw.Draw(frame).text((size[0] * random.uniform(0.1, 0.8), height), meter.caption,
                                   font=font, anchor="lm", fill=fill)
    return numpy.asarray(frame, dtype=numpy.float32)


def paint_faces(meter, size, wheel_width, spacing):
    """Paper and ink colours over the columns: three wheels and the gaps between them."""
    width, _height = size
    x = numpy.arange(width) + 0.5 - width / 2
    column = numpy.clip(numpy.round(x / spacing), -1, 1)
    paper = numpy.where((column == 1)[:, None], meter.neighbour_paper, meter.paper).astype(numpy.float32)
    ink = numpy.where((column == 1)[:, None], meter.neighbour_ink, meter.ink).astype(numpy.float32)
    in_gap = numpy.abs(x - column * spacing) > wheel_width / 2
    paper[in_gap] = meter.gap
    return paper[None], ink[None]


def draw_scene(random, meter, digit, offset, neighbours, size, digit_height):
    """The meter seen straight on, before any camera: an RGB image of the size."""
    width, height = size
    glyph_width = glyph_aspect(meter) * digit_height
    wheel_width = glyph_width * meter.wheel_width
    spacing = wheel_width + glyph_width * meter.wheel_gap
    wheels = [neighbours[0], (digit, offset), neighbours[1]]
    if meter.style in DISPLAY_STYLES + HELD_OUT_DISPLAY_STYLES:
        mask = draw_display(meter, [wheel[0] for wheel in wheels], size, digit_height, glyph_width, spacing)
        mask = numpy.asarray(mask, dtype=numpy.float32)
    else:
        flat = draw_strip(meter, wheels, (width, height * 2), digit_height, glyph_width, spacing)
        radius = meter.radius * meter.pitch * digit_height
        mask = roll_rows(numpy.asarray(flat, dtype=numpy.float32), height, radius)
    mask = mask[:, :, None] / 255
    if meter.wear:
        mask = mask * (1 - meter.wear * smooth_field(random, size, 9)[:, :, None])
    paper, ink = paint_faces(meter, size, wheel_width, spacing)
    pixels = paper + (ink - paper) * mask
    if meter.bloom:
        pixels = add_bloom(pixels, meter.bloom, digit_height)
    y = (numpy.arange(height, dtype=numpy.float32) - height / 2) / (meter.window_height * digit_height / 2)
    shade = 1 - meter.shade * numpy.clip(y * y, 0, 1) * 0.7
    shade *= 1 - meter.window_shadow * numpy.clip(1 - (y + 1) / 0.35, 0, 1)
    pixels = pixels * shade[:, None, None]
    if meter.style in DISPLAY_STYLES + HELD_OUT_DISPLAY_STYLES:
        return pixels
    window = draw_window(meter, size, digit_height, wheel_width).filter(ImageFilter.GaussianBlur(0.7))
    window = numpy.asarray(window, dtype=numpy.float32)[:, :, None] / 255
    frame = draw_frame(random, meter, size, digit_height)
    if meter.window_kind == "round":
        frame = bevel_frame(frame, window, digit_height)
    return frame + (pixels - frame) * window


def add_bloom(pixels, strength, digit_height):
    """Light of the lit segments spreads into the dark round them."""
    image = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    glow = numpy.asarray(image.filter(ImageFilter.GaussianBlur(digit_height * 0.08)), dtype=numpy.float32)
    return numpy.minimum(pixels + strength * glow, 255)


def bevel_frame(frame, window, digit_height):
    """A turned rim round a round window: lit from above, dark below."""
    mask = Image.fromarray((window[:, :, 0] * 255).astype(numpy.uint8))
    rim = numpy.asarray(mask.filter(ImageFilter.GaussianBlur(digit_height * 0.07)), dtype=numpy.float32) / 255
    slope = numpy.gradient(rim, axis=0) * digit_height * 0.12
    return frame * (1 + slope[:, :, None])


# --- the camera ------------------------------------------------------------------------

def perspective_coefficients(source, size):
    """Coefficients for Pillow's PERSPECTIVE: the output's corners come from the source points."""
    width, height = size
    rows, values = [], []
    for (x, y), (u, v) in zip(((0, 0), (width, 0), (width, height), (0, height)), source):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    return numpy.linalg.solve(numpy.array(rows, dtype=float), numpy.array(values))


def look(pixels, capture):
    """The scene through the camera's pose."""
    height, width = pixels.shape[:2]
    cosine, sine = math.cos(capture.rotation), math.sin(capture.rotation)
    source = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        scale = 1 + capture.keystone[0] * x * 2 + capture.keystone[1] * y * 2
        u = (x * scale + capture.shift[0]) * capture.width + capture.shear * y * capture.height
        v = (y * scale + capture.shift[1]) * capture.height
        source.append((width / 2 + cosine * u - sine * v, height / 2 + sine * u + cosine * v))
    image = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    size = (capture.width, capture.height)
    return image.transform(size, Image.PERSPECTIVE, perspective_coefficients(source, size), Image.BILINEAR)


def add_dirt(random, image, capture):
    """Dust and scratches on the glass."""
    pen = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(capture.dust):
        x, y = random.uniform(0, width), random.uniform(0, height)
        radius = random.uniform(0.3, 0.022 * height)
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(int(random.integers(0, 256)),) * 3)
    for _ in range(capture.scratches):
        x, y, angle = random.uniform(0, width), random.uniform(0, height), random.uniform(0, math.pi)
        length = random.uniform(0.1, 0.6) * height
        end = (x + length * math.cos(angle), y + length * math.sin(angle))
        pen.line([(x, y), end], fill=(int(random.integers(60, 256)),) * 3, width=max(1, height // 90))
    return image


def shine(random, pixels, capture):
    """Uneven light, haze on the glass and glare."""
    height, width = pixels.shape[:2]
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    x, y = x / width, y / height
    across, down, patches = capture.light
    light = capture.gain * (1 + across * (x - 0.5) + down * (y - 0.5))
    if patches:
        light = light * (1 - patches * smooth_field(random, (width, height), 4))
    pixels = 255 * (pixels / 255) ** capture.gamma * light[:, :, None] * numpy.array(capture.balance, dtype=numpy.float32)
    if capture.haze:
        pixels = pixels * (1 - capture.haze) + 150 * capture.haze * capture.gain
    for centre_x, centre_y, length, breadth, angle, strength in capture.glares:
        along = (x - centre_x) * math.cos(angle) + (y - centre_y) * math.sin(angle)
        across = (y - centre_y) * math.cos(angle) - (x - centre_x) * math.sin(angle)
        spot = strength * numpy.exp(-0.5 * ((along / length) ** 2 + (across / breadth) ** 2))
        pixels = pixels + (255 - pixels) * spot[:, :, None]
    return pixels


def smear(pixels, length, angle):
    """Motion blur: the mean of the picture at a few steps of the way."""
    steps = max(2, min(9, round(length)))
    total = numpy.zeros_like(pixels)
    for step in range(steps):
        way = length * (step / (steps - 1) - 0.5)
        move = (round(way * math.sin(angle)), round(way * math.cos(angle)))
        total += numpy.roll(pixels, move, axis=(0, 1))
    return total / steps


def expose(random, image, capture):
    """From the scene on the glass to the camera's JPEG, decoded again."""
    pixels = shine(random, numpy.asarray(image, dtype=numpy.float32), capture)
    if capture.motion[0] * capture.height >= 1.5:
        pixels = smear(pixels, capture.motion[0] * capture.height, capture.motion[1])
    if capture.grey:
        # Cameras without colour differ in how they weigh it.
        pixels = numpy.repeat((pixels @ numpy.array(capture.grey, dtype=numpy.float32))[:, :, None], 3, axis=2)
    image = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    if capture.defocus:
        image = image.filter(ImageFilter.GaussianBlur(capture.defocus * capture.height))
    if capture.noise:
        pixels = numpy.asarray(image, dtype=numpy.float32)
        channels = 1 if capture.grey else 3
        pixels = pixels + random.standard_normal(pixels.shape[:2] + (channels,), dtype=numpy.float32) * capture.noise
        image = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    return image


def compress(image, quality):
    """The picture as the bytes of a JPEG."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def draw(random, meter, capture, digit, offset, neighbours):
    """One picture as the camera gives it, before any JPEG."""
    size = (math.ceil(capture.width * CANVAS_MARGIN), math.ceil(capture.height * CANVAS_MARGIN))
    digit_height = capture.digit_share * capture.height
    scene = draw_scene(random, meter, digit, offset, neighbours, size, digit_height)
    return expose(random, add_dirt(random, look(scene, capture), capture), capture)


def network_input(image):
    """The one way a picture reaches the network, in training and in the runtime alike."""
    return numpy.asarray(image.convert("RGB").resize((INPUT_SIZE, INPUT_SIZE), Image.BILINEAR))


# --- sets of pictures ------------------------------------------------------------------

def choose_style(random, label, wheel_styles, display_styles):
    """Styles are drawn equally often within their kind; a display has no "between"."""
    if label != BETWEEN and random.uniform() < DISPLAY_SHARE:
        return str(random.choice(display_styles))
    return str(random.choice(wheel_styles))


def fit_width(meter, capture):
    """Narrows the digits of a meter whose wide font would not fit the view."""
    share = glyph_aspect(meter) * capture.digit_share * capture.height / capture.width
    return replace(meter, stretch=meter.stretch * min(1, 0.86 / share))


def picture(set_name, index):
    """Picture number index of a set: the image, its label and its style."""
    seed, split, wheel_styles, display_styles = SETS[set_name]
    random = numpy.random.default_rng([seed, index])
    label = index % len(LABELS)
    meter = choose_meter(random, choose_style(random, label, wheel_styles, display_styles), split)
    capture = choose_capture(random, meter)
    meter = fit_width(meter, capture)
    offset = choose_offset(random, meter, label)
    digit = int(random.integers(10)) if label == BETWEEN else label
    # Wheels to the left stand still more often than they turn.
    neighbours = [(int(random.integers(10)), float(random.choice([0, random.uniform(-0.5, 0.5)]))) for _ in range(2)]
    image = draw(random, meter, capture, digit, offset, neighbours)
    if capture.quality:
        image = Image.open(io.BytesIO(compress(image, capture.quality)))
    return image, label, meter.style


def small_picture(task):
    """A picture brought to the network's size, for a worker process."""
    image, label, style = picture(*task)
    return network_input(image), label, style


def render_set(set_name, first, count, processes=2):
    """Pictures first to first + count of a set, as arrays.  The same whatever the process count."""
    with multiprocessing.Pool(processes) as pool:
        results = pool.map(small_picture, [(set_name, index) for index in range(first, first + count)], chunksize=256)
    images, labels, styles = zip(*results)
    return numpy.stack(images), numpy.array(labels, dtype=numpy.int64), numpy.array(styles)


def save_sheet(set_name, count, path):
    """A contact sheet for the eye: pictures at 96 pixels with their labels."""
    columns = 16
    sheet = Image.new("RGB", (columns * 100, -(-count // columns) * 116), "white")
    for index in range(count):
        image, label, _style = picture(set_name, index)
        x, y = index % columns * 100, index // columns * 116
        sheet.paste(image.resize((96, 96), Image.BILINEAR), (x, y))
        ImageDraw.Draw(sheet).text((x + 2, y + 98), LABELS[label], fill="black")
    sheet.save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", choices=sorted(SETS), required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--first", type=int, default=0, help="the number of the first picture of --out")
    parser.add_argument("--out", help="an .npz file of images, labels and styles at the network's input size")
    parser.add_argument("--sheet", help="a contact sheet, as PNG")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.sheet:
        save_sheet(arguments.set, arguments.count, arguments.sheet)
    if arguments.out:
        images, labels, styles = render_set(arguments.set, arguments.first, arguments.count, arguments.processes)
        numpy.savez(arguments.out, images=images, labels=labels, styles=styles)


if __name__ == "__main__":
    main()
