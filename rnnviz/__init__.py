"""See how small recurrent networks read pictures, step by step.

```python
import rnnviz

model = rnnviz.load("lstm-rows")  # a name in pretrained/, or a path
trace = rnnviz.trace(model, image)  # image (28, 28), floats in [0, 1]
flow = rnnviz.gradient_flow(model, image, target=3)
```
"""

from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.gradients import gradient_flow
from rnnviz.analysis.reading import Reading, read
from rnnviz.analysis.trace import trace
from rnnviz.core import BatchFlow, GradientFlow, Route, Trace
from rnnviz.models.checkpoint import (
    Checkpoint,
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
)
from rnnviz.models.model import Model, ModelConfig
from rnnviz.models.probes import Probes
from rnnviz.models.store import load, read_named, shipped_names
from rnnviz.version import VERSION

__version__ = VERSION

__all__ = [
    "BatchFlow",
    "Checkpoint",
    "CheckpointError",
    "GradientFlow",
    "Model",
    "ModelConfig",
    "Probes",
    "Reading",
    "Route",
    "Trace",
    "batch_flow",
    "gradient_flow",
    "load",
    "load_checkpoint",
    "read",
    "read_named",
    "save_checkpoint",
    "shipped_names",
    "trace",
]
