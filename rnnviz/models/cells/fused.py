"""PyTorch's fused recurrent layers as plain functions of a cell's weights."""

from collections.abc import Callable

import torch
from torch import Tensor

from rnnviz.models.cells.cell import Cell


def fused_scan(cell: Cell, layer: Callable, inputs: Tensor, states: int = 1) -> Tensor:
    """Return h of every step of a chain.

    Args:
        cell: The cell whose weights are used.
        layer: ``torch.rnn_tanh``, ``torch.rnn_relu``, ``torch.lstm`` or ``torch.gru``.
        inputs: (batch, 1, step, feature).
        states: Number of states that the layer carries: 2 for an LSTM.

    Returns:
        h, shape (batch, 1, step, unit).
    """
    sequence = inputs.squeeze(1).transpose(0, 1)
    start = inputs.new_zeros(1, len(inputs), cell.units)
    weights = [cell.weight_x, cell.weight_h[0], cell.bias, recurrent_bias(cell)]
    initial = start if states == 1 else [start] * states
    # has_biases, num_layers, dropout, train, bidirectional, batch_first
    settings = (True, 1, 0.0, torch.is_grad_enabled(), False, False)
    hidden, *_ = layer(sequence, initial, weights, *settings)
    return hidden.transpose(0, 1).unsqueeze(1)


def recurrent_bias(cell: Cell) -> Tensor:
    """Return the bias that torch adds to ``W_h h``, (block * unit,).

    Only the candidate of a GRU needs one of its own; elsewhere it would repeat ``bias``.
    """
    own = getattr(cell, "bias_h", None)
    if own is None:
        return torch.zeros_like(cell.bias)
    return torch.cat([cell.bias.new_zeros(len(cell.bias) - len(own)), own])
