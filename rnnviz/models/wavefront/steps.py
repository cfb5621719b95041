"""What one anti-diagonal computes, forward and backward: one class a cell.

The sweep has put `W_x x + b` and the parents' products into the gates before it
calls `forward`, and the gradient of the states into the scratch buffer `h` (and `c`)
before it calls `backward`, which writes the gradient of the pre-activations into `z`.

`torch.tanh` takes some six times as long as `torch.sigmoid`, hence
tanh(x) = 2 sigmoid(2x) - 1 everywhere. The sweep has doubled the pre-activations of
the candidate already (the group of columns `doubled`), through the weights.
Everything is written in place, because fresh memory costs more than the arithmetic.
"""

from typing import Protocol

import torch
from torch import Tensor

from rnnviz.models.wavefront.workspace import Workspace

Views = tuple[Tensor, ...]

_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input
_relu_backward = torch.ops.aten.threshold_backward.grad_input


class Step(Protocol):
    """One kind of cell. Columns of `z` come in groups of `unit`, one a gate."""

    name: str
    states: tuple[str, ...]
    """States that are handed out, `h` first."""
    gates: int
    """Groups of columns in `z`."""
    recurrent: int
    """How many of them, the first ones, receive the parents' products."""
    doubled: slice
    """Groups whose pre-activations arrive doubled."""
    kept: dict[str, int]
    """Groups of columns of each buffer that the backward pass needs."""
    scratch: dict[str, int]
    """The same for the buffers of the backward pass itself."""
    z: str
    """Name of the buffer in which the pre-activations arrive."""

    def forward_views(self, kept: Workspace) -> list[Views]:
        """Return what `forward` takes, one tuple a diagonal."""
        ...

    def forward(self, views: Views) -> None:
        """Turn a diagonal's pre-activations into its states."""
        ...

    def kept_views(self, kept: Workspace) -> list[Views]:
        """Return the kept part of what `backward` takes, one tuple a diagonal."""
        ...

    def scratch_views(self, scratch: Workspace) -> list[Views]:
        """Return the scratch part of what `backward` takes, one tuple a diagonal."""
        ...

    def backward(self, kept: Views, scratch: Views) -> None:
        """Turn the gradient of a diagonal's states into that of its pre-activations."""
        ...


def tanh_of_doubled(doubled: Tensor, minus_one: Tensor, out: Tensor) -> None:
    """Write tanh(doubled / 2) into `out`."""
    torch.sigmoid(doubled, out=out)
    torch.add(minus_one, out, alpha=2, out=out)


class Tanh:
    """h = tanh(z)."""

    name = "tanh"
    states = ("h",)
    gates = 1
    recurrent = 1
    doubled = slice(0, 1)
    kept = {"h": 1}
    scratch = {"h": 1, "z": 1}
    z = "h"

    def forward_views(self, kept: Workspace) -> list[Views]:
        minus_one = kept["h"].new_tensor(-1.0)
        return [(h, minus_one) for h in kept.blocks("h")]

    def forward(self, views: Views) -> None:
        h, minus_one = views
        tanh_of_doubled(h, minus_one, out=h)

    def kept_views(self, kept: Workspace) -> list[Views]:
        return [(h,) for h in kept.blocks("h")]

    def scratch_views(self, scratch: Workspace) -> list[Views]:
        return list(zip(scratch.blocks("h"), scratch.blocks("z"), strict=True))

    def backward(self, kept: Views, scratch: Views) -> None:
        (h,) = kept
        dh, dz = scratch
        _tanh_backward(dh, h, grad_input=dz)


class Relu(Tanh):
    """h = max(z, 0)."""

    name = "relu"
    doubled = slice(0, 0)

    def forward(self, views: Views) -> None:
        h, _ = views
        h.relu_()

    def backward(self, kept: Views, scratch: Views) -> None:
        (h,) = kept
        dh, dz = scratch
        _relu_backward(dh, h, 0, grad_input=dz)


class Lstm:
    """The 2-D LSTM of Graves, Fernández and Schmidhuber (2007), without peepholes.

    Gates in the order input, forget up, forget left, output, candidate.
    c = i g + f_up c_up + f_left c_left, h = o tanh(c).
    """

    name = "lstm"
    states = ("h", "c")
    gates = 5
    recurrent = 5
    doubled = slice(4, 5)
    kept = {"h": 1, "c": 1, "squashed": 1, "z": 5}
    scratch = {"h": 1, "c": 1, "z": 5, "spare": 1}
    z = "z"

    def forward_views(self, kept: Workspace) -> list[Views]:
        minus_one = kept["h"].new_tensor(-1.0)
        return [
            (*views, minus_one)
            for views in zip(
                kept.blocks("z"),
                *gate_blocks(kept, "z", self.gates),
                kept.blocks("c", "up"),
                kept.blocks("c", "left"),
                kept.blocks("c"),
                kept.blocks("squashed"),
                kept.blocks("h"),
                strict=True,
            )
        ]

    def forward(self, views: Views) -> None:
        z, i, f_up, f_left, o, g, c_up, c_left, c, squashed, h, minus_one = views
        z.sigmoid_()
        torch.add(minus_one, g, alpha=2, out=g)
        torch.mul(i, g, out=c)
        c.addcmul_(f_up, c_up)
        c.addcmul_(f_left, c_left)
        torch.add(c, c, out=squashed)
        tanh_of_doubled(squashed, minus_one, out=squashed)
        torch.mul(o, squashed, out=h)

    def kept_views(self, kept: Workspace) -> list[Views]:
        i, f_up, f_left, o, g = gate_blocks(kept, "z", self.gates)
        return list(
            zip(
                i,
                o,
                g,
                kept.blocks("z", gates=slice(0, 4)),
                kept.blocks("z", "below", slice(1, 2)),
                kept.blocks("z", "right", slice(2, 3)),
                kept.blocks("c", "up"),
                kept.blocks("c", "left"),
                kept.blocks("squashed"),
                strict=True,
            )
        )

    def scratch_views(self, scratch: Workspace) -> list[Views]:
        return list(
            zip(
                scratch.blocks("h"),
                scratch.blocks("c"),
                scratch.blocks("c", "below"),
                scratch.blocks("c", "right"),
                scratch.blocks("spare"),
                scratch.blocks("z", gates=slice(0, 4)),
                *gate_blocks(scratch, "z", self.gates),
                strict=True,
            )
        )

    def backward(self, kept: Views, scratch: Views) -> None:
        i, o, g, sigmoids, f_up_below, f_left_right, c_up, c_left, squashed = kept
        dh, dc, dc_below, dc_right, spare, d_sigmoids, di, df_up, df_left, do, dg = scratch
        torch.mul(dh, o, out=spare)
        _tanh_backward(spare, squashed, grad_input=spare)
        dc.add_(spare)
        dc.addcmul_(dc_below, f_up_below)
        dc.addcmul_(dc_right, f_left_right)
        torch.mul(dh, squashed, out=do)
        torch.mul(dc, g, out=di)
        torch.mul(dc, c_up, out=df_up)
        torch.mul(dc, c_left, out=df_left)
        torch.mul(dc, i, out=dg)
        _sigmoid_backward(d_sigmoids, sigmoids, grad_input=d_sigmoids)
        _tanh_backward(dg, g, grad_input=dg)


class MixedLstm:
    """The 2-D LSTM with mixed parents of Leifert et al. (2016), their "leaky" idea.

    Gates in the order input, forget, mix, output, candidate.
    c = i g + f (m c_up + (1 - m) c_left), h = o tanh(c).
    """

    name = "lstm_mixed"
    states = ("h", "c")
    gates = 5
    recurrent = 5
    doubled = slice(4, 5)
    kept = {"h": 1, "c": 1, "squashed": 1, "z": 5}
    scratch = {"h": 1, "c": 1, "z": 5, "spare": 1, "to_up": 1, "to_left": 1}
    z = "z"

    def forward_views(self, kept: Workspace) -> list[Views]:
        return Lstm.forward_views(self, kept)  # type: ignore[arg-type]

    def forward(self, views: Views) -> None:
        z, i, f, m, o, g, c_up, c_left, c, squashed, h, minus_one = views
        z.sigmoid_()
        torch.add(minus_one, g, alpha=2, out=g)
        torch.lerp(c_left, c_up, m, out=squashed)
        torch.mul(i, g, out=c)
        c.addcmul_(f, squashed)
        torch.add(c, c, out=squashed)
        tanh_of_doubled(squashed, minus_one, out=squashed)
        torch.mul(o, squashed, out=h)

    def kept_views(self, kept: Workspace) -> list[Views]:
        return list(
            zip(
                *gate_blocks(kept, "z", self.gates),
                kept.blocks("z", gates=slice(0, 4)),
                kept.blocks("c", "up"),
                kept.blocks("c", "left"),
                kept.blocks("squashed"),
                strict=True,
            )
        )

    def scratch_views(self, scratch: Workspace) -> list[Views]:
        return list(
            zip(
                scratch.blocks("h"),
                scratch.blocks("c"),
                scratch.blocks("to_up", "below"),
                scratch.blocks("to_left", "right"),
                scratch.blocks("to_up"),
                scratch.blocks("to_left"),
                scratch.blocks("spare"),
                scratch.blocks("z", gates=slice(0, 4)),
                *gate_blocks(scratch, "z", self.gates),
                strict=True,
            )
        )

    def backward(self, kept: Views, scratch: Views) -> None:
        i, f, m, o, g, sigmoids, c_up, c_left, squashed = kept
        dh, dc, from_below, from_right, to_up, to_left, spare, d_sigmoids = scratch[:8]
        di, df, dm, do, dg = scratch[8:]
        torch.mul(dh, o, out=spare)
        _tanh_backward(spare, squashed, grad_input=spare)
        dc.add_(spare)
        dc.add_(from_below)
        dc.add_(from_right)
        torch.mul(dc, f, out=spare)
        torch.mul(spare, m, out=to_up)
        torch.sub(spare, to_up, out=to_left)
        torch.sub(c_up, c_left, out=dm)
        torch.addcmul(c_left, dm, m, out=df)
        df.mul_(dc)
        dm.mul_(spare)
        torch.mul(dh, squashed, out=do)
        torch.mul(dc, g, out=di)
        torch.mul(dc, i, out=dg)
        _sigmoid_backward(d_sigmoids, sigmoids, grad_input=d_sigmoids)
        _tanh_backward(dg, g, grad_input=dg)


class Gru:
    """The 2-D GRU, the reset gate after the recurrent product as in torch's own.

    Groups in the order reset, mix, update, candidate's recurrent part, candidate.
    k = tanh(x_k + r h_k), h = (1 - u) k + u (m h_up + (1 - m) h_left).
    """

    name = "gru"
    states = ("h",)
    gates = 5
    recurrent = 4
    doubled = slice(4, 5)
    kept = {"h": 1, "z": 5}
    scratch = {"h": 1, "z": 5, "spare": 1, "to_up": 1, "to_left": 1}
    z = "z"

    def forward_views(self, kept: Workspace) -> list[Views]:
        minus_one = kept["h"].new_tensor(-1.0)
        return [
            (*views, minus_one)
            for views in zip(
                kept.blocks("z", gates=slice(0, 3)),
                *gate_blocks(kept, "z", self.gates),
                kept.blocks("h", "up"),
                kept.blocks("h", "left"),
                kept.blocks("h"),
                strict=True,
            )
        ]

    def forward(self, views: Views) -> None:
        sigmoids, r, m, u, h_candidate, k, h_up, h_left, h, minus_one = views
        sigmoids.sigmoid_()
        k.addcmul_(r, h_candidate, value=2)
        tanh_of_doubled(k, minus_one, out=k)
        torch.lerp(h_left, h_up, m, out=h)
        torch.lerp(k, h, u, out=h)

    def kept_views(self, kept: Workspace) -> list[Views]:
        return list(
            zip(
                *gate_blocks(kept, "z", self.gates),
                kept.blocks("z", gates=slice(0, 2)),
                kept.blocks("h", "up"),
                kept.blocks("h", "left"),
                kept.blocks("h"),
                strict=True,
            )
        )

    def scratch_views(self, scratch: Workspace) -> list[Views]:
        return list(
            zip(
                scratch.blocks("h"),
                scratch.blocks("to_up", "below"),
                scratch.blocks("to_left", "right"),
                scratch.blocks("to_up"),
                scratch.blocks("to_left"),
                scratch.blocks("spare"),
                scratch.blocks("z", gates=slice(0, 2)),
                *gate_blocks(scratch, "z", self.gates),
                strict=True,
            )
        )

    def backward(self, kept: Views, scratch: Views) -> None:
        r, m, u, h_candidate, k, reset_mix, h_up, h_left, h = kept
        dh, from_below, from_right, to_up, to_left, spare, d_reset_mix = scratch[:7]
        dr, dm, du, dh_candidate, dk = scratch[7:]
        dh.add_(from_below)
        dh.add_(from_right)
        torch.mul(dh, u, out=spare)
        torch.mul(spare, m, out=to_up)
        torch.sub(spare, to_up, out=to_left)
        torch.sub(h_up, h_left, out=dm)
        dm.mul_(spare)
        torch.sub(dh, spare, out=spare)
        # u (blend - k) = h - k, so the derivative of u's sigmoid needs no blend.
        torch.sub(h, k, out=du)
        du.mul_(spare)
        _tanh_backward(spare, k, grad_input=dk)
        torch.mul(dk, r, out=dh_candidate)
        torch.mul(dk, h_candidate, out=dr)
        _sigmoid_backward(d_reset_mix, reset_mix, grad_input=d_reset_mix)


def gate_blocks(workspace: Workspace, name: str, gates: int) -> list[list[Tensor]]:
    """Return, for every gate, its views of the diagonals' own cells."""
    return [workspace.blocks(name, gates=slice(gate, gate + 1)) for gate in range(gates)]
