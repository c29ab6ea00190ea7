"""The meter as it is drawn: wheels or a display, the window and the frame, seen straight on."""

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from faces import face_cells, reweigh
from meters import glyph_aspect, is_display


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
    if meter.caption:
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
    if is_display(meter.style):
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
    if is_display(meter.style):
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
