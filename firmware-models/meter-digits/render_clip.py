"""Renders a short camera-like clip of turning meter wheels, from held-out fonts only.

Four meters follow each other.  Each wheel turns from 0 through 9 and round to
0, resting on every digit and photographed once in mid-turn; positions of the
ambiguous range are left out.  The camera drifts a little, the light changes
slowly, and a glare passes over each meter.

Writes concatenated JPEGs without a container, and one label a line.

Usage:
  python render_clip.py --seed 1 --clip clip.mjpeg --truth truth.tsv
"""

import argparse
import math
import pathlib
from dataclasses import replace

import numpy

from camera import choose_capture, compress, fit_width
from faces import font_groups
from meters import HELD_OUT_WHEEL_STYLES, LABELS, WHEEL_STYLES, choose_meter, digit_offset_limit
from render import draw

FRAME_SIZE = 160
QUALITY = 80
METER_COUNT = 4
CLIP_SEED = 5             # beside the seed words of render.py's sets


def wheel_positions(random, meter):
    """(digit, offset, label) of each frame of one meter: two rests, then one mid-turn, for each digit."""
    limit = digit_offset_limit(meter)
    for digit in range(10):
        yield digit, float(random.uniform(-0.5 * limit, 0.3 * limit)), LABELS[digit]
        yield digit, float(random.uniform(0.3 * limit, limit)), LABELS[digit]
        yield digit, float(random.uniform(0.4, 0.6)), "between"


def choose_meters(random):
    """Meters of different held-out fonts: two in styles known from training, two in held-out styles."""
    groups = [name for name in sorted(font_groups("heldout")) if name != "dseg"]
    random.shuffle(groups)
    styles = [str(random.choice(WHEEL_STYLES)), str(random.choice(HELD_OUT_WHEEL_STYLES))] * (METER_COUNT // 2)
    for group, style in zip(groups, styles):
        files = font_groups("heldout")[group]
        meter = choose_meter(random, style, "heldout")
        yield replace(meter, face=("font", files[random.integers(len(files))]))


def steady_capture(random, meter):
    """The camera of one meter: in fair light, and without the faults that change by the picture."""
    capture = choose_capture(random, meter)
    return replace(
        capture, width=FRAME_SIZE, height=FRAME_SIZE, digit_share=float(random.uniform(0.5, 0.75)),
        gain=float(random.uniform(0.75, 1.1)), haze=float(random.uniform(0, 0.2)), glares=(), scratches=0,
        defocus=float(random.uniform(0.003, 0.012)), motion=(0.0, 0.0), noise=float(random.uniform(1, 4)), grey=())


def frame_capture(capture, phase, progress, seconds):
    """The capture of one frame: the camera sways, the light drifts, a glare passes."""
    sway = [0.012 * math.sin(rate * seconds + phase + turn) for turn, rate in enumerate((1.1, 1.7, 0.9))]
    glare_x = -0.5 + 2.0 * progress
    return replace(
        capture,
        shift=(capture.shift[0] + sway[0], capture.shift[1] + sway[1]),
        rotation=capture.rotation + sway[2],
        gain=capture.gain * (1 + 0.12 * math.sin(0.5 * seconds + phase)),
        glares=((glare_x, 0.4 + 0.2 * math.sin(phase), 0.08, 0.3, 0.3, 0.5),))


def render_frames(seed):
    """The (JPEG, label) pairs of the clip."""
    random = numpy.random.default_rng([CLIP_SEED, seed])
    for meter in choose_meters(random):
        capture = steady_capture(random, meter)
        meter = fit_width(meter, capture)
        phase = random.uniform(0, 2 * math.pi)
        dirt_seed = int(random.integers(1 << 30))
        neighbours = [(int(random.integers(10)), 0.0), (int(random.integers(10)), 0.1)]
        positions = list(wheel_positions(random, meter))
        for number, (digit, offset, label) in enumerate(positions):
            # The same numbers in every frame keep dust and captions in their place;
            # the sensor's noise comes out the same too, but the picture under it moves.
            frozen = numpy.random.default_rng(dirt_seed)
            moment = frame_capture(capture, phase, number / len(positions), number / 5)
            yield compress(draw(frozen, meter, moment, digit, offset, neighbours), QUALITY), label


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clip", required=True)
    parser.add_argument("--truth", required=True)
    arguments = parser.parse_args()
    frames = list(render_frames(arguments.seed))
    pathlib.Path(arguments.clip).write_bytes(b"".join(jpeg for jpeg, _label in frames))
    pathlib.Path(arguments.truth).write_text("".join(label + "\n" for _jpeg, label in frames))


if __name__ == "__main__":
    main()
