"""How a meter was photographed, chosen at random, and what such a camera makes of a scene."""

import io
import math
from dataclasses import dataclass, replace

import numpy
from PIL import Image, ImageDraw, ImageFilter

from meters import glyph_aspect
from scene import smooth_field


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
        noise=min(sometimes(0.75, 1, 16), 0.15 * contrast),
        grey=choose_grey(random, meter) if random.uniform() < 0.2 else (),
        quality=int(random.integers(35, 96)) if random.uniform() < 0.8 else 0,
    )


def fit_width(meter, capture):
    """Narrows the digits of a meter whose wide font would not fit the view."""
    share = glyph_aspect(meter) * capture.digit_share * capture.height / capture.width
    return replace(meter, stretch=meter.stretch * min(1, 0.86 / share))


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
    balance = numpy.array(capture.balance, dtype=numpy.float32)
    pixels = 255 * (pixels / 255) ** capture.gamma * light[:, :, None] * balance
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
