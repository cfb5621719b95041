"""Figures to study and to export: plain data in, Plotly figures out. No model, no widget."""

from rnnviz.plots.answers import belief_heatmap, probability_bars
from rnnviz.plots.heatmaps import gate_heatmap, state_heatmap, unit_map
from rnnviz.plots.units import unit_curves

__all__ = [
    "belief_heatmap",
    "gate_heatmap",
    "probability_bars",
    "state_heatmap",
    "unit_curves",
    "unit_map",
]
