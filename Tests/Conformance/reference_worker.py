"""Runs models in LiteRT: reads pickled jobs from standard input, writes pickled results.

A process of its own, because LiteRT aborts on some models, and so that two of them can run with
different fillings of fresh memory (MALLOC_PERTURB_): a result that differs between them depends
on memory that LiteRT never wrote.
"""

import os
import pickle
import sys

import numpy as np


def run(job):
    """The values of the tensors `job["reads"]`, or a string that says why there are none."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        interpreter = Interpreter(
            model_content=job["model"],
            experimental_op_resolver_type=getattr(OpResolverType, job["resolver"]),
            experimental_preserve_all_tensors=job["preserve"])
        interpreter.allocate_tensors()
        for _ in range(job["times"]):
            for index, values in job["feeds"]:
                interpreter.set_tensor(index, values)
            interpreter.invoke()
        for details in interpreter.get_tensor_details() if job["preserve"] else ():
            declared = job["shapes"][details["index"]:details["index"] + 1]
            # The tensors after the model's own ones are LiteRT's temporaries.
            if declared and tuple(details["shape"]) != declared[0]:
                return f"tensor {details['index']} has shape {details['shape']}, not {declared[0]}"
        for index, values in job["checks"]:
            if not np.array_equal(interpreter.get_tensor(index), values):
                return "float border does not quantise back"
        return [shown(interpreter.get_tensor(index)).tobytes() for index in job["reads"]]
    except (RuntimeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def shown(values):
    """An output as Ocellus shows it: ARG_MAX gives int32, whatever its model asks for."""
    return values.astype(np.int32) if values.dtype == np.int64 else values


def main():
    # LiteRT's log goes to standard output in places; the results keep a descriptor of their own.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(run(job), results)
        results.flush()


if __name__ == "__main__":
    main()
