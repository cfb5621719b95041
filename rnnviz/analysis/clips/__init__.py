"""What a clip model does with a clip, as plain data: traces, beliefs, gradients, what mattered."""

from rnnviz.analysis.clips.flow import clip_flow
from rnnviz.analysis.clips.importance import importance
from rnnviz.analysis.clips.reading import ClipReading, read_clip
from rnnviz.analysis.clips.trace import clip_trace, frame_trace

__all__ = ["ClipReading", "clip_flow", "clip_trace", "frame_trace", "importance", "read_clip"]
