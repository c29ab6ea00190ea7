"""What was built, at random: a meter's style, colours, font, wheel and window, and the wheel's position.

The position of the wheel is its offset, in digits: 0 shows a digit centred in
the window, 0.5 stands half way to the next one.  The label follows from it:

  |offset| <= 0.24           the digit (less in a low window that would cut it)
  0.37 <= |offset| <= 0.5    "between"
  anything else              ambiguous, and never rendered
"""

import colorsys
import pathlib
from dataclasses import dataclass

import numpy

from faces import face_cells, font_groups

LABELS = (pathlib.Path(__file__).resolve().parent / "labels.txt").read_text().split()
BETWEEN = LABELS.index("between")

DIGIT_OFFSET_LIMIT = 0.24
BETWEEN_OFFSET_FLOOR = 0.37
HIDDEN_SHARE_LIMIT = 0.15  # of the digit's height, hidden by the window's edge

WHEEL_STYLES = ("black-wheel", "white-wheel", "red-wheel", "red-ink", "grey-wheel", "tinted-wheel")
DISPLAY_STYLES = ("lcd", "lcd-negative")
HELD_OUT_WHEEL_STYLES = ("blue-wheel", "brass-porthole")
HELD_OUT_DISPLAY_STYLES = ("led",)


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


def is_display(style):
    """Whether the digits are a display's and not on a wheel: they never turn, and have no window."""
    return style in DISPLAY_STYLES + HELD_OUT_DISPLAY_STYLES


def glyph_aspect(meter):
    """Width of the digit's cell over its height, as built."""
    cell = face_cells(meter.face)[0]
    return cell.width / cell.height * meter.stretch


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
    if is_display(style):
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
    display = is_display(style)
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


def digit_offset_limit(meter):
    """How far the wheel may turn before the window hides too much of the digit."""
    room = HIDDEN_SHARE_LIMIT + meter.window_height / 2 - 0.5
    return min(DIGIT_OFFSET_LIMIT, room / meter.pitch)


def choose_offset(random, meter, label):
    """A wheel offset for the label: often at rest, else anywhere in the label's range."""
    if is_display(meter.style):
        return 0.0
    if label == BETWEEN:
        return float(random.uniform(BETWEEN_OFFSET_FLOOR, 1 - BETWEEN_OFFSET_FLOOR))
    limit = digit_offset_limit(meter)
    if random.uniform() < 0.35:
        return float(numpy.clip(random.normal(0, 0.03), -limit, limit))
    return float(random.uniform(-limit, limit))
