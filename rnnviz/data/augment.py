"""Small changes to training pictures that leave the digit what it is."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Augmentation:
    """How far pictures may be changed; each picture gets its own changes within these bounds."""

    shift_px: int = 2
    """Moved by up to so many whole pixels, down or up and to either side."""
    rotation_deg: float = 0.0
    """Turned by up to so many degrees, either way."""
    scale: float = 0.0
    """Grown or shrunk by up to this share, on both axes apart."""
    shear: float = 0.0
    """Slanted by up to this many pixels to the side for each pixel down."""
    thickness: float = 0.0
    """How much thicker or thinner: at 1 up to a pixel on every side, at 0 not at all."""

    def __post_init__(self) -> None:
        limits = {"shift_px": 14, "rotation_deg": 180, "scale": 0.9, "shear": 2, "thickness": 1}
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= limits[field.name]:
                raise ValueError(
                    f"Augmentation.{field.name} must lie in 0..{limits[field.name]}, "
                    f"but is {value}."
                )
        if self.shift_px != int(self.shift_px):
            raise ValueError(f"Pictures move by whole pixels, not by {self.shift_px}.")


CHANGES = {
    "shift": "shift_px",
    "turn": "rotation_deg",
    "scale": "scale",
    "shear": "shear",
    "thickness": "thickness",
}
"""What people call each change, in the studio and on the command line, and its attribute."""


def augment(images: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Return the pictures, each changed a little at random.

    Args:
        images: In [0, 1], bright ink on black, shape (batch, height, width).
        settings: The bounds of the changes.
        generator: All chance comes from it, so the same one in the same state
            gives the same pictures.

    Returns:
        New pictures of the same shape, in [0, 1]; black comes in at the edges.
    """
    if settings.thickness:
        images = change_thickness(images, settings.thickness, generator)
    if settings.rotation_deg or settings.scale or settings.shear:
        return transform(images, settings, generator)
    if settings.shift_px:
        return shift(images, settings.shift_px, generator)
    return images.clone()


def shift(images: Tensor, furthest_px: int, generator: torch.Generator) -> Tensor:
    """Return the pictures moved by whole pixels, so that no value changes."""
    batch, height, width = images.shape
    padded = functional.pad(images, (furthest_px,) * 4)
    down, right = torch.randint(
        0, 2 * furthest_px + 1, (2, batch, 1, 1), generator=generator, device=generator.device
    ).to(images.device)
    rows = torch.arange(height, device=images.device)[:, None] + down
    columns = torch.arange(width, device=images.device) + right
    which = torch.arange(batch, device=images.device)[:, None, None]
    return padded[which, rows, columns]


def transform(images: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Return the pictures turned, scaled, slanted and moved, all in one interpolation.

    Pictures (batch, height, width), or clips (batch, frame, height, width), all frames of one in
    the same way.
    """
    batch, height, width = len(images), *images.shape[-2:]
    draws = torch.rand(6, batch, generator=generator, device=generator.device).to(images)
    turn, grow_x, grow_y, slant, right, down = draws * 2 - 1
    angle = turn * torch.pi / 180 * settings.rotation_deg
    cosine, sine = angle.cos(), angle.sin()
    # The interpolation asks where each pixel of the result comes from, so this is the way back.
    shrink_x, shrink_y = 1 / (1 + grow_x * settings.scale), 1 / (1 + grow_y * settings.scale)
    slope = slant * settings.shear
    move_x = (right * settings.shift_px).round() * 2 / width
    move_y = (down * settings.shift_px).round() * 2 / height
    first = torch.stack([cosine * shrink_x, (slope * cosine - sine) * shrink_x, move_x], dim=1)
    second = torch.stack([sine * shrink_y, (slope * sine + cosine) * shrink_y, move_y], dim=1)
    theta = torch.stack([first, second], dim=1)
    grid = functional.affine_grid(theta, [batch, 1, height, width], align_corners=False)
    layers = images if images.dim() == 4 else images[:, None]
    moved = functional.grid_sample(layers, grid, align_corners=False)
    return moved if images.dim() == 4 else moved[:, 0]


def augment_clips(clips: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Return clips (batch, frame, height, width), all frames of one changed in the same way.

    Raises:
        ValueError: If strokes are to change their thickness, which clips can't.
    """
    if settings.thickness:
        raise ValueError("The strokes of a clip can't be made thicker or thinner. Set it to 0.")
    return transform(clips, settings, generator)


def change_thickness(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Return the pictures with their strokes thicker or thinner, by up to `amount` pixels a side.

    Each picture is mixed with its brightest or its darkest neighbours (above,
    below, left and right), by a share drawn for it: half of the pictures
    become thicker, half thinner.
    """
    share = torch.rand(len(images), 1, 1, generator=generator, device=generator.device)
    share = (share.to(images) * 2 - 1) * amount
    thicker, thinner = share.clamp(min=0), share.clamp(max=0)
    return images + thicker * (dilate(images) - images) - thinner * (erode(images) - images)


def dilate(images: Tensor) -> Tensor:
    """Return each pixel's maximum over itself and its four neighbours."""
    padded = functional.pad(images, (1, 1, 1, 1))
    sideways = torch.maximum(padded[:, 1:-1, :-2], padded[:, 1:-1, 2:])
    upright = torch.maximum(padded[:, :-2, 1:-1], padded[:, 2:, 1:-1])
    return torch.maximum(torch.maximum(sideways, upright), images)


def erode(images: Tensor) -> Tensor:
    """Return each pixel's minimum over itself and its four neighbours."""
    return 1 - dilate(1 - images)
