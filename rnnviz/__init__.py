"""See how small recurrent networks read pictures, step by step.

```python
import rnnviz

model = rnnviz.load("lstm-rows")  # a name in pretrained/, or a path
trace = rnnviz.trace(model, image)  # image (28, 28), floats in [0, 1]
flow = rnnviz.gradient_flow(model, image, target=3)
sizes = rnnviz.batch_flow(model, images, targets)  # |dL/dh| of every picture at every step
spectrum = rnnviz.jacobian_spectrum(model, image)
twins = rnnviz.clip_twins(variant="rnn-relu", tau_norm=0.3)  # without a clip, and with
race = rnnviz.memory_race(dataset="digits", blank_rows=28)
```
"""

from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.gradients import gradient_flow
from rnnviz.analysis.jacobians import half_lives, jacobian_spectrum
from rnnviz.analysis.reading import Reading, read
from rnnviz.analysis.trace import trace
from rnnviz.core import BatchFlow, GradientFlow, JacobianSpectrum, Route, Trace
from rnnviz.models.checkpoint import (
    Checkpoint,
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
)
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model
from rnnviz.models.probes import Probes
from rnnviz.models.store import load, read_named, shipped_names
from rnnviz.training.experiments.clipping import clip_twins
from rnnviz.training.experiments.race import memory_race
from rnnviz.version import VERSION

__version__ = VERSION

__all__ = [
    "BatchFlow",
    "Checkpoint",
    "CheckpointError",
    "GradientFlow",
    "JacobianSpectrum",
    "Model",
    "ModelConfig",
    "Probes",
    "Reading",
    "Route",
    "Trace",
    "batch_flow",
    "clip_twins",
    "gradient_flow",
    "half_lives",
    "jacobian_spectrum",
    "load",
    "load_checkpoint",
    "memory_race",
    "read",
    "read_named",
    "save_checkpoint",
    "shipped_names",
    "trace",
]
