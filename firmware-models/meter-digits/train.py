"""Trains the meter-digit classifier on rendered pictures and converts it to an int8 TFLite file.

The network is a small MobileNetV3: bottlenecks with expansion, depthwise
convolution, squeeze-and-excite and hard-swish.  Pixels 0..255 are mapped to
-1..1 before the network, so its int8 input is the pixel less 128.

Training has two stages.  The second starts from the first one's weights and
makes the pictures harder as they are read: streaks of glare, colour casts and
pictures without colour, anew in every epoch.  At its end the first layer is made to
see brightness only, since digits in colours never trained on misled it.

Usage:
  python train.py --training training.npz --validation validation.npz \
      --weights first.weights.h5 --out first.tflite
  python train.py --training training.npz --validation validation.npz \
      --start first.weights.h5 --epochs 4 --rate 1.5e-3 --harder --brightness \
      --weights second.weights.h5 --out meter-digits.tflite
"""

import argparse
import time

import keras
import numpy
import tensorflow

from meters import LABELS
from render import INPUT_SIZE

# Each row: kernel, expanded channels, output channels, squeeze-and-excite, activation, stride.
BLOCKS = (
    (3, 32, 16, False, "relu6", 2),
    (3, 64, 24, False, "relu6", 1),
    (5, 72, 40, True, "hard-swish", 2),
    (5, 120, 40, True, "hard-swish", 1),
    (5, 120, 48, True, "hard-swish", 1),
)
STEM_CHANNELS = 16
HEAD_CHANNELS = 144
CLASSIFIER_CHANNELS = 96
WEIGHT_DECAY = 2e-4


def activate(features, kind):
    """The activations of MobileNetV3, written so that the converter sees them as one operator."""
    if kind == "relu6":
        return keras.layers.ReLU(6.0)(features)
    gate = keras.layers.ReLU(6.0)(features + 3.0)
    return features * gate * (1.0 / 6.0)


def convolve(features, channels, kernel, stride, activation):
    """Convolution, batch normalisation and an activation, or none."""
    features = keras.layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False)(features)
    features = keras.layers.BatchNormalization(momentum=0.98)(features)
    return activate(features, activation) if activation else features


def squeeze_and_excite(features):
    """Weighs the channels by what the whole picture holds."""
    channels = features.shape[-1]
    gate = keras.layers.GlobalAveragePooling2D(keepdims=True)(features)
    gate = keras.layers.Conv2D(max(8, channels // 4), 1, activation="relu")(gate)
    gate = keras.layers.Conv2D(channels, 1)(gate)
    gate = keras.layers.ReLU(6.0)(gate + 3.0) * (1.0 / 6.0)
    return features * gate


def bottleneck(features, kernel, expanded, channels, squeeze, activation, stride):
    """One MobileNetV3 block: expand, filter each channel, weigh, project, and add."""
    entry = features
    features = convolve(features, expanded, 1, 1, activation)
    features = keras.layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False)(features)
    features = keras.layers.BatchNormalization(momentum=0.98)(features)
    features = activate(features, activation)
    if squeeze:
        features = squeeze_and_excite(features)
    features = convolve(features, channels, 1, 1, None)
    return entry + features if stride == 1 and entry.shape[-1] == channels else features


def build(batch_size=None):
    """The network.  Its batch is left open for training and fixed at 1 for conversion."""
    picture = keras.Input((INPUT_SIZE, INPUT_SIZE, 3), batch_size=batch_size)
    features = convolve(picture, STEM_CHANNELS, 3, 2, "hard-swish")
    for block in BLOCKS:
        features = bottleneck(features, *block)
    features = convolve(features, HEAD_CHANNELS, 1, 1, "hard-swish")
    features = keras.layers.GlobalAveragePooling2D()(features)
    features = activate(keras.layers.Dense(CLASSIFIER_CHANNELS)(features), "hard-swish")
    features = keras.layers.Dropout(0.1)(features)
    scores = keras.layers.Dense(len(LABELS))(features)
    return keras.Model(picture, keras.layers.Softmax()(scores))


def see_brightness(model):
    """Makes the first layer see brightness only: each kernel's sum over the colours, shared out by luma.

    The network has met colourless pictures throughout its training and gives
    the same answer on them, so nothing needs to be trained again.
    """
    stem = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    kernel = stem.kernel.numpy().sum(axis=2, keepdims=True)
    luma = numpy.array([0.299, 0.587, 0.114], dtype=numpy.float32)
    stem.kernel.assign(kernel * luma[None, None, :, None])


def count_multiplications(model):
    """Multiply-accumulates of one run: convolutions and dense layers."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)):
            _, height, width, _ = layer.output.shape
            total += height * width * int(numpy.prod(layer.kernel.shape))
        elif isinstance(layer, keras.layers.Dense):
            total += int(numpy.prod(layer.kernel.shape))
    return total


def to_real(images):
    """Pixels 0..255 as the network's numbers -1..1."""
    return tensorflow.cast(images, tensorflow.float32) / 127.5 - 1.0


def add_casts(pixels):
    """A colour cast on every picture; three in ten lose their colour first."""
    count = tensorflow.shape(pixels)[0]
    weights = tensorflow.random.uniform((count, 1, 1, 3), 0.1, 1.0)
    grey = tensorflow.reduce_sum(pixels * weights, axis=3, keepdims=True)
    grey = grey / tensorflow.reduce_sum(weights, axis=3, keepdims=True)
    colourless = tensorflow.random.uniform((count, 1, 1, 1)) < 0.3
    pixels = tensorflow.where(colourless, tensorflow.repeat(grey, 3, axis=3), pixels)
    casts = tensorflow.random.uniform((count, 1, 1, 3), 0.8, 1.2)
    return (pixels + 1.0) * casts - 1.0


def add_streaks(pixels):
    """A straight streak of glare across every second picture."""
    count = tensorflow.shape(pixels)[0]

    def choose(low, high):
        return tensorflow.random.uniform((count, 1, 1, 1), low, high)

    steps = tensorflow.linspace(-0.5, 0.5, INPUT_SIZE)
    down, across = steps[None, :, None, None], steps[None, None, :, None]
    angle = choose(0.0, numpy.pi)
    distance = down * tensorflow.cos(angle) - across * tensorflow.sin(angle) - choose(-0.5, 0.5)
    strength = choose(0.15, 0.65) * tensorflow.cast(choose(0.0, 1.0) < 0.5, tensorflow.float32)
    return pixels + (1.0 - pixels) * strength * tensorflow.exp(-0.5 * (distance / choose(0.03, 0.13)) ** 2)


def vary(images, labels, harder):
    """Moves each picture by a pixel or two and varies its brightness and contrast."""
    count = tensorflow.shape(images)[0]
    images = tensorflow.pad(images, [[0, 0], [2, 2], [2, 2], [0, 0]], "SYMMETRIC")
    images = tensorflow.image.random_crop(images, (count, INPUT_SIZE, INPUT_SIZE, 3))
    pixels = to_real(images)
    if harder:
        pixels = add_streaks(add_casts(pixels))
    contrast = tensorflow.random.uniform((count, 1, 1, 1), 0.75, 1.25)
    brightness = tensorflow.random.uniform((count, 1, 1, 1), -0.2, 0.2)
    pixels = tensorflow.clip_by_value(pixels * contrast + brightness, -1.0, 1.0)
    return pixels, tensorflow.one_hot(labels, len(LABELS))


def load(path):
    """Images and labels of a file that render.py wrote."""
    with numpy.load(path) as arrays:
        return arrays["images"], arrays["labels"]


def train(images, labels, validation, arguments):
    """Trains the network; the learning rate rises for one epoch, then falls as a cosine."""
    steps = len(images) // arguments.batch
    model = build()
    if arguments.start:
        model.load_weights(arguments.start)
    # Weights that are trained already need no slow start.
    warmup = 100 if arguments.start else steps
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-4, steps * arguments.epochs - warmup, warmup_target=arguments.rate, warmup_steps=warmup)
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY),
                  keras.losses.CategoricalCrossentropy(label_smoothing=0.05), metrics=["accuracy"])
    stream = tensorflow.data.Dataset.from_tensor_slices((images, labels))
    stream = stream.shuffle(len(images), seed=1).batch(arguments.batch, drop_remainder=True)
    stream = stream.map(lambda images, labels: vary(images, labels, arguments.harder)).prefetch(4)
    held = (to_real(validation[0]), keras.utils.to_categorical(validation[1], len(LABELS)))
    model.fit(stream, epochs=arguments.epochs, validation_data=held, verbose=2)
    return model


def convert(model, samples):
    """The int8 TFLite file; the samples give the converter the ranges of the activations."""
    fixed = build(batch_size=1)
    fixed.set_weights(model.get_weights())
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(fixed)
    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    # Cut at 127/128, the range is exactly that of an int8 with scale 1/128 and zero point 0,
    # so no pixel falls half way between two int8 values.
    converter.representative_dataset = lambda: (
        [tensorflow.minimum(to_real(sample[None]), 127.0 / 128.0)] for sample in samples)
    converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tensorflow.int8
    converter.inference_output_type = tensorflow.int8
    return converter.convert()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--training", required=True)
    parser.add_argument("--validation", required=True)
    parser.add_argument("--weights", required=True, help="the float weights: written, or read with --epochs 0")
    parser.add_argument("--out", required=True, help="the int8 TFLite file")
    parser.add_argument("--float", nargs="*", default=[], help="sets to measure the float network on")
    parser.add_argument("--epochs", type=int, default=13)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=4e-3, help="the highest learning rate")
    parser.add_argument("--start", help="float weights to start from")
    parser.add_argument("--brightness", action="store_true", help="make the first layer see brightness only")
    parser.add_argument("--harder", action="store_true", help="streaks, casts and loss of colour in every epoch")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(20)
    images, labels = load(arguments.training)
    if arguments.epochs:
        started = time.monotonic()
        model = train(images, labels, load(arguments.validation), arguments)
        print(f"trained in {(time.monotonic() - started) / 60:.1f} minutes")
        model.save_weights(arguments.weights)
    else:
        model = build()
        model.load_weights(arguments.weights)
    if arguments.brightness:
        see_brightness(model)
    print(f"{model.count_params()} parameters, {count_multiplications(model)} multiply-accumulates")
    for path in arguments.float:
        set_images, set_labels = load(path)
        found = model.predict(to_real(set_images), verbose=0).argmax(axis=1)
        print(f"float top-1 on {path}: {100 * (found == set_labels).mean():.2f} %")
    # A stride that is no multiple of the class count, so that every class is among the samples.
    content = convert(model, images[::len(images) // 500 | 1][:500])
    with open(arguments.out, "wb") as file:
        file.write(content)
    print(f"{arguments.out}: {len(content)} bytes")


if __name__ == "__main__":
    main()
