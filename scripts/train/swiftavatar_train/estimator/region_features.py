"""What ImageNet's early layers see in hair, jaw, cheeks, around the eyes, in ears and clothes: means and spreads of their
channels over each region.

Texture is told by how often an edge comes, not by where (Cimpoi et al. 2015, "Deep filter banks for texture recognition"), and
a linear head on such statistics needs few examples. The layers are those of the trunk as ImageNet left them: what is
fine-tuned on a thousand photos knows these photos by heart, and heads on it could not be fitted on the same ones.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..attributes.network import EstimatorNet, fine_block, folded_trunk, turn
from ..core.labels import PARTS
from .face_features import FEATURES as FACE

SKIN, EAR, HAIR, CLOTH, EARRING = (PARTS.index(part) for part in ("skin", "ear", "hair", "cloth", "earring"))
REGIONS, EYE_REGIONS, CLOTH_REGIONS, EAR_REGIONS = 14, (7, 8, 9, 10), (11, 12), (13,)
# Mesh points (MediaPipe's numbering) that bound the regions.
EYES, NOSE, LIP, CHIN, SIDES = (33, 263), 2, 13, 152, (234, 454)
EYE_CORNERS = ((33, 133), (263, 362))  # outer and inner, left and right in the picture


def regions(parts: Tensor, points: Tensor, size: int) -> Tensor:
    """Weights [N, 14, size, size] of hair above and below the eyes and all of it, jaw, chin, upper lip, cheeks,
    `eye_regions`, clothes, what is below the chin, and ears with what hangs beside them, from part probabilities
    [N, 13, P, P] and a mesh [N, 478, 2] in 0..1."""
    small = F.interpolate(parts, size=(size, size), mode="area")
    hair, skin, cloth = (torch.relu(2 * small[:, part] - 1) for part in (HAIR, SKIN, CLOTH))
    ears = F.max_pool2d(torch.relu(2 * (small[:, EAR] + small[:, EARRING]) - 1)[:, None], 3, 1, 1)[:, 0]
    at = (torch.arange(size) + 0.5) / size
    down, across = at.view(1, size, 1), at.view(1, 1, size)

    def place(index: int, axis: int) -> Tensor:
        return points[:, index, axis].view(-1, 1, 1)

    eyes = points[:, EYES, 1].mean(1).view(-1, 1, 1)
    nose, lip, chin, middle = place(NOSE, 1), place(LIP, 1), place(CHIN, 1) + 0.02, place(LIP, 0)
    face = ((across > place(SIDES[0], 0)) & (across < place(SIDES[1], 0))).float()
    above = (down < eyes).float()
    jaw = ((down > lip) & (down < chin)).float() * face
    below_lip = ((down > lip + 0.03) & (down < chin)).float() * ((across - middle).abs() < 0.07).float()
    upper_lip = ((down > nose) & (down < lip)).float() * ((across - middle).abs() < 0.09).float()
    cheeks = skin * ((down > eyes) & (down < nose)).float()
    collar = (down > chin).float() * ((across - middle).abs() < 0.2).float()
    return torch.cat([torch.stack([hair * above, hair * (1 - above), hair, jaw, below_lip, upper_lip, cheeks], 1),
                      eye_regions(points, size), torch.stack([cloth, collar, ears], 1)], 1)


def eye_regions(points: Tensor, size: int) -> Tensor:
    """Weights [N, 4, size, size] of where the rims of glasses run: above the eyes, below, outside and inside of them."""
    at = (torch.arange(size) + 0.5) / size
    down, across = at.view(1, size, 1), at.view(1, 1, size)
    centres = [points[:, corners].mean(1) for corners in EYE_CORNERS]
    between = (centres[1] - centres[0]).norm(dim=1).view(-1, 1, 1)
    eyes = []
    for centre, side in zip(centres, (-1, 1)):
        out = side * (across - centre[:, 0].view(-1, 1, 1)) / between  # in distances between the eyes
        below = (down - centre[:, 1].view(-1, 1, 1)) / between
        rims = ((out.abs() < 0.5) & (below > -0.35) & (below < -0.08), (out.abs() < 0.5) & (below > 0.1) & (below < 0.42),
                (out > 0.22) & (out < 0.6) & (below.abs() < 0.3), (out < -0.22) & (out > -0.6) & (below.abs() < 0.3))
        eyes.append(torch.stack([rim.float() for rim in rims], 1))
    return torch.maximum(*eyes)


def statistics(cells: Tensor, weights: Tensor) -> Tensor:
    """Mean and standard deviation of channels [N, C, s, s] under weights [N, R, s, s] -> [N, 2 x R x C]; nothing of a region
    that is not there."""
    weights = weights.flatten(2)
    weights = weights / (weights.sum(2, keepdim=True) + 1e-2)
    channels = cells.flatten(2).transpose(1, 2)
    mean, square = (weights @ torch.cat([channels, channels ** 2], 2)).chunk(2, 2)
    return torch.cat([mean.flatten(1), (square - mean ** 2).clamp(min=0).add(1e-6).sqrt().flatten(1)], 1)


class RegionFeatures(nn.Module):
    """forward(cells [N, C, S/4, S/4] of `EstimatorNet.early`, parts [N, 13, P, P], points [N, 478, 2]) -> [N, count].

    The trunk's stem and first `EstimatorNet.SHARED` blocks keep ImageNet's weights in training (`frozen_blocks`), so
    they are computed once for both; the blocks from there to the last at stride 16 are here again, untrained. `region` says
    which region each feature is of.
    """

    def __init__(self, trunk: str = "lite0") -> None:
        super().__init__()
        whole = folded_trunk(trunk)
        turn(whole)
        first, (last, channels) = EstimatorNet.SHARED, fine_block(whole)
        self.blocks = nn.ModuleList(list(whole._blocks)[first:last + 1])
        self.requires_grad_(False)
        halvings = [place for place in range(first, last + 1) if whole._blocks[place]._depthwise_conv.stride[0] == 2]
        layers = [*(whole._blocks[place - 1]._project_conv.out_channels for place in halvings), channels]
        self.region = torch.cat([torch.arange(REGIONS).repeat_interleave(channels).repeat(2) for channels in layers])
        self.count = len(self.region)

    def forward(self, cells: Tensor, parts: Tensor, points: Tensor) -> Tensor:
        found = []
        for block in self.blocks:
            after = block(cells)
            if after.shape[-1] != cells.shape[-1]:
                found.append(self.of(cells, parts, points))
            cells = after
        return torch.cat([*found, self.of(cells, parts, points)], 1)

    @staticmethod
    def of(cells: Tensor, parts: Tensor, points: Tensor) -> Tensor:
        # The trunk sees faces turned by half a turn.
        return statistics(cells, regions(parts, points, cells.shape[-1]).flip(2, 3))


def kinds(trunk: str) -> dict[str, Tensor]:
    """FaceFeatures and RegionFeatures, one after the other, by what they are of: True [F] for each of them; `regions` is the
    face and the hair."""
    region = torch.cat([torch.full((FACE,), -1), RegionFeatures(trunk).region])
    apart = {"eyes": EYE_REGIONS, "clothes": CLOTH_REGIONS, "ears": EAR_REGIONS}
    found = {"face": region < 0, **{name: torch.isin(region, torch.tensor(places)) for name, places in apart.items()}}
    found["regions"] = ~torch.stack(list(found.values())).any(0)
    return found | {f"face and {name}": found["face"] | found[name] for name in ("regions", *apart)}
