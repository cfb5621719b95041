"""Between a video file and an array: clips are decoded, prepared for a network, and written.

```python
from rnnviz.data.video import prepare_clip, read_video

video = read_video(Path("wave.mp4"), "wave.mp4")  # at most 96 pixels a side, in its own process
clip = prepare_clip(video, frames=16, polarity="bright on dark")  # (16, 28, 28), floats in [0, 1]
```
"""

from rnnviz.data.errors import ClipError
from rnnviz.data.video.pictures import frames_of_folder
from rnnviz.data.video.prepare import POLARITIES, Crop, Polarity, prepare_clip
from rnnviz.data.video.read import read_video
from rnnviz.data.video.video import Original, Video, VideoLimits
from rnnviz.data.video.write import VideoFormat, video_bytes, write_video

__all__ = [
    "POLARITIES",
    "ClipError",
    "Crop",
    "Original",
    "Polarity",
    "Video",
    "VideoFormat",
    "VideoLimits",
    "frames_of_folder",
    "prepare_clip",
    "read_video",
    "video_bytes",
    "write_video",
]
