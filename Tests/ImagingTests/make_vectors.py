"""Makes Vectors/: small synthetic JPEGs and what Pillow makes of them, as CRC-32s.

    pip install pillow==13.0.0 numpy
    python Tests/ImagingTests/make_vectors.py [FOLDER_OF_DATA]

Pillow 13 is the reference: earlier ones always resize horizontally first. With the folder of data, the expectations
for its photographs are made as well; of the photographs themselves nothing is stored.
"""

import random
import struct
import sys
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

VECTORS = Path(__file__).parent / "Vectors"
CENTER, STRETCH, LETTERBOX = 0, 1, 2


def synthetic(width, height, seed):
    """Gradients, edges and noise, so that every pass has something to round."""
    y, x = np.mgrid[0:height, 0:width]
    noise = np.random.RandomState(seed).randint(0, 60, (height, width, 3))
    pixels = np.stack([x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x * y) % 256], 2)
    pixels[(x // 7 + y // 5) % 3 == 0] //= 3
    return Image.fromarray(np.clip(pixels + noise - 30, 0, 255).astype(np.uint8))


def with_exif(jpeg, order, orientation, kind=3):
    """The JPEG with a hand-made APP1 segment: a directory of two entries."""
    value = struct.pack(order + "I", orientation) if kind == 4 else struct.pack(order + "HH", orientation, 0)
    tiff = (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, 2)
    tiff += struct.pack(order + "HHI", 0x0100, 3, 1) + struct.pack(order + "HH", 7, 0)
    tiff += struct.pack(order + "HHI", 0x0112, kind, 1) + value + struct.pack(order + "I", 0)
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def make_pictures():
    def save(name, image, **options):
        image.save(VECTORS / name, **options)

    picture = synthetic(61, 47, 1)
    save("color.jpg", picture, quality=85)
    save("color444.jpg", synthetic(33, 70, 2), quality=92, subsampling=0)
    save("gray.jpg", synthetic(50, 31, 3).convert("L"), quality=80)
    save("progressive.jpg", picture, quality=75, progressive=True)
    save("inks.jpg", synthetic(24, 20, 4).convert("CMYK"), quality=85)
    save("restart.jpg", picture, quality=70, restart_marker_blocks=3)
    save("tall.jpg", synthetic(24, 150, 5), quality=80)
    save("wide.jpg", synthetic(150, 24, 6), quality=80)
    plain = (VECTORS / "color.jpg").read_bytes()
    for orientation in range(1, 9):
        order = "<" if orientation % 2 else ">"
        kind = 4 if orientation == 8 else 3
        (VECTORS / f"turned{orientation}.jpg").write_bytes(with_exif(plain, order, orientation, kind))


def crc(data):
    return f"{zlib.crc32(bytes(data)):08x}"


def table(name, header, rows):
    lines = ["\t".join(header)] + ["\t".join(map(str, row)) for row in rows]
    (VECTORS / name).write_text("\n".join(lines) + "\n")


def decoded(path):
    image = Image.open(path)
    return image if image.mode == "L" else image.convert("RGB")


def scaled(path, eighths):
    """Decoded at a part of its size; Pillow leaves that to libjpeg, too."""
    image = Image.open(path)
    size = -(-image.width * eighths // 8), -(-image.height * eighths // 8)
    image.draft(image.mode, (image.width * eighths // 8, image.height * eighths // 8))
    assert image.size == size
    return image


def rounded(value):
    """Nearest, halves to even: Python's round of an exact ratio."""
    return max(round(value), 1)


def pixels(image, width, height, crop):
    """The input's pixels: height, width, channels."""
    image = ImageOps.exif_transpose(image)
    if crop == STRETCH:
        return np.asarray(image.resize((width, height), Image.BILINEAR))
    if crop == CENTER:
        cover = round(Fraction(width * 8, 7)), round(Fraction(height * 8, 7))
        scale = max(Fraction(cover[0], image.width), Fraction(cover[1], image.height))
    else:
        scale = min(Fraction(width, image.width), Fraction(height, image.height))
    resized = image.resize((rounded(image.width * scale), rounded(image.height * scale)), Image.BILINEAR)
    if crop == CENTER:
        x, y = (resized.width - width) // 2, (resized.height - height) // 2
        return np.asarray(resized.crop((x, y, x + width, y + height)))
    array = np.asarray(resized)
    result = np.full((height, width) + array.shape[2:], 128, np.uint8)
    x, y = (width - resized.width) // 2, (height - resized.height) // 2
    result[y : y + resized.height, x : x + resized.width] = array
    return result


def tensor(image, width, height, channels, crop, planar, blue_first):
    """The input tensor through a table that differs by channel."""
    array = pixels(image, width, height, crop).reshape(height, width, -1).astype(np.int64)
    array = np.repeat(array, channels, 2) if array.shape[2] < channels else array
    if blue_first:
        array = array[:, :, ::-1]
    channel = np.arange(channels)
    array = (array * (2 * channel + 3) + 7 * channel) % 256
    return (array.transpose(2, 0, 1) if planar else array).astype(np.uint8).tobytes()


def make_decoded():
    rows = []
    for path in sorted(VECTORS.glob("*.jpg")):
        image = decoded(path)
        rows.append((path.name, 8, image.width, image.height, len(image.getbands()), crc(image.tobytes())))
    for name in ("color444.jpg", "gray.jpg", "progressive.jpg", "wide.jpg"):
        for eighths in (1, 2, 4):
            image = scaled(VECTORS / name, eighths)
            rows.append((name, eighths, image.width, image.height, len(image.getbands()), crc(image.tobytes())))
    table("decoded.tsv", ("file", "eighths", "width", "height", "channels", "crc32"), rows)


def make_inputs():
    dice = random.Random(1)
    names = sorted(path.name for path in VECTORS.glob("*.jpg") if path.name != "inks.jpg")
    sizes = [(24, 24), (32, 32), (28, 20), (15, 40), (9, 9), (70, 70), (1, 1), (100, 3)]
    rows = []
    for name in names:
        for crop in (CENTER, STRETCH, LETTERBOX):
            for width, height in sizes:
                channels = 1 if name == "gray.jpg" and dice.random() < 0.5 else 3
                planar = dice.randrange(2)
                blue = dice.randrange(2) if channels == 3 else 0
                result = tensor(Image.open(VECTORS / name), width, height, channels, crop, planar, blue)
                rows.append((name, width, height, channels, crop, planar, blue, crc(result)))
    table("inputs.tsv", ("file", "width", "height", "channels", "crop", "planar", "blue_first", "crc32"), rows)


def weights(source, resized):
    """Pillow's precompute_coeffs and normalize_coeffs_8bpc for BILINEAR, in doubles, zeros at the ends left out."""
    scale = source / resized
    support = max(scale, 1.0)
    for pixel in range(resized):
        center = (pixel + 0.5) * scale
        first = max(int(center - support + 0.5), 0)
        last = min(int(center + support + 0.5), source)
        row = [max(1.0 - abs((x - center + 0.5) * (1.0 / support)), 0.0) for x in range(first, last)]
        total = 0.0
        for weight in row:
            total += weight
        row = [int(0.5 + weight / total * (1 << 22)) for weight in row]
        while row and row[0] == 0:
            row, first = row[1:], first + 1
        while row and row[-1] == 0:
            row = row[:-1]
        yield [first] + row


def make_weights():
    dice = random.Random(2)
    rows = []
    pairs = [(source, resized) for source in range(1, 20) for resized in range(1, 20)]
    for source in (32, 100, 240, 256, 333, 341, 375, 480, 500, 512, 600, 640, 720, 768, 1000, 1024, 1080, 1920, 4096):
        pairs += [(source, resized) for resized in (32, 37, 96, 110, 128, 146, 192, 219, 224, 256, 299, 341, 342)]
    pairs += [(dice.randrange(1, 3000), dice.randrange(1, 600)) for _ in range(300)]
    for source, resized in pairs:
        packed = b"".join(struct.pack(f"<{len(row)}i", *row) for row in weights(source, resized))
        rows.append((source, resized, crc(packed)))
    table("weights.tsv", ("source", "resized", "crc32"), rows)


def make_photographs(data):
    rows = []
    names = [f"images/{name}.jpg" for name in ("hot_dog", "owl", "parrot")]
    names += ["jpeg_odd/pillow/hopper_orientation_6.jpg", "jpeg_odd/ref/mjpeg.jpg", "jpeg_odd/zune/mjpeg_huffman.jpg"]
    for name in names:
        for crop in (CENTER, STRETCH, LETTERBOX):
            for size in (32, 96, 128, 192, 224):
                result = tensor(Image.open(data / name), size, size, 3, crop, 0, 0)
                rows.append((name, size, size, 3, crop, 0, 0, crc(result)))
    table("photographs.tsv", ("file", "width", "height", "channels", "crop", "planar", "blue_first", "crc32"), rows)


if __name__ == "__main__":
    VECTORS.mkdir(exist_ok=True)
    make_pictures()
    make_decoded()
    make_inputs()
    make_weights()
    if len(sys.argv) > 1:
        make_photographs(Path(sys.argv[1]))
