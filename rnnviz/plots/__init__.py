"""Figures to study and to export: plain data in, Plotly figures out. No model, no widget."""

from rnnviz.plots.answers import belief_heatmap, probability_bars
from rnnviz.plots.cliff import (
    cliff_map,
    cliff_surface,
    descent_errors,
    descent_norms,
    neighbour_ends,
)
from rnnviz.plots.flow import factor_curves, flow_curves, gradient_heatmap
from rnnviz.plots.heatmaps import gate_heatmap, state_heatmap, unit_map
from rnnviz.plots.race import race_curves, race_flow, race_picture
from rnnviz.plots.units import unit_curves

__all__ = [
    "belief_heatmap",
    "cliff_map",
    "cliff_surface",
    "descent_errors",
    "descent_norms",
    "factor_curves",
    "flow_curves",
    "gate_heatmap",
    "gradient_heatmap",
    "neighbour_ends",
    "probability_bars",
    "race_curves",
    "race_flow",
    "race_picture",
    "state_heatmap",
    "unit_curves",
    "unit_map",
]
