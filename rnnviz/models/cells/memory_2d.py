"""The way back through a 2-D cell whose memory c comes from both parents and shows itself as h."""

import torch

from rnnviz.models.cells.cell import Cell, Pulled, Slopes, States


def pull_memory(cell: Cell, slopes: Slopes, received: States) -> Pulled:
    """Return the gradient through h into c, from there into the gates and either parent.

    Args:
        cell: A cell of five gates, of which the output gate comes last and acts on h alone.
        slopes: "rows", dc/d(gate's sum), for the output gate dh/d(its sum), (..., 5 * unit);
            "shown", dh/dc; "kept up" and "kept left", dc/dc of either parent, each (..., unit).
        received: dL/dh and dL/dc without the way through h, each (..., unit).
    """
    h = received["h"]
    c = received["c"] + h * slopes["shown"]
    rows = torch.cat((c, c, c, c, h), -1) * slopes["rows"]
    up, left = cell.spread(rows)
    before = [
        {"h": up, "c": c * slopes["kept up"]},
        {"h": left, "c": c * slopes["kept left"]},
    ]
    return Pulled({"h": h, "c": c}, rows, before)
