"""Makes the networks that benchmarks compare: MobileNetV1, V2, V3-Large and V3-Small at 224, int8.

The weights are seeded random numbers: only speed is measured with them. BatchNorm statistics are not the identity, so
that nothing vanishes that a trained network would keep.

Usage: make_models.py FOLDER
"""

import os
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

APPLICATIONS = tf.keras.applications
NETWORKS = {
    "mobilenet_v1": (APPLICATIONS.MobileNet, {"alpha": 1.0}),
    "mobilenet_v2": (APPLICATIONS.MobileNetV2, {"alpha": 1.0}),
    "mobilenet_v3_large": (APPLICATIONS.MobileNetV3Large, {"alpha": 1.0, "include_preprocessing": False}),
    "mobilenet_v3_small": (APPLICATIONS.MobileNetV3Small, {"alpha": 1.0, "include_preprocessing": False}),
}
SIZE = 224


def build(name):
    """A network with seeded weights, ending in logits."""
    tf.keras.utils.set_random_seed(1)
    make, options = NETWORKS[name]
    # The batch is fixed: a free one leaves shape arithmetic in the converted graph.
    image = tf.keras.Input(batch_shape=(1, SIZE, SIZE, 3))
    network = make(weights=None, input_tensor=image, classes=1000, classifier_activation=None, **options)
    random = np.random.default_rng(7)
    for layer in network.layers:
        if isinstance(layer, tf.keras.layers.BatchNormalization):
            count = layer.get_weights()[0].shape[0]
            layer.set_weights([
                random.uniform(0.8, 1.2, count), random.normal(0, 0.1, count),
                random.normal(0, 0.05, count), random.uniform(0.25, 0.75, count)])
    return network


def calibration():
    """Pictures of noise: the ranges only have to be those of some network."""
    random = np.random.default_rng(3)
    for _ in range(16):
        yield [random.uniform(-1, 1, (1, SIZE, SIZE, 3)).astype(np.float32)]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name in NETWORKS:
        path = os.path.join(folder, name + "_int8.tflite")
        if os.path.exists(path):
            continue
        converter = tf.lite.TFLiteConverter.from_keras_model(build(name))
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = calibration
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
        with open(path, "wb") as file:
            file.write(converter.convert())
        print(path, flush=True)


if __name__ == "__main__":
    main()
