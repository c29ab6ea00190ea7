"""Renders labelled pictures of one digit of a utility meter, from seeds alone.

A picture is built in three steps, the first two each with a record of its random choices:

  Meter    what was built: the font, the colours, the wheel and its window (meters.py, faces.py)
  Capture  how it was photographed: pose, light, glare, blur, noise, JPEG (camera.py)
  draw()   puts the two together for one wheel position (scene.py draws the meter)

Usage:
  python render.py --set training --count 88000 --out training.npz
  python render.py --set held-out-fonts --count 3300 --out a.npz
  python render.py --set held-out-styles --count 3300 --out b.npz
  python render.py --set training --count 96 --sheet sheet.png
"""

import argparse
import io
import math
import multiprocessing

import numpy
from PIL import Image, ImageDraw

from camera import add_dirt, choose_capture, compress, expose, fit_width, look
from meters import (BETWEEN, DISPLAY_STYLES, HELD_OUT_DISPLAY_STYLES, HELD_OUT_WHEEL_STYLES, LABELS, WHEEL_STYLES,
                    choose_meter, choose_offset)
from scene import draw_scene

INPUT_SIZE = 48           # the network's input, pixels on a side
CANVAS_MARGIN = 1.3       # the scene is wider than the view, so that no pose shows its edge

# name: (seed word, font split, wheel styles, display styles)
SETS = {
    "training": (1, "train", WHEEL_STYLES, DISPLAY_STYLES),
    "validation": (2, "train", WHEEL_STYLES, DISPLAY_STYLES),
    "held-out-fonts": (3, "heldout", WHEEL_STYLES, DISPLAY_STYLES),
    "held-out-styles": (4, "heldout", HELD_OUT_WHEEL_STYLES, HELD_OUT_DISPLAY_STYLES),
}
DISPLAY_SHARE = 0.15      # of the digit pictures; a display has no "between"


def draw(random, meter, capture, digit, offset, neighbours):
    """One picture as the camera gives it, before any JPEG."""
    size = (math.ceil(capture.width * CANVAS_MARGIN), math.ceil(capture.height * CANVAS_MARGIN))
    digit_height = capture.digit_share * capture.height
    scene = draw_scene(random, meter, digit, offset, neighbours, size, digit_height)
    return expose(random, add_dirt(random, look(scene, capture), capture), capture)


def network_input(image):
    """The one way a picture reaches the network, in training and in the runtime alike."""
    return numpy.asarray(image.convert("RGB").resize((INPUT_SIZE, INPUT_SIZE), Image.BILINEAR))


def choose_style(random, label, wheel_styles, display_styles):
    """Styles are drawn equally often within their kind; a display has no "between"."""
    if label != BETWEEN and random.uniform() < DISPLAY_SHARE:
        return str(random.choice(display_styles))
    return str(random.choice(wheel_styles))


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
