"""The numbers behind the figures of a race, as columns to take away. Pure data, no Streamlit."""

from typing import Any

import numpy as np

from rnnviz.core.race import Race


def accuracy_table(found: Race) -> dict[str, Any]:
    """Return every measured accuracy, a line a runner, seed and report."""
    shape = found.validation.shape
    runner, seed, report = np.indices(shape).reshape(3, -1)
    return {
        "network": np.array(found.runners)[runner],
        "seed": np.array(found.seeds)[seed],
        "training step": found.steps[report],
        "validation accuracy": found.validation.ravel(),
        "training accuracy": found.training.ravel(),
    }


def flow_table(found: Race, report: int) -> dict[str, Any]:
    """Return the flow at one report, a line a runner, seed and row."""
    flow = found.flow[:, :, report]
    runner, seed, row = np.indices(flow.shape).reshape(3, -1)
    return {
        "network": np.array(found.runners)[runner],
        "seed": np.array(found.seeds)[seed],
        "training step": np.full(flow.size, found.steps[report]),
        "row": row + 1,
        "log10 |dL/dh_t| / |dL/dh_T|": flow.ravel(),
    }
