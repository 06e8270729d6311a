"""`python -m swiftavatar_train.bench.onnx PROGRAM PHOTO`: the estimator's network in the program and in onnxruntime, by turns.

Both run the same file of the bundle, whole: onnxruntime what `torch.onnx.export` makes of it. Prints milliseconds a face
and the median ratio as JSON. `scripts/bench_onnx.sh` sets up and runs it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from ..core.bundle import Bundle
from ..core.labels import PARTS
from ..core.paths import BUNDLE
from ..core.torchscript import unhalve_weights


def antialiased(graph, image, size, align_corners, across, down):
    """ONNX's Resize for `_upsample_bilinear2d_aa`, which the exporter does not know."""
    whole = graph.op("Shape", image)
    kept = graph.op("Slice", whole, *(graph.op("Constant", value_t=torch.tensor([at])) for at in (0, 2)))
    sizes = graph.op("Concat", kept, graph.op("Cast", size, to_i=7), axis_i=0)
    nothing = graph.op("Constant", value_t=torch.tensor([], dtype=torch.float32))
    return graph.op("Resize", image, nothing, nothing, sizes, antialias_i=1, mode_s="linear",
                    coordinate_transformation_mode_s="half_pixel")


def example(entry: dict, batch: int, seed: int = 1) -> list[torch.Tensor]:
    """Inputs of the shapes that the manifest tells: a picture, parts that sum to 1, points inside the picture."""
    torch.manual_seed(seed)
    image, parts, _ = (each["shape"][-1] for each in entry["inputs"])
    return [torch.rand(batch, 3, image, image) * 2 - 1, torch.softmax(4 * torch.randn(batch, len(PARTS), parts, parts), 1),
            torch.rand(batch, 478, 2)]


def session(module: torch.jit.ScriptModule, inputs: list[torch.Tensor], threads: int) -> onnxruntime.InferenceSession:
    torch.onnx.register_custom_op_symbolic("aten::_upsample_bilinear2d_aa", antialiased, 18)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "estimator.onnx"
        torch.onnx.export(module, tuple(inputs), str(file), input_names=["image", "parts", "points"], opset_version=18, dynamo=False)
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def in_onnxruntime(run: onnxruntime.InferenceSession, inputs: list[torch.Tensor], repeats: int) -> float:
    """Milliseconds a face: the median of `repeats` runs."""
    given = {each.name: values.numpy() for each, values in zip(run.get_inputs(), inputs)}
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        run.run(None, given)
        times.append(time.perf_counter() - start)
    return float(np.median(times[1:])) * 1000 / len(inputs[0])


def in_program(arguments: argparse.Namespace) -> float:
    command = [arguments.program, "bench", arguments.photo, "--bundle", arguments.bundle, "--device", "cpu", "--json", "--photos", "1",
               "--jobs", str(arguments.threads), "--batch-size", str(arguments.batch), "--repeats", str(arguments.repeats)]
    done = subprocess.run([str(each) for each in command], stdout=subprocess.PIPE, check=True)
    rows = json.loads(done.stdout)["rows"]
    return next(row["ms"] for row in rows if row["what"] == "estimator, network alone" and row["batch"] == arguments.batch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--bundle", type=Path, default=BUNDLE)
    parser.add_argument("--engine", default="tiktok")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()

    bundle = Bundle(arguments.bundle)
    entry = bundle.manifest["models"][f"estimator:{arguments.engine}"]
    module = unhalve_weights(bundle.module(f"estimator:{arguments.engine}"))
    inputs = example(entry, arguments.batch)
    run = session(module, inputs, arguments.threads)
    with torch.no_grad():
        expected = module(*inputs).numpy()
    difference = np.abs(run.run(None, {each.name: values.numpy() for each, values in zip(run.get_inputs(), inputs)})[0] - expected).max()
    rounds = [(in_program(arguments), in_onnxruntime(run, inputs, arguments.repeats)) for _ in range(arguments.rounds)]
    ours, theirs = np.median(np.array(rounds), axis=0)
    print(json.dumps({"batch": arguments.batch, "threads": arguments.threads, "largest difference": round(float(difference), 6),
                      "program, ms a face": round(ours, 2), "onnxruntime, ms a face": round(theirs, 2),
                      "ratio": round(float(np.median([own / other for own, other in rounds])), 3)}))


if __name__ == "__main__":
    main()
