"""Figures to study and to export: plain data in, Plotly figures out. No model, no widget."""

from rnnviz.plots.answers import belief_heatmap, probability_bars
from rnnviz.plots.beam import beam_map, common_range, distance_curves, path_map
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
from rnnviz.plots.repairs import (
    bend_curves,
    late_accuracies,
    repair_accuracies,
    repair_courses,
    repair_gradients,
)
from rnnviz.plots.runs import confusion_map, run_curves
from rnnviz.plots.spectrum import (
    gain_curves,
    gain_film,
    half_life_bars,
    preservation_curve,
    singular_values,
)
from rnnviz.plots.twins import (
    clip_norms,
    flow_around_clip,
    run_label,
    twin_accuracies,
    twin_distances,
    twin_losses,
)
from rnnviz.plots.units import unit_curves

__all__ = [
    "beam_map",
    "belief_heatmap",
    "bend_curves",
    "cliff_map",
    "cliff_surface",
    "clip_norms",
    "common_range",
    "confusion_map",
    "descent_errors",
    "descent_norms",
    "distance_curves",
    "factor_curves",
    "flow_around_clip",
    "flow_curves",
    "gain_curves",
    "gain_film",
    "gate_heatmap",
    "gradient_heatmap",
    "half_life_bars",
    "late_accuracies",
    "neighbour_ends",
    "path_map",
    "preservation_curve",
    "probability_bars",
    "race_curves",
    "race_flow",
    "race_picture",
    "repair_accuracies",
    "repair_courses",
    "repair_gradients",
    "run_curves",
    "run_label",
    "singular_values",
    "state_heatmap",
    "twin_accuracies",
    "twin_distances",
    "twin_losses",
    "unit_curves",
    "unit_map",
]
