"""What the cameras show: pictures with networks that know them, as the board finds them at subjects/NAME.

picture.jpg, model.ocm, and for each size of the cameras a folder with the frames that Tools/camera-pictures makes.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent.parent
build = root / "build/camera"
sizes = ["640x480", "320x240"]


def output_of(*command):
    """Runs a program of the build. Ends this one where that fails."""
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def add_subject(name, picture, model):
    """Puts a picture, its network and its frames into build/camera/subjects."""
    folder = build / "subjects" / name
    folder.mkdir(parents=True)
    shutil.copy(picture, folder / "picture.jpg")
    shutil.copy(model, folder / "model.ocm")
    # "image 48 × 48, crop stretch, pixels …": the frames show the network what it sees in the file.
    description = output_of(root / "build/host/ocellus", "inspect", model)
    rule = next((rule for rule in ["stretch", "letterbox"] if f"crop {rule}" in description), "center")
    for size in sizes:
        (folder / size).mkdir()
        output_of(build / "tools/camera-pictures", picture, rule, size, folder / size)


def add_digit():
    """A frame of the bundled clip with the bundled network: the first that shows a 7."""
    meter = root / "firmware-models/meter-digits"
    start = b"\xff\xd8\xff"
    frames = [start + rest for rest in (meter / "clip.mjpeg").read_bytes().split(start)[1:]]
    truth = (meter / "truth.tsv").read_text().split()
    picture = build / "digit.jpg"
    picture.write_bytes(frames[truth.index("7")])
    add_subject("digit", picture, root / "firmware-models/meter-digits.ocm")


def add_photograph():
    """A photograph with a network, where OCELLUS_DATA has them: one that the network knows well in grey too."""
    data = Path(os.environ.get("OCELLUS_DATA", root / "../shared/data"))
    networks = data / "models/imagenet"
    pictures = data / "imagenet_sample/images.tar"
    if not networks.exists() or not pictures.exists():
        print(f"SKIPPED: no photographs at {data} (set OCELLUS_DATA); the cameras show the bundled digit only")
        return
    model = build / "photograph.ocm"
    output_of(root / "build/host/ocellusc", "compile", networks / "mobilenet_v3_small_1.0_224_uint8.tflite",
              "-o", model, "--labels", networks / "imagenet_labels_1001.txt")
    name = "n03590841_jack-o'-lantern.JPEG"
    output_of("tar", "-xf", pictures, "-C", build, name)
    add_subject("photograph", build / name, model)


def clear():
    shutil.rmtree(build / "subjects", ignore_errors=True)
