"""Linear models: logistic regression by at most 100 iterations of L-BFGS, and ridge regression in closed form."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def minimise(parameters: list[Tensor], loss) -> None:
    optimiser = torch.optim.LBFGS(parameters, max_iter=100, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    optimiser.step(closure)


def fit_linear(features: Tensor, labels: Tensor, weights: Tensor, count: int, penalty: float) -> tuple[Tensor, Tensor]:
    """Multinomial logistic regression with a quadratic penalty: weight [F, count], bias [count]. `labels`: indices [N], or
    how likely each is [N, count]."""
    weight = torch.zeros(features.shape[1], count, requires_grad=True)
    bias = torch.zeros(count, requires_grad=True)
    minimise([weight, bias], lambda: (F.cross_entropy(features @ weight + bias, labels, reduction="none") * weights).mean()
             + penalty * weight.pow(2).sum())
    return weight.detach(), bias.detach()


def fit_ridge(features: Tensor, target: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """Linear regression [N, F] -> [N] with a quadratic penalty on the sum of squares: weight [F], bias."""
    centre, middle = features.mean(0), target.mean()
    centred = (features - centre).double()
    solved = torch.linalg.solve(centred.T @ centred + penalty * torch.eye(centred.shape[1], dtype=torch.double),
                                centred.T @ (target - middle).double()).float()
    return solved, middle - centre @ solved
