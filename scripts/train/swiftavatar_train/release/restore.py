"""What ships in the place of a stage that did not run here (settings [restore] `provides`), or as the start of a training.

`provide_STAGE` writes the outputs of that stage from the bundle cfg["bundle"]. Exported files are copied; weights come out of the
TorchScript (unfreeze.py). Optimisers start afresh, and E_a, which does not ship, starts from the photos' encoder.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import torch

from ..attributes.learner import save_network
from ..attributes.network import EstimatorNet
from ..core.bundle import Bundle
from ..core.torchscript import unhalve_weights
from ..gan.inversion import save_weights
from ..parsing.train import GatedPhotos, relabel_photos
from .unfreeze import (
    as_trained,
    estimator_heads,
    restore_encoder,
    restore_estimator,
    restore_fusion,
    restore_generator,
    restore_variants,
    variants_by_engine,
)


def bundle_of(cfg: dict) -> Bundle:
    torch.set_num_threads(cfg["threads"])
    return Bundle(Path(cfg["bundle"]))


def copy_exported(bundle: Bundle, work: Path, *roles: str) -> None:
    out = work / "export"
    out.mkdir(parents=True, exist_ok=True)
    for role in roles:
        file = bundle.manifest["models"][role]["file"]
        shutil.copyfile(bundle.folder / file, out / file)


def provide_face_nets(cfg: dict, work: Path) -> None:
    copy_exported(bundle_of(cfg), work, "detector", "mesh", "iris")


def provide_parser(cfg: dict, work: Path) -> None:
    """And the train photos' masks as that parser relabels them."""
    bundle = bundle_of(cfg)
    copy_exported(bundle, work, "parser")
    (work / "parser").mkdir(parents=True, exist_ok=True)
    (work / "parser" / "dev.json").write_text("{}\n")
    np.save(work / "cache" / "train_masks.npy", relabel_photos(bundle.module("parser"), GatedPhotos(work, "train")))


def provide_generator(cfg: dict, work: Path) -> None:
    bundle = bundle_of(cfg)
    save_weights(work / cfg["output"], restore_generator(bundle.module("real_generator")), restore_encoder(bundle.module("inverter")))


def provide_avatar_generator(cfg: dict, work: Path) -> None:
    bundle = bundle_of(cfg)
    generator = restore_generator(bundle.module(f"avatar_generator:{cfg['engine']}"))
    save_weights(work / cfg["output"], generator, restore_encoder(bundle.module("inverter")))


def provide_export_generator(cfg: dict, work: Path) -> None:
    bundle = bundle_of(cfg)
    copy_exported(bundle, work, "real_generator", "inverter", "perceptual")
    (work / "export" / "latent.json").write_text(json.dumps(bundle.manifest["latent"]))


def provide_export_avatar_generator(cfg: dict, work: Path) -> None:
    copy_exported(bundle_of(cfg), work, f"avatar_generator:{cfg['engine']}")


class ShippedEstimator:
    """The estimator's file with what the manifest says of it."""

    def __init__(self, cfg: dict) -> None:
        bundle, role = bundle_of(cfg), f"estimator:{cfg['engine']}"
        self.entry, self.module = bundle.manifest["models"][role], unhalve_weights(bundle.module(role))
        self.heads = estimator_heads(bundle.manifest, cfg["engine"])

    def networks(self, work: Path) -> tuple[EstimatorNet, EstimatorNet, EstimatorNet | None]:
        """The whole network, its engine-free part, and the second network, measures scaled as they are learnt."""
        found = restore_estimator(self.module, self.heads, self.entry)
        with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
            for net in filter(None, found):
                as_trained(net, arrays["checked"])
        return found


def provide_attributes(cfg: dict, work: Path) -> None:
    _, attributes, second = ShippedEstimator(cfg).networks(work)
    folder = (work / cfg["output"]).parent
    save_network(folder / "attributes.pt", attributes)
    if second is not None:
        save_network(folder / "second_attributes.pt", second)


def provide_network(cfg: dict, work: Path) -> None:
    """The heads of all engines of the bundle: the output of stage `teacher` or `distil`."""
    save_network(work / cfg["output"], ShippedEstimator(cfg).networks(work)[0])


def provide_fusion(cfg: dict, work: Path) -> None:
    shipped = ShippedEstimator(cfg)
    early = shipped.networks(work)[0].early_sha256()
    torch.save(restore_fusion(shipped.module, shipped.entry) | {"early": early}, work / "estimator" / "fusion.pt")


def provide_variants(cfg: dict, work: Path) -> None:
    shipped = ShippedEstimator(cfg)
    whole = shipped.networks(work)[0]
    for owner, state in variants_by_engine(restore_variants(shipped.module, shipped.entry), whole.heads).items():
        torch.save(state | {"early": whole.early_sha256()}, work / "estimator" / f"variants_{owner}.pt")
