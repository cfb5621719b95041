"""How fast clips are read and learned from.

    python -m benchmarks.clips [--rounds N] [--json]

upload    a clip of 3 seconds, 640 x 480 pixels at 30 frames a second, coded as H.264: the time from
          its bytes to the answer, with what the page shows beside it (the beliefs), and of that the
          part that the decoder takes in its process; goal: at most 1.5 s without the decoder
trace     every state and gate of 32 frames of 28 x 28 pixels; goal: at most 100 ms
training  clips a second of one training step, beside the plain loop of a tutorial: one nn.GRU over
          the rows of each frame in turn, one nn.GRUCell over the frames, the same sizes, batch and
          optimiser; ratios of rounds that take turns, so that a busy machine slows both alike

Two threads, as many as the server has cores, for the upload and the trace; one for the training.
What is printed is the median of the rounds. The exit status is 0 if the goals are met.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.analysis.clips import clip_trace, read_clip
from rnnviz.data.video import prepare_clip, read_video, video_bytes
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.store import read_clip_model
from rnnviz.models.config import ModelConfig
from rnnviz.training.clips.loop import judge
from rnnviz.training.clips.source import ClipBatch
from rnnviz.training.optimiser import clip_gradient
from rnnviz.training.settings import Stage, TrainingSettings

ANSWER_GOAL_S, TRACE_GOAL_MS = 1.5, 100.0
SECONDS, RATE, WIDTH, HEIGHT = 3, 30, 640, 480
SHIPPED = "clip-motion"
SIDE, UNITS, CLASSES = 28, 64, 9
LEARNING_RATE = 1e-3


def main() -> None:
    """Run the benchmark and end with the status that says whether the goals are met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    torch.set_num_threads(2)
    rows = measure_upload(options.rounds) | measure_trace(options.rounds)
    torch.set_num_threads(1)
    rows |= measure_training(options.rounds)
    goals = {
        "answer": rows["answer_s"] <= ANSWER_GOAL_S,
        "trace": rows["trace_ms"] <= TRACE_GOAL_MS,
    }
    if options.json:
        print(json.dumps(rows | {"goals": goals}, indent=2))
    else:
        print(as_text(rows, goals))
    sys.exit(not all(goals.values()))


def some_video() -> bytes:
    """Return the bytes of a clip in which a bright square goes through noise."""
    chance = np.random.default_rng(0)
    frames = chance.integers(0, 60, (SECONDS * RATE, HEIGHT, WIDTH), dtype=np.uint8)
    for number, frame in enumerate(frames):
        left = 40 + number * 5
        frame[180:300, left : left + 120] = 220
    return video_bytes(frames, RATE, "mp4")


def measure_upload(rounds: int) -> dict[str, float]:
    """Return the seconds from a file's bytes to the answer, and of those the decoder's."""
    checkpoint = read_clip_model(SHIPPED)
    model, data = checkpoint.model(), some_video()
    decoding, answering = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        video = read_video(data, "square.mp4")
        decoded = time.perf_counter()
        clip = prepare_clip(video, checkpoint.config.frames)
        read_clip(model, checkpoint.probes, clip.frames)
        decoding.append(decoded - start)
        answering.append(time.perf_counter() - decoded)
    return {
        "file_kb": len(data) / 1e3,
        "decoding_s": statistics.median(decoding),
        "answer_s": statistics.median(answering),
    }


def measure_trace(rounds: int) -> dict[str, float]:
    """Return the milliseconds that a trace of 32 frames takes, by a shipped model's sizes."""
    model = read_clip_model(SHIPPED).model()
    frames = np.random.default_rng(0).random((32, SIDE, SIDE), np.float32)
    clip_trace(model, frames)
    return {"trace_ms": 1e3 * median_time(lambda: clip_trace(model, frames), rounds)}


class PlainClips(nn.Module):
    """The two networks as a tutorial writes them: a loop over frames."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.GRU(SIDE, UNITS, batch_first=True)
        self.time = nn.GRUCell(UNITS, UNITS)
        self.readout = nn.Linear(UNITS, CLASSES)

    def forward(self, clips: Tensor) -> Tensor:
        """Return the logits, (clip, class)."""
        hidden = clips.new_zeros(len(clips), UNITS)
        for frame in range(clips.shape[1]):
            _, last = self.rows(clips[:, frame])
            hidden = self.time(last[0], hidden)
        return self.readout(hidden)


def measure_training(rounds: int, batch: int = 32, frames: int = 16) -> dict[str, float]:
    """Return clips a second of a training step of ours and of the plain loop, and their ratio."""
    generator = torch.Generator().manual_seed(0)
    clips = torch.rand(batch, frames, SIDE, SIDE, generator=generator)
    targets = torch.randint(CLASSES, (batch,), generator=generator)
    ours = ClipModel(
        ClipConfig(
            ModelConfig("rows", "gru", UNITS), "gru", UNITS, tuple(map(str, range(CLASSES))), frames
        )
    )
    plain = PlainClips()
    settings = TrainingSettings(
        (Stage(1, LEARNING_RATE),), optimiser="adam", weight_decay=0.0, clip=1.0
    )
    our_optimiser = torch.optim.Adam(ours.parameters(), LEARNING_RATE)
    plain_optimiser = torch.optim.Adam(plain.parameters(), LEARNING_RATE)
    labelled = ClipBatch(clips, None, targets)

    def our_step() -> None:
        our_optimiser.zero_grad(set_to_none=True)
        loss, _ = judge(ours, ours.frame_logits(clips), labelled, settings)
        loss.backward()
        clip_gradient(ours, settings)
        our_optimiser.step()

    def plain_step() -> None:
        plain_optimiser.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(plain(clips), targets).backward()
        nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
        plain_optimiser.step()

    times: dict[str, list[float]] = {"ours": [], "plain": []}
    steps = {"ours": our_step, "plain": plain_step}
    for number in range(rounds + 1):
        order = list(steps) if number % 2 else list(reversed(steps))
        for name in order:
            took = median_time(steps[name], 3)
            # The first round warms up.
            if number:
                times[name].append(took)
    ratios = [other / own for own, other in zip(times["ours"], times["plain"], strict=True)]
    return {
        "clips_a_second": batch / statistics.median(times["ours"]),
        "plain_clips_a_second": batch / statistics.median(times["plain"]),
        "speed_up": statistics.median(ratios),
        "least_speed_up": min(ratios),
    }


def median_time(run: Callable[[], Any], rounds: int) -> float:
    """Return the median of the seconds that something takes."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def as_text(rows: dict[str, float], goals: dict[str, bool]) -> str:
    """Return the result for a person."""
    met = {name: "met" if value else "NOT MET" for name, value in goals.items()}
    return "\n".join(
        (
            f"upload    {SECONDS} s of {WIDTH}x{HEIGHT} ({rows['file_kb']:.0f} kB): decoder "
            f"{rows['decoding_s']:.2f} s, then {1e3 * rows['answer_s']:.0f} ms to the answer "
            f"(at most {1e3 * ANSWER_GOAL_S:.0f} ms: {met['answer']})",
            f"trace     32 frames of {SIDE}x{SIDE}: {rows['trace_ms']:.1f} ms "
            f"(at most {TRACE_GOAL_MS:.0f} ms: {met['trace']})",
            f"training  {rows['clips_a_second']:.0f} clips a second, the plain loop "
            f"{rows['plain_clips_a_second']:.0f}: {rows['speed_up']:.2f} times as fast "
            f"(at least {rows['least_speed_up']:.2f} in each round)",
        )
    )


if __name__ == "__main__":
    main()
