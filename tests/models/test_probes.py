"""Probes are the best linear readouts of what they are fitted to."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from rnnviz.models import Model, ModelConfig
from rnnviz.models.probes import Probes, fit_probes, probe_depths, probe_features


def clouds(seed: int, count: int = 400) -> tuple[torch.Tensor, torch.Tensor]:
    """Return three overlapping clouds, (picture, feature), and their labels."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(3, (count,), generator=generator)
    centres = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]) * 2
    return centres[labels] + torch.randn(count, 3, generator=generator), labels


def test_a_probe_is_scikit_learns_logistic_regression():
    features, labels = clouds(0)
    scaled = (features - features.mean(0)) / features.std(0)
    # Its penalty is 1/(2C) |w|^2 on the summed loss, ours ridge |w|^2 on the mean.
    ridge = 1e-3
    theirs = LogisticRegression(C=1 / (2 * ridge * len(labels)), tol=1e-8).fit(scaled, labels)
    weight, bias = fit_probes(features.double()[:, None], labels, 3, ridge=ridge, rounds=300)
    ours = torch.softmax(features.double() @ weight[0].T + bias[0], dim=1)
    np.testing.assert_allclose(ours, theirs.predict_proba(scaled), atol=2e-3)


def test_probes_fitted_together_are_those_fitted_alone():
    features, labels = clouds(1)
    both = torch.stack([features, features.flip(1) * 100], dim=1).double()
    weight, bias = fit_probes(both, labels, 3, rounds=300)
    for index in range(2):
        alone, alone_bias = fit_probes(both[:, index : index + 1], labels, 3, rounds=300)
        torch.testing.assert_close(weight[index], alone[0], rtol=1e-2, atol=1e-3)
        torch.testing.assert_close(bias[index], alone_bias[0], rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("depths", [1, 7, 13, 28, 49, 55, 196, 784])
def test_probes_stand_evenly_and_at_the_end(depths):
    places = probe_depths(depths)
    assert places[-1] == depths - 1
    assert 1 <= len(places) <= 64
    assert len(set(np.diff(places))) <= 1


def test_784_pixels_are_probed_at_the_ends_of_half_rows():
    assert probe_depths(784)[:2] == [13, 27]


def test_a_probe_reads_the_state_at_its_own_step():
    model = Model(ModelConfig("rows", "rnn", 4, shape=(1, 5, 6), classes=3))
    images = torch.rand(3, 5, 6)
    weight, bias = torch.randn(2, 3, 4), torch.randn(2, 3)
    probes = Probes(torch.tensor([0, 3]), weight, bias, torch.ones(2))
    hidden = model.scan(images)["h"]
    beliefs = probes.logits(model, hidden)
    for index, step in enumerate((0, 3)):
        expected = hidden[:, step] @ weight[index].T + bias[index]
        torch.testing.assert_close(beliefs[:, index], expected)
    torch.testing.assert_close(probe_features(model, images, [0, 3], batch=2), hidden[:, [0, 3]])
