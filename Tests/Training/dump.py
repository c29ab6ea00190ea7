"""The folder that the test tool `training-export` writes of a run of `ocellus finetune`: what it starts from, what it
sees, and what it ends in. All numbers are little-endian.

    tail.ocm           the trained layers before training, as a model
    features.bin       int8: what the frozen layers make of each photograph and view, photograph by photograph
    labels.bin         int32: each photograph's class
    batches.bin        int32: for each step the number of its images, then their indices in features.bin
    imprint.txt        the indices in features.bin that the head's class means are made of
    run.txt            lines of a key and a value
    tuned.bin          for each trained layer weights [out, ...] in int8, biases in int32; then the head's weights
                       [classes, features], its biases and the exponent of its logits
    test.bin, test_labels.bin   the same as features.bin and labels.bin for photographs that are not trained on
"""
from pathlib import Path
import numpy as np
from tail import Tail, map_shape


class Dump:
    def __init__(self, folder):
        self.folder = folder = Path(folder)
        self.tail = Tail(folder / "tail.ocm")
        lines = (line.split() for line in (folder / "run.txt").read_text().splitlines())
        self.run = {line[0]: line[1] for line in lines if len(line) == 2}
        self.shape = map_shape(self.tail.input)
        self.features = self.maps("features.bin")
        self.labels = np.fromfile(folder / "labels.bin", "<i4")
        self.views = self.number("views", 1)
        assert len(self.features) == len(self.labels) * self.views, "features.bin is not as long as labels.bin says"
        words, self.batches, start = np.fromfile(folder / "batches.bin", "<i4"), [], 0
        while start < len(words):
            self.batches.append(words[start + 1:start + 1 + words[start]])
            assert len(self.batches[-1]) == words[start], "batches.bin ends within a step"
            start += 1 + words[start]
        self.imprinted = np.array((folder / "imprint.txt").read_text().split(), np.int64)

    def number(self, key, otherwise=None):
        value = self.run.get(key, otherwise)
        if value is None:
            raise ValueError(f"{self.folder / 'run.txt'} has no line for {key}")
        return int(value)

    def maps(self, name):
        """Cached tensors, [count, height, width, channels], read as they are needed."""
        values = np.memmap(self.folder / name, np.int8, "r")
        return values.reshape(-1, *self.shape)

    def classes_of(self, indices):
        return self.labels[np.asarray(indices) // self.views]

    @property
    def test(self):
        """Cached tensors and classes of photographs that are not trained on, or None."""
        if not (self.folder / "test.bin").exists():
            return None
        return self.maps("test.bin"), np.fromfile(self.folder / "test_labels.bin", "<i4")
