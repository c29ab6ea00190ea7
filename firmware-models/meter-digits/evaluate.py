"""Measures the int8 model with LiteRT's reference kernels.

Pictures take the runtime's path: JPEG decode, Pillow's BILINEAR resize of the
whole frame to the network's input, pixel less 128.

Usage:
  python evaluate.py --model meter-digits.tflite --set held-out.npz ...
  python evaluate.py --model meter-digits.tflite --clip clip.mjpeg --truth truth.tsv
"""

import argparse
import collections
import io
import pathlib
import re

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

from meters import LABELS
from render import network_input


class Classifier:
    """The int8 model on the reference kernels."""

    def __init__(self, path):
        self.interpreter = Interpreter(path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]

    def classify(self, pixels):
        """The class of one picture of the input's size, pixels 0..255."""
        values = (pixels.astype(numpy.int16) - 128).astype(numpy.int8)
        self.interpreter.set_tensor(self.input["index"], values[None])
        self.interpreter.invoke()
        return int(self.interpreter.get_tensor(self.output["index"])[0].argmax())

    def classify_all(self, pictures):
        return numpy.array([self.classify(picture) for picture in pictures])


def split_frames(stream):
    """The JPEGs of a clip without container: each ends where the next begins."""
    return re.split(rb"(?<=\xff\xd9)(?=\xff\xd8)", stream)


def report_set(classifier, path):
    """Top-1 of a rendered set: overall, by style and by class."""
    with numpy.load(path) as arrays:
        images, labels, styles = arrays["images"], arrays["labels"], arrays["styles"]
    right = (found := classifier.classify_all(images)) == labels
    print(f"{path}: {100 * right.mean():.2f} % of {len(labels)}")
    for style in sorted(set(styles)):
        chosen = styles == style
        print(f"  {style:16} {100 * right[chosen].mean():6.2f} % of {chosen.sum()}")
    print("  by class:", ", ".join(
        f"{name} {100 * right[labels == index].mean():.1f} %" for index, name in enumerate(LABELS)))
    wrong = collections.Counter(zip(labels[~right].tolist(), found[~right].tolist()))
    print("  commonest mistakes:", ", ".join(
        f"{LABELS[truth]} as {LABELS[answer]}: {times}" for (truth, answer), times in wrong.most_common(6)))


def report_clip(classifier, path, truth_path):
    """Top-1 of a clip against the labels beside it, and the frames it missed."""
    frames = split_frames(pathlib.Path(path).read_bytes())
    truth = pathlib.Path(truth_path).read_text().split()
    if len(frames) != len(truth):
        raise SystemExit(f"{path} has {len(frames)} frames, {truth_path} {len(truth)} labels")
    pictures = [network_input(Image.open(io.BytesIO(frame))) for frame in frames]
    found = [LABELS[answer] for answer in classifier.classify_all(pictures)]
    missed = [(number, right, answer) for number, (right, answer) in enumerate(zip(truth, found)) if right != answer]
    print(f"{path}: {100 * (1 - len(missed) / len(truth)):.2f} % of {len(truth)}")
    for number, right, answer in missed:
        print(f"  frame {number}: {right} taken for {answer}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--set", nargs="*", default=[])
    parser.add_argument("--clip")
    parser.add_argument("--truth")
    arguments = parser.parse_args()
    classifier = Classifier(arguments.model)
    for path in arguments.set:
        report_set(classifier, path)
    if arguments.clip:
        report_clip(classifier, arguments.clip, arguments.truth)


if __name__ == "__main__":
    main()
