"""How weights start: at the identity, orthogonal, or as PyTorch's own layers do."""

import pytest
import torch

from rnnviz.models.cells import PACKAGE, build_cell
from rnnviz.models.checkpoint import blank_model
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model
from rnnviz.registry import discover

CELLS = {name: file.CELL for name, file in discover(PACKAGE).items()}
GAINED = [name for name, cell in CELLS.items() if "gain" in cell.OPTIONS]
IDENTITY = [name for name, cell in CELLS.items() if "identity" in cell.OPTIONS]
UNITS = 6


def blocks(cell) -> list[torch.Tensor]:
    """Return every (unit, unit) block of the recurrent weights."""
    return [block for weight in cell.weight_h.detach() for block in weight.split(UNITS)]


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.3])
@pytest.mark.parametrize("name", GAINED)
def test_every_cell_with_a_gain_can_start_at_the_identity(name, gain):
    # A cell that always starts there needs no option for it.
    option = {"identity": 1.0} if name in IDENTITY else {}
    cell = build_cell(name, 3, UNITS, gain=gain, **option)
    for block in blocks(cell):
        assert torch.equal(block, gain * torch.eye(UNITS))


@pytest.mark.parametrize("name", IDENTITY)
def test_the_identity_is_off_until_it_is_asked_for(name):
    assert CELLS[name].OPTIONS["identity"] == 0.0
    torch.manual_seed(3)
    left_out = build_cell(name, 3, UNITS, gain=1.5)
    torch.manual_seed(3)
    off = build_cell(name, 3, UNITS, gain=1.5, identity=0.0)
    assert all(
        torch.equal(*pair) for pair in zip(off.parameters(), left_out.parameters(), strict=True)
    )
    for block in blocks(off):
        torch.testing.assert_close(block @ block.T / 1.5**2, torch.eye(UNITS))


@pytest.mark.parametrize("name", IDENTITY)
def test_the_identity_changes_the_recurrent_weights_alone(name):
    generators = [torch.Generator().manual_seed(1) for _ in range(2)]
    cells = [build_cell(name, 3, UNITS, identity=identity) for identity in (0.0, 1.0)]
    for cell, generator in zip(cells, generators, strict=True):
        cell.start(generator)
    orthogonal, identity = (dict(cell.named_parameters()) for cell in cells)
    changed = {key for key in orthogonal if not torch.equal(orthogonal[key], identity[key])}
    assert changed == {"weight_h"}


@pytest.mark.parametrize("name", IDENTITY)
def test_an_identity_start_without_a_gain_is_refused(name):
    with pytest.raises(ValueError, match=rf"'{name}'.*gain of 0.*Choose a gain above 0"):
        build_cell(name, 3, UNITS, gain=0.0, identity=1.0)


@pytest.mark.parametrize("identity", [0.5, -1.0, float("nan"), "yes"])
@pytest.mark.parametrize("name", IDENTITY)
def test_an_identity_in_part_is_refused(name, identity):
    with pytest.raises(ValueError, match=r"'identity'.*is 1 .* or 0"):
        build_cell(name, 3, UNITS, identity=identity)


@pytest.mark.parametrize("name", [name for name in IDENTITY if CELLS[name].PARENTS == 1])
def test_without_a_gain_all_weights_start_as_pytorch_draws_them(name):
    torch.manual_seed(0)
    cell = build_cell(name, 3, UNITS, gain=0.0)
    bound = 1 / UNITS**0.5
    for weight in (cell.weight_x, cell.weight_h):
        assert bound / 2 < weight.abs().max() <= bound


def test_a_relu_network_at_the_identity_copies_its_state():
    cell = build_cell("rnn_relu", 3, UNITS, identity=1.0)
    before = {"h": torch.rand(2, UNITS)}
    after, _ = cell.step(torch.zeros(2, UNITS), [before])
    assert torch.equal(after["h"], before["h"])


@pytest.mark.parametrize("name", IDENTITY)
def test_every_layer_starts_at_the_identity_and_a_blank_model_has_the_option_too(name):
    route = "grid" if CELLS[name].PARENTS == 2 else "rows"
    config = ModelConfig(route, name, UNITS, cell_options={"identity": 1.0}, layers=2)
    for cell in Model(config).cells:
        for block in blocks(cell):
            gain = CELLS[name].OPTIONS["gain"]
            assert torch.equal(block, gain * torch.eye(UNITS))
    assert all(weight.is_meta for weight in blank_model(config).parameters())
