"""Kernel ridge regression on unit vectors, with its leave-one-out predictions in closed form.

The kernel is exp(2 g (cosine - 1)): the Gaussian one for vectors of length one. What the machine
would say of an example had it not been trained on it is y - a / diag(K^-1) (Rifkin and Lippert,
"Notes on Regularized Least Squares", 2007), so that calibrating needs no second training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_BATCH = 1024


def kernel(cosines: Floats, width: float) -> Floats:
    """The kernel of dot products, in place."""
    cosines -= np.float32(1)
    cosines *= np.float32(2 * width)
    return np.exp(cosines, out=cosines)


def targets(labels: Integers, classes: int) -> Floats:
    """One row an example: 1 for its class, less the mean of all."""
    rows = np.full((len(labels), classes), -1 / classes, np.float32)
    rows[np.arange(len(labels)), labels] += 1
    return rows


@dataclass(frozen=True)
class Ridge:
    """Weights of the examples, and the predictions for some of them when left out."""

    weights: Floats  # (examples, classes)
    left_out: Floats  # (len(sample), classes)


def fit(gram: Floats, wanted: Floats, ridge: float, sample: Integers) -> Ridge:
    """Solve (K + ridge I) w = wanted; `gram` is used up. `sample`: whom to leave out."""
    from scipy.linalg import cho_factor, cho_solve  # noqa: PLC0415 - only for training

    size = len(gram)
    gram.flat[:: size + 1] += np.float32(ridge)
    # Symmetric, so the transpose is itself and already in the order LAPACK works in.
    factor = cho_factor(gram.T, lower=True, overwrite_a=True, check_finite=False)
    weights = cho_solve(factor, wanted, check_finite=False).astype(np.float32)
    diagonal = np.empty(len(sample), np.float32)
    for start in range(0, len(sample), _BATCH):
        chosen = sample[start : start + _BATCH]
        unit = np.zeros((size, len(chosen)), np.float32, order="F")
        unit[chosen, np.arange(len(chosen))] = 1
        inverse = cho_solve(factor, unit, overwrite_b=True, check_finite=False)
        diagonal[start : start + len(chosen)] = inverse[chosen, np.arange(len(chosen))]
    return Ridge(weights, wanted[sample] - weights[sample] / diagonal[:, None])


def whitening(vectors: Floats, labels: Integers, shrink: float) -> Floats:
    """A map that evens out how examples of one class differ from each other (WCCN).

    `shrink` = 1 leaves the vectors as they are; less trusts what was measured more.
    """
    size = vectors.shape[1]
    sums = np.zeros((int(labels.max()) + 1, size), np.float64)
    np.add.at(sums, labels, vectors)
    counts = np.maximum(np.bincount(labels), 1)
    within = vectors - (sums / counts[:, None])[labels]
    spread = within.T @ within
    trace = float(np.trace(spread))
    even = np.eye(size) / size
    if trace <= 1e-9:  # noqa: PLR2004 - one example for each class: nothing differs
        return np.eye(size, dtype=np.float32)
    mixed = (1 - shrink) * spread / trace + shrink * even
    return np.linalg.cholesky(np.linalg.inv(mixed)).astype(np.float32)


def unit(vectors: Floats) -> Floats:
    """Vectors of length one."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def softmax(scores: Floats) -> Floats:
    """Probabilities of each row."""
    rows = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(rows / rows.sum(axis=-1, keepdims=True), dtype=np.float32)


def logistic(vectors: Floats, labels: Integers, classes: int, strength: float) -> Floats:
    """Weights (features + 1, classes) of a multinomial logistic regression; the last is the bias.

    `strength` is the inverse of the L2 penalty.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - only for training

    rows = np.hstack([vectors, np.ones((len(vectors), 1), np.float32)]).astype(np.float64)
    wanted = np.zeros((len(labels), classes))
    wanted[np.arange(len(labels)), labels] = 1

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(-1, classes)
        scores = rows @ weights
        scores -= scores.max(axis=1, keepdims=True)
        totals = np.log(np.exp(scores).sum(axis=1, keepdims=True))
        penalised = weights.copy()
        penalised[-1] = 0
        value = strength * -float(((scores - totals) * wanted).sum())
        gradient = strength * rows.T @ (np.exp(scores - totals) - wanted) + penalised
        return value + 0.5 * float(np.square(penalised).sum()), gradient.ravel()

    start = np.zeros(rows.shape[1] * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120})
    return np.asarray(found.x.reshape(-1, classes), dtype=np.float32)
