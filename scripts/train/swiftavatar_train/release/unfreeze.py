"""Weights out of a shipped bundle's TorchScript, so that training goes on from what ships where checkpoints are gone.

Freezing turns weights into constants of the TorchScript graph. Convolutions are told apart by their order of execution, the other
weights by their shapes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ..attributes.losses import attribute_heads
from ..attributes.network import EstimatorNet, Head
from ..core.bundle import NO_COMPOSITION
from ..estimator.face_features import FEATURES
from ..estimator.region_features import RegionFeatures
from ..gan.encoder import Encoder
from ..gan.generator import Generator


ENGINE_FREE = ("attribute", "measure", "style")  # kinds of heads that belong to no engine


def tensor_constants(module: torch.jit.ScriptModule) -> dict[str, Tensor]:
    """The graph's constant tensors by name."""
    return {node.output().debugName(): node.t("value").clone() for node in module.graph.nodes()
            if node.kind() == "prim::Constant" and node.output().type().kind() == "TensorType"}


def constants(module: torch.jit.ScriptModule) -> tuple[list[tuple[Tensor, Tensor]], list[Tensor]]:
    """Weight and bias of each convolution in order of execution, and all other tensors of the graph."""
    tensors, convolutions = tensor_constants(module), []
    for node in module.graph.nodes():
        if node.kind() in ("aten::conv2d", "aten::_convolution"):
            _, weight, bias, *_ = [value.debugName() for value in node.inputs()]
            convolutions.append((weight, bias))
    used = {name for pair in convolutions for name in pair}
    return ([(tensors[weight], tensors[bias]) for weight, bias in convolutions if bias in tensors],  # blurs have none
            [tensor for name, tensor in tensors.items() if name not in used])


def matrices(module: torch.jit.ScriptModule) -> list[Tensor]:
    """The constants that a product has on its right, in order of execution."""
    found = []
    for node in module.graph.nodes():
        right = list(node.inputs())[1].node() if node.kind() == "aten::matmul" else None
        if right is not None and right.kind() == "prim::Constant":
            found.append(right.t("value"))
    return found


def convolutions(net: nn.Module) -> list[nn.Conv2d]:
    return [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]


def fill(net: nn.Module, module: torch.jit.ScriptModule, skip: tuple[str, ...] = (), before: int = 0, after: int = 0) -> list[Tensor]:
    """Copies the module's constants into the net; returns those that fit no parameter. `before`, `after`: how many convolutions of
    the module, ahead of the net's and behind them, belong to others."""
    pairs, others = constants(module)
    layers = convolutions(net)
    assert before + len(layers) + after == len(pairs), f"{before} + {len(layers)} + {after} convolutions, the file has {len(pairs)}"
    with torch.no_grad():
        for layer, (weight, bias) in zip(layers, pairs[before:]):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        convolved = {id(value) for layer in layers for value in layer.parameters()}
        fixed = list(net.buffers())
        for name, value in net.named_parameters():
            if id(value) in convolved or name in skip:
                continue
            found = [t for t in others if t.numel() == value.numel() and t.squeeze().shape == value.squeeze().shape
                     and not any(t.numel() == b.numel() and torch.equal(t.flatten(), b.flatten()) for b in fixed)]
            found = [t for t in found if t.shape == value.shape] or found
            assert len(found) == 1, f"{name}: {len(found)} tensors of its shape"
            value.copy_(found[0].reshape(value.shape))
            others = [t for t in others if t is not found[0]]
    return others


def fit_positions(generator: Generator, wanted: Tensor, steps: int = 3000) -> float:
    """Finds `position` and `warp` whose folded product is `wanted` [13, 32, 1024]; returns the largest error."""
    local = generator.local
    with torch.no_grad():  # linear in `position` where nothing is warped: the start, and for photos the answer
        features = encoded_grid(local, local.warp)[0]
        solved = torch.linalg.lstsq(features.T.double(), wanted.mean(0).T.double()).solution.T
        local.position.copy_(solved.float())
    error = float((local.positions() - wanted).detach().abs().max())
    if error < 1e-3:
        return error
    values = [local.position, local.warp.requires_grad_()]
    optimizer = torch.optim.Adam(values, lr=0.01)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * (1 - step / steps)
        optimizer.zero_grad()
        (local.positions() - wanted).square().mean().backward()
        optimizer.step()
    local.warp.requires_grad_(False)
    return float((local.positions() - wanted).detach().abs().max())


def encoded_grid(local: nn.Module, warp: Tensor) -> Tensor:
    """The Fourier features of the warped grid [13, features, 1024], before their projection."""
    xy = torch.matmul(warp, local.grid)
    waves = [wave(xy * 2.0**k) for k in range(local.frequencies) for wave in (torch.sin, torch.cos)]
    return torch.cat([xy, *waves], 1)


def restore_generator(module: torch.jit.ScriptModule) -> Generator:
    generator = Generator()
    rest = fill(generator, module, skip=("local.position", "local.warp"))
    positions = next(t for t in rest if t.numel() == 13 * 32 * 1024).reshape(13, 32, 1024)
    error = fit_positions(generator, positions)
    codes = torch.randn(2, 28, 64)
    with torch.no_grad():
        difference = float((generator(codes, NO_COMPOSITION)[0] - module(codes, NO_COMPOSITION)[0]).abs().max())
    print(f"generator: positions within {error:.2g}, pictures within {difference:.2g}")
    return generator


def restore_encoder(module: torch.jit.ScriptModule) -> Encoder:
    encoder = Encoder()
    fill(encoder, module)
    picture, parts = torch.rand(2, 3, 128, 128) * 2 - 1, torch.softmax(3 * torch.randn(2, 13, 128, 128), 1)
    with torch.no_grad():
        print(f"encoder: codes within {float((encoder(picture, parts) - module(picture, parts)).abs().max()):.2g}")
    return encoder


def trunks_of(entry: dict) -> list[str]:
    return entry.get("trunks") or [entry.get("trunk", "lite0")]  # as earlier bundles say, or do not


def operand(module: torch.jit.ScriptModule, kind: str, shape: tuple[int, ...]) -> Tensor:
    """The first constant of this shape that a node of this kind takes."""
    tensors = tensor_constants(module)
    return next(tensors[value.debugName()] for node in module.graph.findAllNodes(kind)
                for value in node.inputs() if value.debugName() in tensors and tensors[value.debugName()].shape == shape)


def feature_count(entry: dict) -> int:
    """How many FaceFeatures and RegionFeatures an estimator's manifest entry means."""
    return FEATURES + RegionFeatures(trunks_of(entry)[0]).count


def restore_fusion(module: torch.jit.ScriptModule, entry: dict) -> dict[str, Tensor]:
    """The state of stage `fusion`."""
    measures = [head for head in entry["heads"] if head["kind"] == "measure"]
    joined = sum(len(head.get("options", [])) or 1 for head in entry["heads"] if head["kind"] in ENGINE_FREE)
    places = {"aten::sub": "mean", "aten::div": "deviation", "aten::matmul": "weight", "aten::mul": "network"}
    count = feature_count(entry)
    quantiles = [[(value - head["mean"]) / head["std"] for value in entry["measures"][head["name"]]["quantiles"]]
                 for head in measures]
    state = {"stretch": torch.tensor(entry["tone_stretch"]), "quantiles": torch.tensor(quantiles).T,
             "scale": torch.tensor([[head["mean"], head["std"]] for head in measures]), "trunks": trunks_of(entry),
             "read_off": {name: torch.tensor(scale["quantiles"]) for name, scale in entry["measures"].items()
                          if name not in {head["name"] for head in measures}}}
    for kind, key in places.items():
        state[key] = operand(module, kind, {"weight": (count + 1, joined), "network": (joined,)}.get(key, (count,)))
    return state


def restore_variants(module: torch.jit.ScriptModule, entry: dict) -> dict[str, list]:
    """The state of stage `variants`, of all engines together; the module's constants are folded (`unhalve_weights`)."""
    products, count = matrices(module), feature_count(entry)
    weight = [matrix for matrix in products if len(matrix) == count + 1][-1]  # the first is stage `fusion`'s
    where = next(matrix for matrix in products if len(matrix) == weight.shape[1])
    splits = [node.inputsAt(1).toIValue() for node in module.graph.findAllNodes("aten::split_with_sizes")]
    sizes = next(sizes for sizes in splits if sum(sizes) == weight.shape[1])
    return {"places": [places.tolist() for places in where.argmax(1).split(sizes)], "weights": list(weight.clone().split(sizes, 1))}


def variants_by_engine(state: dict[str, list], heads: list[Head]) -> dict[str, dict[str, list]]:
    """The state of each engine that has one; `heads` are laid out."""
    found: dict[str, dict[str, list]] = {}
    for places, weight in zip(state["places"], state["weights"]):
        engine = next(head.engine for head in heads if head.slice.start <= places[0] < head.slice.stop)
        own = found.setdefault(engine, {"places": [], "weights": []})
        own["places"].append(places)
        own["weights"].append(weight)
    return found


def estimator_heads(manifest: dict, engine: str) -> list[Head]:
    """The heads of the file that serves `engine`, of every engine that it serves, as they lie in its output."""
    models, heads = manifest["models"], {}
    file = models[f"estimator:{engine}"]["file"]
    for role, entry in models.items():
        if role.startswith("estimator:") and entry["file"] == file:
            for head in entry["heads"]:
                owner = role.removeprefix("estimator:") if head["kind"] in ("discrete", "slider") else ""
                heads[head["offset"]] = Head(head["kind"], head["name"], head.get("options", []), mean=head.get("mean", 0.0),
                                             std=head.get("std", 1.0), engine=owner)
    return [heads[offset] for offset in sorted(heads)]


def restore_networks(module: torch.jit.ScriptModule, nets: list[EstimatorNet]) -> None:
    """Gives the networks, in order of execution, their weights."""
    fixed, products = len(convolutions(RegionFeatures(nets[0].trunk_name))), matrices(module)
    for place, net in enumerate(nets):
        before, later = nets[:place], nets[place + 1:]
        rest = fill(net, module, ("look", "fine_look", "linear.weight", "linear.bias", "fine.weight"),
                    sum(len(convolutions(one)) for one in before), sum(len(convolutions(one)) for one in later) + fixed)
        with torch.no_grad():
            net.linear.bias.copy_(operand(module, "aten::add", net.linear.bias.shape))
            for name in ("linear", "fine"):  # the file holds each head's rows apart
                layer = getattr(net, name)
                first = sum(len(one.heads) for one in before if getattr(one, name).in_features == layer.in_features)
                rows = [matrix for matrix in products if len(matrix) == layer.in_features][first:first + len(net.heads)]
                layer.weight.copy_(torch.cat(rows, 1).T)
            for look in (net.look, net.fine_look):  # the file holds the maps themselves
                found = next(t for t in rest if t.shape == (len(net.heads), len(look)))
                look.copy_(found.T.clamp(min=1e-8).log())


def restore_estimator(module: torch.jit.ScriptModule, heads: list[Head], entry: dict) -> tuple[EstimatorNet, EstimatorNet, EstimatorNet | None]:
    """The whole network, its trunk with the engine-free heads alone, and, where the file has one, the second network."""
    size, trunks = entry["inputs"][0]["shape"][-1], trunks_of(entry)

    def engine_free(trunk: str) -> EstimatorNet:
        return EstimatorNet([replace(head) for head in heads if head.kind in ENGINE_FREE], size, trunk)

    whole, attributes = EstimatorNet(heads, size, trunks[0]), engine_free(trunks[0])
    seconds = [engine_free(trunk) for trunk in trunks[1:]]
    restore_networks(module, [whole, *seconds])
    attributes.adopt(whole.state_dict(), heads)
    return whole, attributes, seconds[0] if seconds else None


def as_trained(net: EstimatorNet, checked: np.ndarray) -> None:
    """Gives the measures' heads the scale that networks learn with. The manifest has that of stage `fusion`: at rest."""
    learnt = {head.name: head for head in attribute_heads(checked)}
    for head in net.heads:
        if head.kind == "measure":
            head.mean, head.std = learnt[head.name].mean, learnt[head.name].std
