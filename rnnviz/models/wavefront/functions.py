"""The two-parent cells over a whole grid, as plain functions of inputs and weights.

A cell's parents are `up`, the cell in the row before, and `left`, the cell in the
column before; outside the grid all states are zero. Weights come one group of rows
a gate, in the order that each function names.
"""

import torch
from torch import Tensor

from rnnviz.models.wavefront.step import Step
from rnnviz.models.wavefront.steps import GRU, LSTM, MIXED_LSTM, RELU, TANH
from rnnviz.models.wavefront.sweep import Wave, Weights, sweep

_RNN = {"tanh": TANH, "relu": RELU}


def rnn_2d(
    inputs: Tensor,
    weight_x: Tensor,
    weight_h: Tensor,
    bias: Tensor,
    nonlinearity: str = "tanh",
) -> Tensor:
    """Return the states of the plain 2-D RNN, shape (batch, row, column, unit).

    h[i, j] = f(W_x x[i, j] + W_up h[i-1, j] + W_left h[i, j-1] + b)

    Args:
        inputs: Shape (batch, row, column, feature).
        weight_x: W_x, shape (unit, feature).
        weight_h: W_up and W_left, shape (2, unit, unit).
        bias: b, shape (unit,).
        nonlinearity: f, "tanh" or "relu".

    Raises:
        ValueError: A shape does not fit, or the nonlinearity is unknown.
    """
    if nonlinearity not in _RNN:
        raise ValueError(
            f"Nonlinearity '{nonlinearity}' is unknown. Choose one of: {', '.join(_RNN)}."
        )
    _check(inputs, weight_x, weight_h, bias, gates=1)
    (h,) = _sweep(rnn_2d_wave(weight_x, weight_h, bias, nonlinearity), inputs)
    return h


def rnn_2d_wave(
    weight_x: Tensor, weight_h: Tensor, bias: Tensor, nonlinearity: str = "tanh"
) -> Wave:
    """Return what `rnn_2d` sweeps."""
    return Wave(_RNN[nonlinearity], Weights(weight_x, weight_h, bias))


def lstm_2d(
    inputs: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """Return h and c of the 2-D LSTM, each of shape (batch, row, column, unit).

    Gates in the order input, forget up, forget left, candidate, output; with
    z = W_x x + W_up h_up + W_left h_left + b, sigmoid gates and a tanh candidate g,
    c = i g + f_up c_up + f_left c_left and h = o tanh(c): Graves, Fernández and
    Schmidhuber (2007), without their peepholes.

    Args:
        inputs: Shape (batch, row, column, feature).
        weight_x: W_x, shape (5 * unit, feature).
        weight_h: W_up and W_left, shape (2, 5 * unit, unit).
        bias: b, shape (5 * unit,).

    Raises:
        ValueError: A shape does not fit.
    """
    _check(inputs, weight_x, weight_h, bias, gates=5)
    h, c = _sweep(lstm_2d_wave(weight_x, weight_h, bias), inputs)
    return h, c


def lstm_2d_wave(weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Wave:
    """Return what `lstm_2d` sweeps."""
    return _lstm_wave(LSTM, weight_x, weight_h, bias)


def lstm_2d_mixed(
    inputs: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """Return h and c of the 2-D LSTM that mixes its parents, as `lstm_2d` does.

    Gates in the order input, forget, mix, candidate, output; with a sigmoid mix m,
    c = i g + f (m c_up + (1 - m) c_left): Leifert et al. (2016). As the weights of the
    two cell states sum to f < 1, the state cannot grow along the many paths of the
    grid, which the two forget gates of `lstm_2d` allow.
    """
    _check(inputs, weight_x, weight_h, bias, gates=5)
    h, c = _sweep(lstm_2d_mixed_wave(weight_x, weight_h, bias), inputs)
    return h, c


def lstm_2d_mixed_wave(weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Wave:
    """Return what `lstm_2d_mixed` sweeps."""
    return _lstm_wave(MIXED_LSTM, weight_x, weight_h, bias)


def gru_2d(
    inputs: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor, bias_h: Tensor
) -> Tensor:
    """Return the states of the 2-D GRU, shape (batch, row, column, unit).

    Gates in the order reset, update, mix, candidate; r, z and m are sigmoids of
    W_x x + W_up h_up + W_left h_left + b, the candidate is
    k = tanh(W_x x + b + r (W_up h_up + W_left h_left + b_h)), the reset gate after the
    product as in torch's own GRU, and h = (1 - z) k + z (m h_up + (1 - m) h_left).

    Args:
        inputs: Shape (batch, row, column, feature).
        weight_x: W_x, shape (4 * unit, feature).
        weight_h: W_up and W_left, shape (2, 4 * unit, unit).
        bias: b, shape (4 * unit,).
        bias_h: b_h, shape (unit,).

    Raises:
        ValueError: A shape does not fit.
    """
    _check(inputs, weight_x, weight_h, bias, gates=4)
    unit = weight_h.shape[2]
    if bias_h.shape != (unit,):
        raise ValueError(f"bias_h has shape {tuple(bias_h.shape)}, expected ({unit},).")
    (h,) = _sweep(gru_2d_wave(weight_x, weight_h, bias, bias_h), inputs)
    return h


def gru_2d_wave(weight_x: Tensor, weight_h: Tensor, bias: Tensor, bias_h: Tensor) -> Wave:
    """Return what `gru_2d` sweeps."""
    unit = weight_h.shape[2]
    # The step's columns are reset, mix, update, then the candidate in two parts: the
    # recurrent one, which no input reaches, and the one that no state reaches.
    reset, update, mix, candidate = weight_x.split(unit)
    no_input = torch.zeros_like(candidate)
    input_weights = torch.cat((reset, mix, update, no_input, candidate))
    reset, update, mix, candidate = bias.split(unit)
    biases = torch.cat((reset, mix, update, bias_h, candidate))
    reset, update, mix, candidate = weight_h.split(unit, dim=1)
    hidden_weights = torch.cat((reset, mix, update, candidate), dim=1)
    return Wave(GRU, Weights(input_weights, hidden_weights, biases))


def _sweep(wave: Wave, inputs: Tensor) -> tuple[Tensor, ...]:
    """Return the states of the whole grid."""
    return sweep(wave.step, inputs, wave.weights)


def _lstm_wave(step: Step, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Wave:
    """Bring the gates into the step's order, the sigmoids side by side."""
    unit = weight_h.shape[2]
    sizes = [3 * unit, unit, unit]

    def candidate_last(tensor: Tensor, dim: int = 0) -> Tensor:
        first, candidate, output = tensor.split(sizes, dim)
        return torch.cat((first, output, candidate), dim)

    weights = Weights(
        candidate_last(weight_x), candidate_last(weight_h, dim=1), candidate_last(bias)
    )
    return Wave(step, weights)


def _check(inputs: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor, gates: int) -> None:
    """Raise ValueError where a shape does not fit the others."""
    if inputs.ndim != 4 or 0 in inputs.shape:
        raise ValueError(
            "inputs must have shape (batch, row, column, feature), none of them zero, "
            f"not {tuple(inputs.shape)}."
        )
    rows, unit = gates * weight_h.shape[-1], weight_h.shape[-1]
    expected = {
        "weight_x": (weight_x, (rows, inputs.shape[3])),
        "weight_h": (weight_h, (2, rows, unit)),
        "bias": (bias, (rows,)),
    }
    for name, (tensor, shape) in expected.items():
        if tuple(tensor.shape) != shape:
            raise ValueError(
                f"{name} has shape {tuple(tensor.shape)}, expected {shape} for {gates} gates "
                f"of {unit} units and {inputs.shape[3]} features a cell."
            )
