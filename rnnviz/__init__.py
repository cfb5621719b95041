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

net = rnnviz.load_clip_model("clip-motion")  # a network in space and one in time
video = rnnviz.read_video(Path("wave.mp4"), "wave.mp4")  # decoded in a process of its own
clip = rnnviz.prepare_clip(video, net.config.frames)
seen = rnnviz.clip_trace(net, clip.frames)
flow = rnnviz.clip_flow(net, clip.frames, target=1, frame=3)  # through the frames, and within one
```
"""

from rnnviz.analysis.clips import (
    ClipReading,
    clip_flow,
    clip_trace,
    frame_trace,
    importance,
    read_clip,
)
from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.gradients import gradient_flow
from rnnviz.analysis.jacobians import half_lives, jacobian_spectrum
from rnnviz.analysis.reading import Reading, read
from rnnviz.analysis.trace import trace
from rnnviz.core import BatchFlow, GradientFlow, JacobianSpectrum, Route, Trace
from rnnviz.core.clip import Clip
from rnnviz.core.clip_trace import ClipFlow, ClipTrace, Importance
from rnnviz.data.video import Video, prepare_clip, read_video
from rnnviz.models.checkpoint import (
    Checkpoint,
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
)
from rnnviz.models.clips.checkpoint import (
    ClipCheckpoint,
    load_clip_checkpoint,
    save_clip_checkpoint,
)
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.probes import FrameProbes
from rnnviz.models.clips.store import clip_names, load_clip_model, read_clip_model
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
    "Clip",
    "ClipCheckpoint",
    "ClipConfig",
    "ClipFlow",
    "ClipModel",
    "ClipReading",
    "ClipTrace",
    "FrameProbes",
    "GradientFlow",
    "Importance",
    "JacobianSpectrum",
    "Model",
    "ModelConfig",
    "Probes",
    "Reading",
    "Route",
    "Trace",
    "Video",
    "batch_flow",
    "clip_flow",
    "clip_names",
    "clip_trace",
    "clip_twins",
    "frame_trace",
    "gradient_flow",
    "half_lives",
    "importance",
    "jacobian_spectrum",
    "load",
    "load_checkpoint",
    "load_clip_checkpoint",
    "load_clip_model",
    "memory_race",
    "prepare_clip",
    "read",
    "read_clip",
    "read_clip_model",
    "read_named",
    "read_video",
    "save_checkpoint",
    "save_clip_checkpoint",
    "shipped_names",
    "trace",
]
