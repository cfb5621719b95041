"""What one anti-diagonal computes, forward and backward, for every kind of cell.

The sweep puts `W_x x + b` and the parents' products into the pre-activations before it
calls `forward`, and the gradient of the states into the scratch buffers `h` and `c`
before it calls `backward`, which writes the gradient of the pre-activations into `z`.

`torch.tanh` takes some six times as long as `torch.sigmoid`, hence
tanh(x) = 2 sigmoid(2x) - 1 everywhere. The sweep has doubled the pre-activations of
the candidate already, through the weights. Everything is written in place, because
fresh memory costs more than the arithmetic.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from rnnviz.models.wavefront.step import Step, View

_MINUS_ONE = torch.tensor(-1.0)
_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input
_relu_backward = torch.ops.aten.threshold_backward.grad_input


def _gates(count: int) -> tuple[View, ...]:
    """Return a view of each of the first gates."""
    return tuple(View("z", gates=range(gate, gate + 1)) for gate in range(count))


def _tanh_of_doubled(doubled: Tensor, out: Tensor) -> None:
    """Write tanh(doubled / 2) into `out`."""
    torch.sigmoid(doubled, out=out)
    torch.add(_MINUS_ONE, out, alpha=2, out=out)


# The plain RNN, h = f(z): the states take the place of the pre-activations.


def _tanh_forward(h):
    _tanh_of_doubled(h, out=h)


def _tanh_rnn_backward(h, dh, dz):
    _tanh_backward(dh, h, grad_input=dz)


def _relu_forward(h):
    h.relu_()


def _relu_rnn_backward(h, dh, dz):
    _relu_backward(dh, h, 0, grad_input=dz)


def _rnn(name: str, doubled: slice, forward: Callable, backward: Callable) -> Step:
    """Return a plain RNN with this nonlinearity."""
    return Step(
        name=name,
        states=("h",),
        gates=1,
        recurrent=1,
        doubled=doubled,
        z="h",
        kept={"h": 1},
        scratch={"h": 1, "z": 1},
        forward=forward,
        forward_views=(View("h"),),
        backward=backward,
        kept_views=(View("h"),),
        scratch_views=(View("h"), View("z")),
    )


TANH = _rnn("tanh", slice(0, 1), _tanh_forward, _tanh_rnn_backward)
RELU = _rnn("relu", slice(0, 0), _relu_forward, _relu_rnn_backward)


# The LSTMs, gates in the order i, two more, o, g. `squashed` is tanh(c).


def _lstm_forward(z, i, f_up, f_left, o, g, c_up, c_left, c, squashed, h):
    z.sigmoid_()
    torch.add(_MINUS_ONE, g, alpha=2, out=g)
    torch.mul(i, g, out=c)
    c.addcmul_(f_up, c_up)
    c.addcmul_(f_left, c_left)
    _lstm_output(c, o, squashed, h)


def _lstm_backward(
    i, o, g, sigmoids, f_up_below, f_left_right, c_up, c_left, squashed,
    dh, dc, dc_below, dc_right, spare, d_sigmoids, di, df_up, df_left, do, dg,
):  # fmt: skip
    dc.addcmul_(dc_below, f_up_below)
    dc.addcmul_(dc_right, f_left_right)
    _lstm_output_backward(o, squashed, dh, dc, spare, do)
    torch.mul(dc, c_up, out=df_up)
    torch.mul(dc, c_left, out=df_left)
    _lstm_gates_backward(i, g, sigmoids, dc, di, dg, d_sigmoids)


def _mixed_lstm_forward(z, i, f, m, o, g, c_up, c_left, c, squashed, h):
    z.sigmoid_()
    torch.add(_MINUS_ONE, g, alpha=2, out=g)
    torch.lerp(c_left, c_up, m, out=squashed)
    torch.mul(i, g, out=c)
    c.addcmul_(f, squashed)
    _lstm_output(c, o, squashed, h)


def _mixed_lstm_backward(
    i, f, m, o, g, sigmoids, c_up, c_left, squashed,
    dh, dc, from_below, from_right, to_up, to_left, spare, d_sigmoids, di, df, dm, do, dg,
):  # fmt: skip
    dc.add_(from_below)
    dc.add_(from_right)
    _lstm_output_backward(o, squashed, dh, dc, spare, do)
    torch.mul(dc, f, out=spare)
    torch.mul(spare, m, out=to_up)
    torch.sub(spare, to_up, out=to_left)
    torch.lerp(c_left, c_up, m, out=df)
    df.mul_(dc)
    torch.sub(c_up, c_left, out=dm)
    dm.mul_(spare)
    _lstm_gates_backward(i, g, sigmoids, dc, di, dg, d_sigmoids)


def _lstm_output(c, o, squashed, h):
    """Write h = o tanh(c)."""
    torch.add(c, c, out=squashed)
    _tanh_of_doubled(squashed, out=squashed)
    torch.mul(o, squashed, out=h)


def _lstm_output_backward(o, squashed, dh, dc, spare, do):
    """Add to dc what comes through h, and write do (before the sigmoid)."""
    torch.mul(dh, o, out=spare)
    _tanh_backward(spare, squashed, grad_input=spare)
    dc.add_(spare)
    torch.mul(dh, squashed, out=do)


def _lstm_gates_backward(i, g, sigmoids, dc, di, dg, d_sigmoids):
    """Write the gradients of i and g, and bring all gates through their nonlinearity."""
    torch.mul(dc, g, out=di)
    torch.mul(dc, i, out=dg)
    _sigmoid_backward(d_sigmoids, sigmoids, grad_input=d_sigmoids)
    _tanh_backward(dg, g, grad_input=dg)


_LSTM_FORWARD_VIEWS = (
    View("z"),
    *_gates(5),
    View("c", "up"),
    View("c", "left"),
    View("c"),
    View("squashed"),
    View("h"),
)

# Graves, Fernández and Schmidhuber (2007), without their peepholes.
LSTM = Step(
    name="lstm",
    states=("h", "c"),
    gates=5,
    recurrent=5,
    doubled=slice(4, 5),
    z="z",
    kept={"h": 1, "c": 1, "squashed": 1, "z": 5},
    scratch={"h": 1, "c": 1, "z": 5, "spare": 1},
    forward=_lstm_forward,
    forward_views=_LSTM_FORWARD_VIEWS,
    backward=_lstm_backward,
    kept_views=(
        View("z", gates=range(0, 1)),
        View("z", gates=range(3, 4)),
        View("z", gates=range(4, 5)),
        View("z", gates=range(0, 4)),
        View("z", "below", range(1, 2)),
        View("z", "right", range(2, 3)),
        View("c", "up"),
        View("c", "left"),
        View("squashed"),
    ),
    scratch_views=(
        View("h"),
        View("c"),
        View("c", "below"),
        View("c", "right"),
        View("spare"),
        View("z", gates=range(0, 4)),
        *_gates(5),
    ),
)

# Leifert et al. (2016): one forget gate for a mixture of both parents.
MIXED_LSTM = Step(
    name="lstm_mixed",
    states=("h", "c"),
    gates=5,
    recurrent=5,
    doubled=slice(4, 5),
    z="z",
    kept={"h": 1, "c": 1, "squashed": 1, "z": 5},
    scratch={"h": 1, "c": 1, "z": 5, "spare": 1, "to_up": 1, "to_left": 1},
    forward=_mixed_lstm_forward,
    forward_views=_LSTM_FORWARD_VIEWS,
    backward=_mixed_lstm_backward,
    kept_views=(
        *_gates(5),
        View("z", gates=range(0, 4)),
        View("c", "up"),
        View("c", "left"),
        View("squashed"),
    ),
    scratch_views=(
        View("h"),
        View("c"),
        View("to_up", "below"),
        View("to_left", "right"),
        View("to_up"),
        View("to_left"),
        View("spare"),
        View("z", gates=range(0, 4)),
        *_gates(5),
    ),
)


# The GRU: reset, mix, update, the candidate's recurrent part, and the candidate k, which
# arrives without it. k = tanh(x_k + r h_k), h = (1 - u) k + u (m h_up + (1 - m) h_left).


def _gru_forward(sigmoids, r, m, u, h_candidate, k, h_up, h_left, h):
    sigmoids.sigmoid_()
    k.addcmul_(r, h_candidate, value=2)
    _tanh_of_doubled(k, out=k)
    torch.lerp(h_left, h_up, m, out=h)
    torch.lerp(k, h, u, out=h)


def _gru_backward(
    r, m, u, h_candidate, k, reset_mix, h_up, h_left, h,
    dh, from_below, from_right, to_up, to_left, spare, d_reset_mix, dr, dm, du, dh_candidate, dk,
):  # fmt: skip
    dh.add_(from_below)
    dh.add_(from_right)
    torch.mul(dh, u, out=spare)
    torch.mul(spare, m, out=to_up)
    torch.sub(spare, to_up, out=to_left)
    torch.sub(h_up, h_left, out=dm)
    dm.mul_(spare)
    torch.sub(dh, spare, out=spare)
    # With p the mixed parents, h - k = u (p - k), so that du (1 - u) u, the gradient
    # before the sigmoid, is dh (1 - u) (h - k), and p need not be kept.
    torch.sub(h, k, out=du)
    du.mul_(spare)
    _tanh_backward(spare, k, grad_input=dk)
    torch.mul(dk, r, out=dh_candidate)
    torch.mul(dk, h_candidate, out=dr)
    _sigmoid_backward(d_reset_mix, reset_mix, grad_input=d_reset_mix)


GRU = Step(
    name="gru",
    states=("h",),
    gates=5,
    recurrent=4,
    doubled=slice(4, 5),
    z="z",
    kept={"h": 1, "z": 5},
    scratch={"h": 1, "z": 5, "spare": 1, "to_up": 1, "to_left": 1},
    forward=_gru_forward,
    forward_views=(
        View("z", gates=range(0, 3)),
        *_gates(5),
        View("h", "up"),
        View("h", "left"),
        View("h"),
    ),
    backward=_gru_backward,
    kept_views=(
        *_gates(5),
        View("z", gates=range(0, 2)),
        View("h", "up"),
        View("h", "left"),
        View("h"),
    ),
    scratch_views=(
        View("h"),
        View("to_up", "below"),
        View("to_left", "right"),
        View("to_up"),
        View("to_left"),
        View("spare"),
        View("z", gates=range(0, 2)),
        *_gates(5),
    ),
)
