"""The fast way through a grid: two-parent cells, one anti-diagonal at a time.

Every cell of an anti-diagonal of the picture depends on the previous
anti-diagonal only, so all of them are computed by the same few operations.
The backward pass is written by hand, over the same diagonals in reverse.

- `functions`: what the models call, one function a cell.
- `sweep`: the walk over chunks and diagonals, forward and backward.
- `together`: several sweeps at once, for reading a few pictures.
- `steps`: what one diagonal computes, forward and backward, one `Step` a kind of cell.
- `step`: what a `Step` is.
- `diagonals`: which place of a buffer belongs to which cell of the grid.
- `workspace`: the buffers, used again from one call to the next.
"""

from rnnviz.models.wavefront.functions import gru_2d, lstm_2d, lstm_2d_mixed, rnn_2d

__all__ = ["gru_2d", "lstm_2d", "lstm_2d_mixed", "rnn_2d"]
