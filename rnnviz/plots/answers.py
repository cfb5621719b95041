"""What a network answered, and what it believed on the way."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnnviz.plots.style import PALETTE, SEQUENTIAL, dress


def probability_bars(probabilities: np.ndarray, classes: Sequence[str] | None = None) -> go.Figure:
    """Return the final probabilities, shape (class,), as bars; the answer stands out.

    Args:
        probabilities: Of each class, shape (class,).
        classes: What they are called; their numbers if None.
    """
    answer = int(probabilities.argmax())
    names = classes or numbered(len(probabilities))
    colours = [PALETTE[5] if k == answer else PALETTE[0] for k in range(len(probabilities))]
    bars = go.Bar(
        x=list(range(len(probabilities))),
        customdata=names,
        y=probabilities,
        marker={"color": colours},
        hovertemplate="%{customdata}<br>probability %{y:.4f}<extra></extra>",
    )
    title = f"The answer: {names[answer]}"
    figure = dress(go.Figure(bars), title, "answer", "probability", height=320)
    figure.update_yaxes(range=[0, 1])
    return figure.update_xaxes(tickvals=list(range(len(names))), ticktext=list(names))


def belief_heatmap(
    depths: np.ndarray,
    beliefs: np.ndarray,
    settled: int | None = None,
    classes: Sequence[str] | None = None,
    word: str = "step",
) -> go.Figure:
    """Return what a network believed after each depth, one row a class, the first on top.

    Args:
        depths: After which depths of the route the beliefs hold, counted from 0, shape (probe,);
            shown counted from 1, as everywhere on the page.
        beliefs: Probabilities from a probe fitted at each of these, shape (probe, class).
        settled: From which depth on the answer stays the same; marked by a line.
        classes: What the answers are called; their numbers if None.
        word: What is read at one depth: "row", "pixel", "diagonal".
    """
    names = classes or numbered(beliefs.shape[1])
    hover = f"after {word} %{{x}}, %{{customdata}}<br>probability %{{z:.4f}}<extra></extra>"
    heatmap = go.Heatmap(
        x=np.asarray(depths) + 1,
        y=list(range(beliefs.shape[1])),
        z=beliefs.T,
        customdata=[[name] * len(depths) for name in names],
        zmin=0,
        zmax=1,
        colorscale=SEQUENTIAL,
        hovertemplate=hover,
        colorbar={"title": {"text": "probability"}},
    )
    title, probed = f"Belief after every {word}", f"{word}, each with a probe of its own"
    figure = dress(go.Figure(heatmap), title, probed, "answer", height=360)
    if settled is not None:
        figure.add_vline(x=settled + 1, line={"color": PALETTE[5], "width": 3, "dash": "dot"})
    ticks = {"tickvals": list(range(len(names))), "ticktext": list(names)}
    return figure.update_yaxes(autorange="reversed", **ticks)


def numbered(count: int) -> list[str]:
    """Return names for that many classes of which nothing but the number is known."""
    return [str(number) for number in range(count)]
