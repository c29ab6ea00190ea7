"""Seeded choices that lean towards the edges where integer kernels go wrong."""

import numpy as np

from tflite_writer import DTYPES, LIMITS, Quant

CHANNELS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 64)


class Dice:
    """A random source; `small` keeps every tensor tiny for the sample file.

    `calm` leaves most extremes out: in a graph they would soon make every value the same.
    """

    def __init__(self, key, small=False):
        self.rng = np.random.default_rng(key)
        self.small, self.calm = small, False

    # -- plain choices -------------------------------------------------------------------------

    def chance(self, probability):
        return bool(self.rng.random() < probability)

    def between(self, low, high):
        """An integer from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def pick(self, options, weights=None):
        """One of the options, with relative weights."""
        options = list(options)
        if weights is not None:
            weights = np.asarray(weights, float) / np.sum(weights)
        return options[int(self.rng.choice(len(options), p=weights))]

    def log(self, low, high):
        """A number from low to high, evenly spread over its logarithm."""
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def order(self, count):
        """A random permutation of 0..<count."""
        return [int(i) for i in self.rng.permutation(count)]

    # -- shapes --------------------------------------------------------------------------------

    def channels(self, most=64):
        """A channel count around the widths of vector registers."""
        most = min(most, 33 if self.small else 64)
        options = [c for c in CHANNELS if c <= most]
        return self.pick(options) if self.chance(0.85) else self.between(1, most)

    def side(self, most=20):
        """A height or width."""
        return self.between(1, min(most, 9 if self.small else 20))

    def batch(self):
        return self.pick((1, 2, 3), (8, 1, 1))

    def image(self, most=16384):
        """[batch, height, width, channels] of at most `most` elements."""
        return self.fit([self.batch(), self.side(), self.side(), self.channels()], most)

    def shape(self, rank, most=8192):
        """A shape of any rank; the innermost dimension is that of channels."""
        if rank == 0:
            return []
        outer = {1: (), 2: (20,), 3: (8, 20), 4: (3, 12, 12), 5: (3, 3, 6, 8), 6: (2, 3, 3, 4, 5)}
        dims = [self.between(1, min(d, 6) if self.small else d) for d in outer[rank]]
        return self.fit(dims + [self.channels()], most)

    def fit(self, dims, most):
        """Halves the largest dimension until the product fits."""
        most = min(most, 1000) if self.small else most
        dims = list(dims)
        while np.prod(dims) > most:
            largest = int(np.argmax(dims))
            dims[largest] = (dims[largest] + 1) // 2
        return dims

    # -- quantisation --------------------------------------------------------------------------

    def zero_point(self, dtype):
        """A zero point: any, or one of the ends or the middle."""
        low, high = LIMITS[dtype]
        if self.chance(0.5):
            return self.between(low, high)
        return self.pick((low, high, (low + high + 1) // 2), (2, 1, 2))

    def scale(self, low=1e-3, high=1e-1, extreme=0.15):
        """A usual scale, sometimes one far off."""
        extreme = 0 if self.calm else extreme
        return self.log(1e-6, 1e3) if self.chance(extreme) else self.log(low, high)

    def quant(self, dtype, **keywords):
        """The quantisation of an input."""
        return Quant.of(self.scale(**keywords), self.zero_point(dtype))

    def quant_for(self, dtype, low, high, floor=0.0):
        """The quantisation of a result that is estimated to lie in low...high.

        Mostly one that the result fills; sometimes one that it saturates, hardly touches, or that
        has an end of the type as its zero point. No scale is below `floor`, where the kernels'
        32-bit intermediate results would overflow.
        """
        least, most = LIMITS[dtype]
        low, high = min(low, 0.0), max(high, 0.0)
        span = max(high - low, 1e-12)
        scale = span / 255 * self.rng.uniform(0.8, 1.2)
        kind = self.pick(("match", "saturate", "loose", "end", "any"),
                         (90, 4, 2, 4, 0) if self.calm else (60, 12, 8, 10, 10))
        if kind == "saturate":
            scale /= self.log(2, 100)
        elif kind == "loose":
            scale *= self.log(3, 300)
        scale = float(np.clip(max(scale, floor), 1e-7, 1e6))
        zero_point = int(np.clip(round(least - low / scale), least, most))
        if kind == "end":
            zero_point = self.pick((least, most, (least + most + 1) // 2))
        elif kind == "any":
            zero_point = self.between(least, most)
        return Quant.of(scale, zero_point)

    # -- values --------------------------------------------------------------------------------

    def values(self, shape, dtype, zero_point=0):
        """Activation values: mostly random, sometimes all at one end, sparse, or only ends."""
        low, high = LIMITS[dtype]
        kind = self.pick(("any", "bell", "low", "high", "sparse", "ends", "ramp"),
                         (70, 15, 0, 0, 3, 5, 7) if self.calm else (60, 12, 3, 3, 8, 8, 6))
        if kind == "low" or kind == "high":
            return np.full(shape, low if kind == "low" else high, DTYPES[dtype][0])
        if kind == "bell":
            values = np.round(self.rng.normal(zero_point, self.log(2, 60), shape))
        elif kind == "sparse":
            values = self.rng.integers(low, high + 1, shape)
            values = np.where(self.rng.random(shape) < 0.85, zero_point, values)
        elif kind == "ends":
            values = np.where(self.rng.random(shape) < 0.5, low, high)
        elif kind == "ramp":
            count = int(np.prod(shape, dtype=np.int64))
            values = low + (np.arange(count) * self.between(1, 7) + self.between(0, 255)) % 256
            values = values.reshape(shape)
        else:
            values = self.rng.integers(low, high + 1, shape)
        return np.clip(values, low, high).astype(DTYPES[dtype][0])

    def weights(self, shape, dtype):
        """Weights: int8 ones in -127...127 as converters write them, sometimes with -128 too."""
        low, high = LIMITS[dtype]
        kind = self.pick(("usual", "full", "high", "low", "bell", "sparse", "ends"),
                         (65, 15, 0, 0, 15, 3, 2) if self.calm else (50, 15, 4, 4, 15, 7, 5))
        usual = low + 1 if dtype == "int8" else low
        middle = 0 if dtype == "int8" else 128
        if kind == "high" or kind == "low":
            return np.full(shape, high if kind == "high" else low, DTYPES[dtype][0])
        if kind == "bell":
            values = np.round(self.rng.normal(middle, self.log(3, 50), shape))
        elif kind == "sparse":
            values = self.rng.integers(low, high + 1, shape)
            values = np.where(self.rng.random(shape) < 0.8, middle, values)
        elif kind == "ends":
            values = np.where(self.rng.random(shape) < 0.5, low, high)
        else:
            values = self.rng.integers(low if kind == "full" else usual, high + 1, shape)
        return np.clip(values, low, high).astype(DTYPES[dtype][0])

    def activation(self):
        """A fused activation function."""
        return self.pick(("none", "relu", "relu6", "relu_n1_to_1"), (5, 2, 2, 1))
