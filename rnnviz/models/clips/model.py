"""A clip model: a spatial network for each frame, a temporal one across them, and a readout."""

import torch
from torch import Tensor, nn

from rnnviz.core.frames import frames_route
from rnnviz.core.route import Route
from rnnviz.models.cells import Cell, build_cell, cell_class, cells_with
from rnnviz.models.cells.cell import States
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.encoder import Encoder, scan_layer


class ClipModel(nn.Module):
    """A network that reads a clip frame by frame.

    What the spatial network makes of a frame is what the temporal one reads at that step. It never
    looks ahead, so what stands behind a clip's end changes nothing before it.

    ``model(clips)`` maps (batch, frame, height, width), values in [0, 1], to logits: (batch, class)
    for one that answers at the end, (batch, frame, class) for one that answers at every frame.
    """

    def __init__(self, config: ClipConfig) -> None:
        """Build the model with fresh weights.

        Raises:
            ValueError: If the parts don't fit together.
        """
        super().__init__()
        if cell_class(config.cell).PARENTS != 1:
            raise ValueError(
                f"Frames follow one another, so the temporal cell takes 1 parent, which "
                f"'{config.cell}' doesn't. Choose one of: {', '.join(cells_with(parents=1))}."
            )
        self.config = config
        self.spatial = Encoder(config.spatial)
        features = [self.spatial.features] + [config.units] * (config.layers - 1)
        self.temporal = nn.ModuleList(
            build_cell(config.cell, count, config.units, **config.cell_options)
            for count in features
        )
        self.readout = nn.Linear(config.units, len(config.classes))

    @property
    def layers(self) -> list[Cell]:
        """The temporal cell of each layer, the lowest first."""
        return list(self.temporal)  # type: ignore[arg-type]

    @property
    def dtype(self) -> torch.dtype:
        """The floating-point type of the weights."""
        return self.readout.weight.dtype

    def route(self, frames: int) -> Route:
        """Return the route of a clip of so many frames."""
        return frames_route(frames, *self.config.frame_shape)

    def see(self, clips: Tensor) -> Tensor:
        """Return what the spatial network is shown of each frame, (batch, frame, height, width).

        Changes lie in [-1, 1]; before the first frame nothing has changed. Side by side with the
        frames they make pictures of twice the width.

        Raises:
            ValueError: If the clips don't have frames of the model's size.
        """
        if clips.dim() != 4 or tuple(clips.shape[2:]) != self.config.frame_shape:
            raise ValueError(
                f"This model reads clips of shape (batch, frame, "
                f"{', '.join(map(str, self.config.frame_shape))}), got {tuple(clips.shape)}."
            )
        clips = clips.to(self.dtype)
        if self.config.sight == "frames":
            return clips
        changes = torch.cat([torch.zeros_like(clips[:, :1]), clips.diff(dim=1)], 1)
        return changes if self.config.sight == "changes" else torch.cat([clips, changes], 3)

    def encode(self, seen: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return what the spatial network makes of each frame, (batch, frame, feature).

        Args:
            seen: From ``see``.
            lengths: How many frames of each clip are its own, (batch,); the others aren't read,
                and zeros stand for them.
        """
        if lengths is None:
            return self.spatial.encode(seen.flatten(0, 1)).unflatten(0, seen.shape[:2])
        own = own_frames(lengths, seen.shape[1])
        features = seen.new_zeros(*seen.shape[:2], self.spatial.features)
        features[own] = self.spatial.encode(seen[own])
        return features

    def scan(self, features: Tensor) -> list[States]:
        """Return the temporal states of every frame layer by layer, each (batch, frame, unit)."""
        route = self.route(features.shape[1])
        found: list[States] = []
        for cell in self.layers:
            found.append(scan_layer(route, [cell], found[-1]["h"] if found else features))
        return found

    def frame_logits(self, clips: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the readout after every frame, (batch, frame, class).

        What it says after frames that aren't a clip's own means nothing.
        """
        return self.readout(self.scan(self.encode(self.see(clips), lengths))[-1]["h"])

    def forward(self, clips: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the logits; ``lengths`` (batch,) where clips are followed by what isn't theirs.

        Raises:
            ValueError: If a length isn't one of the batch's.
        """
        if lengths is not None:
            check_lengths(lengths, clips)
        logits = self.frame_logits(clips, lengths)
        return logits if self.config.answers == "frames" else at_end(logits, lengths)


def own_frames(lengths: Tensor, frames: int) -> Tensor:
    """Return which frames of a padded batch are a clip's own, (batch, frame)."""
    return torch.arange(frames, device=lengths.device) < lengths[:, None]


def at_end(values: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Return values (batch, frame, ...) at each clip's last frame, (batch, ...)."""
    if lengths is None:
        return values[:, -1]
    return values[torch.arange(len(values), device=values.device), lengths - 1]


def check_lengths(lengths: Tensor, clips: Tensor) -> None:
    """Raise a ValueError unless there is one length a clip, from 1 to the batch's frames."""
    fit = tuple(lengths.shape) == (len(clips),) and not lengths.is_floating_point()
    if not fit or int(lengths.min()) < 1 or int(lengths.max()) > clips.shape[1]:
        raise ValueError(
            f"A batch of {len(clips)} clips of up to {clips.shape[1]} frames needs as many whole "
            f"lengths from 1 to {clips.shape[1]}, got {lengths.tolist()}."
        )
