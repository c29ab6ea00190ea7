"""One peer, one model, one process: prints a line of JSON with its times per inference in milliseconds.

Usage: peer.py litert|openvino|onnxruntime MODEL THREADS RUNS
"""

import json
import os
import sys
import time

import numpy as np


def example(shape, dtype):
    """The same pseudo-random input for every peer."""
    random = np.random.default_rng(5)
    if np.dtype(dtype).kind == "f":
        return random.uniform(-1, 1, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max + 1, shape).astype(dtype)


def litert(model, threads):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=model, num_threads=threads)
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()[0]
    interpreter.set_tensor(details["index"], example(details["shape"], details["dtype"]))
    return interpreter.invoke


def openvino(model, threads):
    import openvino

    core = openvino.Core()
    compiled = core.compile_model(
        core.read_model(model), "CPU",
        {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    port = compiled.input(0)
    request.set_input_tensor(0, openvino.Tensor(example(list(port.shape), port.element_type.to_dtype())))
    return request.infer


def onnxruntime(model, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    types = {"tensor(float)": np.float32, "tensor(int8)": np.int8, "tensor(uint8)": np.uint8}
    feeds = {port.name: example(port.shape, types[port.type])}
    return lambda: session.run(None, feeds)


def main():
    name, model, threads, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    os.environ["OMP_NUM_THREADS"] = str(threads)
    run = {"litert": litert, "openvino": openvino, "onnxruntime": onnxruntime}[name](model, threads)
    for _ in range(5):
        run()
    processor, wall = [], []
    for _ in range(runs):
        start, began = time.process_time(), time.perf_counter()
        run()
        processor.append((time.process_time() - start) * 1e3)
        wall.append((time.perf_counter() - began) * 1e3)
    print(json.dumps({"processor": sorted(processor)[runs // 2], "wall": sorted(wall)[runs // 2]}), flush=True)
    # OpenVINO's threads may hang at exit.
    os._exit(0)


if __name__ == "__main__":
    main()
