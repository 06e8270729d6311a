"""What makes faces look like photos: a dual-branch discriminator and its side of the adversarial training.

The picture and its part mask go through convolutions of their own, whose features are added before the last layers
(SemanticStyleGAN, section 3.3): a picture that does not fit its mask is found out, too. Non-saturating logistic losses
(Goodfellow et al. 2014) with the R1 penalty (Mescheder et al. 2018), computed every few steps (Karras et al. 2020).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .generator import PART_COUNT


class Half(nn.Module):
    """Halves the size: 3x3 convolution, blur by averaging, and a plain path beside it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.plain = nn.Conv2d(inputs, outputs, 1, bias=False)
        nn.init.kaiming_normal_(self.conv.weight, 0.2)
        nn.init.zeros_(self.conv.bias)
        nn.init.kaiming_normal_(self.plain.weight, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        return (F.avg_pool2d(F.leaky_relu(self.conv(x), 0.2), 2) + self.plain(F.avg_pool2d(x, 2))) * 0.7


class Discriminator(nn.Module):
    """forward(rgb [N, 3, S, S] in -1..1, parts [N, 13, S, S] probabilities) gives one score [N]; S is 64 or 128.

    The deviation over the batch is one more feature: faces that are all alike are found out.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (24, 48, 96, 128)) -> None:
        super().__init__()
        a, b, c, d = widths
        self.image = nn.Sequential(nn.Conv2d(3, a, 3, padding=1), nn.LeakyReLU(0.2), Half(a, b), Half(b, c), Half(c, d))
        self.mask = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(PART_COUNT, a, 3, padding=1), nn.LeakyReLU(0.2), Half(a, b), Half(b, d))
        self.common = nn.Sequential(Half(d + 1, d), nn.Conv2d(d, d, 3, padding=1), nn.LeakyReLU(0.2))
        self.score = nn.Linear(d * 16, 1)

    def forward(self, rgb: Tensor, parts: Tensor) -> Tensor:
        x = self.image(rgb) + self.mask(parts)
        deviation = x.std(0, correction=0).mean() if len(x) > 1 else x.new_zeros(())
        x = self.common(torch.cat([x, deviation.expand(len(x), 1, *x.shape[2:])], 1))
        return self.score(F.adaptive_avg_pool2d(x, (4, 4)).flatten(1))[:, 0]


def mix_codes(codes: Tensor, base: int, generator: torch.Generator) -> Tensor:
    """Codes [N, 28, 64] of people put together from the parts of two: what the pairs' faces are made of. A part's shape
    and its texture change owner apart."""
    order = torch.randperm(len(codes), generator=generator)
    take = torch.rand(len(codes), codes.shape[1], 1, generator=generator) < 0.3
    take[:, :base] = False
    return torch.where(take.to(codes.device), codes[order.to(codes.device)], codes)


class Adversary:
    """The discriminator with its optimiser."""

    def __init__(self, rate: float, penalty: float, every: int = 16) -> None:
        self.net = Discriminator()
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=rate, betas=(0.0, 0.99))
        self.penalty, self.every = penalty, every

    def learn(self, real: tuple[Tensor, Tensor], fake: tuple[Tensor, Tensor], step: int) -> dict[str, float]:
        """One step of the discriminator on photos and faces, (rgb, parts) each."""
        rgb, parts = (value.detach() for value in real)
        punish = step % self.every == 0
        rgb.requires_grad_(punish)
        parts.requires_grad_(punish)
        ours, theirs = self.net(*(value.detach() for value in fake)), self.net(rgb, parts)
        loss = F.softplus(ours).mean() + F.softplus(-theirs).mean()
        if punish:
            slopes = torch.autograd.grad(theirs.sum(), (rgb, parts), create_graph=True)
            loss = loss + 0.5 * self.penalty * self.every * sum(slope.square().sum([1, 2, 3]).mean() for slope in slopes)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return {"score_faces": float(ours.mean().detach()), "score_photos": float(theirs.mean().detach())}

    def loss(self, fake: tuple[Tensor, Tensor]) -> Tensor:
        """How unlike photos the faces are, for the generator; the discriminator does not learn from it."""
        self.net.requires_grad_(False)
        loss = F.softplus(-self.net(*fake)).mean()
        self.net.requires_grad_(True)
        return loss

    def state_dict(self) -> dict:
        return {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])


def balance(wanted: Tensor, adversarial: Tensor, last: nn.Parameter) -> Tensor:
    """The weight at which both losses pull equally at the last layer (Esser et al. 2021), at most 10."""
    one, other = (torch.autograd.grad(loss, last, retain_graph=True)[0].norm() for loss in (wanted, adversarial))
    return (one / (other + 1e-6)).clamp(max=10.0).detach()
