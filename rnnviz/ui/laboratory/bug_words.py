"""What the bug laboratory says, and which numbers it names. Pure data, no Streamlit."""

from collections.abc import Callable

import numpy as np

from rnnviz.core.repairs import ReaderFlow, Repairs
from rnnviz.training.experiments.listing import Settings

EXPLAINED = {
    "whole": """
**It is built for the wrong size.** A picture has 784 pixels, but a row, which is what one step
reads, has 28. The layer must be as wide as what it is given.
""",
    "straight": """
**Nothing bends the state.** The new state is a plain sum, without a tanh. Then 28 steps are 28
matrix products, which together are one matrix product: however long it reads, the whole network is
a **linear** function of the picture, no better than one layer.

And nothing holds the state in bounds. Say every singular value of the recurrent weights is σ.
Backward each step multiplies the gradient by σ: it goes exactly like σᵗ, up or down, the same for
every picture. Forward the state grows like σᵗ where σ is above 1; below that it settles, as every
step adds what it reads.
""",
    "late": """
**It answers from the state before the step.** What the last step reads never reaches the answer.
So no gradient comes back from there either: dL/dh and dL/dx of the last step are exactly 0.

**The accuracy hides it**, as the last row of a digit is blank anyway. The gradient shows it at
once. The more rows a step reads, the more of the digit goes unseen, and the more is lost against a
reader that answers in time; with all 28 in one step it is blind.
""",
    "repaired": """
**Three lines, three repairs.** The size that one step reads. A tanh around the sum. The answer
from the state after the step.

*As published* is what a text on RNNs for pictures prints as its example: it has the first two
faults. Its answer is read from the new state; swap two of its lines and it has the third one too.
""",
}
REFUSED = """
That is the luckiest kind of fault: the program says so itself. What it was given has 28
columns, the weights want 784.

**Fed the whole picture** as its only step, the error is gone, and that is worse.
"""
NO_RECURRENCE = """
**It runs, it learns, and it is no RNN.** With one step there is only the state before it, h₀, and
that is zero. Whatever multiplies a zero gets no gradient: the recurrent weights stay as they were
drawn, exactly.

As published nothing bends its sum either, so two layers are one: its **bend** is zero but for
rounding, and a single linear layer without any recurrence does as well.

With the tanh, *the size alone* makes a fair classifier, an ordinary network with one hidden layer.
A good score doesn't say that a network does what its name says. The gradient of its weights does.
"""
GAIN = """
##### Turn the gain: with nothing to bend it, there is no bound
"""
CLAIM = """
No. This is what the cells of this app declare, in code that the tests hold to PyTorch's own
`nn.GRU` and `nn.LSTM`. A GRU (Cho et al. 2014) has a **reset** gate and an **update** gate: one
number z decides at once how much is kept, z, and how much is written, 1 − z. It is the LSTM that
has one gate for each, and a third for what it shows.
"""


def symptoms_caption(repairs: Repairs) -> str:
    """Return how the symptoms were measured."""
    return (
        f"The network of this code, trained on whole pictures, 784 pixels in one step, as nothing "
        f"else fits in; {len(repairs.seeds)} seeds. Its weights are those of its three layers."
    )


def symptoms(repairs: Repairs, refused: bool) -> dict[str, str]:
    """Return how the exhibit with all three faults behaves."""
    silent = [repairs.weight_gradient("blind", name) for name in WEIGHTS]
    return {
        "fed a row": "an error" if refused else "it runs",
        "fed a picture": f"{percent(repairs.accuracy('blind'))} right",
        "gradients of its weights": ", ".join(f"{value:.3g}" for value in silent),
    }


WEIGHTS = ("from_input.weight", "from_state.weight", "answer.weight")


def size_facts(repairs: Repairs) -> dict[str, str]:
    """Return what the wrong size does, as published."""
    return {
        "as published, fed whole pictures": percent(repairs.accuracy("listing")),
        "one linear layer, no RNN": percent(repairs.accuracy("linear")),
        "gradient of its recurrent weights": amount(
            repairs.weight_gradient("listing", "from_state.weight")
        ),
        "its bend": amount(repairs.bend("listing")),
    }


def bend_facts(repairs: Repairs) -> dict[str, str]:
    """Return what the missing bend does."""
    return {
        "repaired": percent(repairs.accuracy("repaired-1")),
        "nothing bends": percent(repairs.accuracy("straight-1")),
        "bend of the repaired one": amount(repairs.bend("repaired-1")),
        "without the tanh": amount(repairs.bend("straight-1")),
    }


def late_facts(repairs: Repairs) -> dict[str, str]:
    """Return what the late answer does."""
    inputs = repairs.flows("late-1", "inputs")
    last = float(inputs[:, -1].max()) if len(inputs) else float("nan")
    return {
        "|dL/dh₂₈|": amount(repairs.last_state_gradient("late-1")),
        "|dL/dx₂₈|": amount(last),
        "right answers, row by row": percent(repairs.accuracy("late-1")),
        "14 rows a step": percent(repairs.accuracy("late-14")),
        "28 rows a step": percent(repairs.accuracy("late-28")),
    }


def all_facts(repairs: Repairs) -> dict[str, str]:
    """Return where the repair leads."""
    return {
        "as published": percent(repairs.accuracy("listing")),
        "all three faults": percent(repairs.accuracy("blind")),
        "repaired": percent(repairs.accuracy("repaired-1")),
    }


FACTS: dict[str, Callable[[Repairs], dict[str, str]]] = {
    "whole": size_facts,
    "straight": bend_facts,
    "late": late_facts,
    "repaired": all_facts,
}


def gain_facts(gain: float, straight: ReaderFlow, bent: ReaderFlow) -> dict[str, str]:
    """Return what a gain makes of a gradient and of a state over the whole picture."""
    steps = straight.states.shape[1]
    left = [flow.left[0] for flow in (straight, bent)]
    sizes = [flow.median("sizes")[-1] for flow in (straight, bent)]
    return {
        "σ of the weights": f"{gain:.2f}",
        f"gradient over {steps - 1} steps, nothing bends": f"× {times(left[0])}",
        "with a tanh": f"× {times(left[1])}",
        f"size of h{subscript(steps)}, nothing bends": times(sizes[0]),
        "of h, with a tanh": times(sizes[1]),
    }


def measured_how(settings: Settings) -> str:
    """Return how the figures were measured."""
    name = {"mnist": "MNIST", "digits": "scikit-learn's digits"}.get(
        settings.dataset, settings.dataset
    )
    return (
        f"{settings.units} units, {settings.steps:,} training steps of {settings.batch} digits of "
        f"{name}, {len(settings.seeds)} seeds, the same batches for all; right answers on the "
        f"whole test split, medians over the seeds. Gradients in float64, the largest of the "
        f"seeds where one number is shown. *Bend*: by how much f(a + b) differs from "
        f"f(a) + f(b) − f(0), as a share, f the sums before the softmax; 0 for a linear network."
    )


def percent(share: float) -> str:
    """Return a share as a percentage, a dash as long as it isn't known."""
    return f"{100 * share:.1f} %" if np.isfinite(share) else "…"


def amount(value: float) -> str:
    """Return a size to two digits; "0 exactly" for nothing at all."""
    if not np.isfinite(value):
        return "…"
    return "0 exactly" if value == 0 else times(value)


def times(value: float) -> str:
    """Return a positive number to two or three digits, with a power of ten where it is needed."""
    if 0.01 <= value < 10_000:
        return f"{value:.3g}" if value < 100 else f"{value:,.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{power}"


def subscript(number: int) -> str:
    """Return a number in small figures, as an index is written."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
