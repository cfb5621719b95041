"""The training service of this server, shared by all who look at the app."""

import streamlit as st

from rnnviz.data.folder import data_folder
from rnnviz.training.runs.metrics import MetricsReader
from rnnviz.training.runs.service import Service
from rnnviz.training.runs.stopwatch import Stopwatch


@st.cache_resource(show_spinner=False, on_release=Service.close)
def service() -> Service:
    """Return the queue of this server.

    Whoever clears it closes it: two of one folder would train twice as many runs as are granted.

    Raises:
        RunError: If the folder of runs can't be used; asked again, it is tried again.
    """
    return Service(data_folder())


@st.cache_resource(show_spinner=False)
def stopwatch() -> Stopwatch:
    """Return what measures how long runs would take."""
    return Stopwatch(service().measure)


@st.cache_resource(show_spinner=False, max_entries=64)
def metrics_reader(run: str) -> MetricsReader:
    """Return what reads the metrics of a run as they grow, the same for all who watch it."""
    return MetricsReader(service().files(run).metrics_path)
