"""Ocellus beside its peers on the same models: interleaved rounds, a process each, medians of processor time.

A round runs every peer once, pinned to one core, in changing order; ratios are taken within a round. Prints a table
with the median over the rounds.

Usage: compare.py OCELLUS OCELLUSC FOLDER ONNX_FOLDER [--rounds N] [--runs N] MODEL.tflite…
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ("litert", "openvino", "onnxruntime")


def pin(command, core):
    return ["taskset", "-c", core] + command if core is not None else command


def ocellus(program, model, runs, threads, core):
    """Median milliseconds of processor and of wall time."""
    output = subprocess.run(
        pin([program, "bench", "--model", model, "--runs", str(runs), "--threads", str(threads), "--json"], core),
        check=True, capture_output=True, text=True).stdout
    result = json.loads(output.splitlines()[0])
    return {"processor": result["process_median_us"] / 1e3, "wall": result["median_us"] / 1e3}


def peer(name, model, runs, threads, core):
    """The same of a peer, or None where it does not run the model."""
    result = subprocess.run(
        pin([sys.executable, os.path.join(HERE, "peer.py"), name, model, str(threads), str(runs)], core),
        capture_output=True, text=True)
    return json.loads(result.stdout.splitlines()[-1]) if result.returncode == 0 and result.stdout else None


def compile_model(compiler, model, folder):
    target = os.path.join(folder, stem(model) + ".ocm")
    subprocess.run([compiler, "compile", model, "-o", target], check=True)
    return target


def one_thread(arguments, model, compiled):
    """Median times of each program, and the median ratio of ours to LiteRT's."""
    times = {name: [] for name in ("ocellus",) + PEERS}
    ratios = []
    for _ in range(arguments.rounds):
        names = list(times)
        random.shuffle(names)
        result = {}
        for name in names:
            result[name] = (
                ocellus(arguments.ocellus, compiled, arguments.runs, 1, arguments.core) if name == "ocellus"
                else peer(name, model_for(arguments, name, model), arguments.runs, 1, arguments.core))
            if result[name]:
                times[name].append(result[name]["processor"])
        ratios.append(result["ocellus"]["processor"] / result["litert"]["processor"])
    return {name: statistics.median(values) if values else None for name, values in times.items()}, \
        statistics.median(ratios)


def stem(model):
    return os.path.basename(model)[: -len(".tflite")]


def model_for(arguments, name, model):
    """The file that a peer takes."""
    return os.path.join(arguments.onnx, stem(model) + ".onnx") if name == "onnxruntime" else model


def two_threads(arguments, compiled):
    """One thread's wall time over two threads', the best of the interleaved rounds."""
    best = 0
    for _ in range(9):
        one = ocellus(arguments.ocellus, compiled, arguments.runs, 1, None)["wall"]
        two = ocellus(arguments.ocellus, compiled, arguments.runs, 2, None)["wall"]
        best = max(best, one / two)
    return best


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ocellus")
    parser.add_argument("ocellusc")
    parser.add_argument("folder", help="where compiled models go")
    parser.add_argument("onnx", help="where the models' ONNX files are")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--core", default="1" if os.cpu_count() > 1 else "0")
    arguments = parser.parse_args()
    random.seed(1)
    os.makedirs(arguments.folder, exist_ok=True)
    cell = lambda value: "-" if value is None else f"{value:.2f}"
    print("milliseconds of processor time, one thread, median; two threads: speed-up of wall time, best of 9 rounds")
    print("| model | ocellus | LiteRT + XNNPACK | OpenVINO | ONNX Runtime | ocellus / LiteRT | two threads |")
    print("|---|---|---|---|---|---|---|")
    for model in arguments.models:
        compiled = compile_model(arguments.ocellusc, model, arguments.folder)
        times, ratio = one_thread(arguments, model, compiled)
        cells = [cell(times[name]) for name in ("ocellus",) + PEERS]
        print(f"| {stem(model)} | {' | '.join(cells)} | {ratio:.2f} | {two_threads(arguments, compiled):.2f} |", flush=True)


if __name__ == "__main__":
    main()
