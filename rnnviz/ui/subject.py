"""What is read: a view's drawing, example or picture, as the networks see it."""

from dataclasses import dataclass, replace
from typing import Literal

from rnnviz.data.dataset import DIGITS
from rnnviz.data.errors import EmptyPictureError, InputError
from rnnviz.data.preprocess import prepare_drawing
from rnnviz.data.strokes import Drawing
from rnnviz.registry import discover
from rnnviz.ui import cache
from rnnviz.ui.link import Picture, Reference, Shown, unpack

OPENING = Reference("digits", "test", 4)
"""What an empty canvas shows."""
OPENING_PICTURE = (
    "eNpjYBiMoPraegdRCWlhdixyF_7_O9g3bXZXujKm3NX____9_vf_16tJmHLn_0PAv53YzPz_7-25tTNqbLHqu1am"
    "xIzVnWf-_z8cyo7dD6f-__95ZXYwPza5XWCXfO_FprXux_8___7_P62LRU514rymmXd-Xi4Wx5RjlBBjV-h7-GC1"
    "J3b3MJZ8-nsxHUeA1__9fyURu5TE7v-_F2pjk-FwW_3z_yMnJixSPHlPgUE6H5v_5Ka8_v__5WQlrM748___hygW"
    "rO5Ie_LxQQ8XrVMeACB-ao0"
)
"""The pixels of that example as they stand in a link; reading them from the data set itself would
hold the first screen up for a second, in which scikit-learn is imported."""
KEPT = "The networks below still read the picture before."


@dataclass(frozen=True)
class Subject:
    """A picture, and what is said about it."""

    picture: Picture
    """As the networks see it."""
    caption: str
    """One line on where it comes from."""
    source: Literal["drawing", "example", "file"]
    """What kind of input it is."""
    message: str = ""
    """What was wrong with the input, and how to mend it; empty if nothing was."""


def subject_of(shown: Shown, before: Subject | None, final: bool) -> Subject:
    """Return what is read for a view, or what was read before where that can't be.

    Args:
        shown: A view's input.
        before: What was read last.
        final: Whether a drawing is finished; one that has only begun may still be a dot.
    """
    try:
        return read_shown(shown)
    except EmptyPictureError as error:
        message = f"{error} {KEPT}" if final else ""
    except InputError as error:
        message = f"{error} {KEPT}"
    return replace(before or opening(), message=message)


def opening() -> Subject:
    """Return the example that an empty canvas shows."""
    pixels = unpack(OPENING_PICTURE)
    if pixels is None:
        raise ValueError("OPENING_PICTURE is not a packed picture. Pack the example again.")
    caption = f"Example {OPENING.index} of scikit-learn's digits. Draw a digit of your own over it."
    return Subject(Picture(pixels), caption, "example")


def read_shown(shown: Shown) -> Subject:
    """Return what a view's input looks like to the networks; errors as of each kind of input."""
    match shown:
        case Drawing():
            return Subject(Picture.of(prepare_drawing(shown).image), "Your drawing.", "drawing")
        case Reference():
            return example_of(shown)
        case Picture():
            return Subject(shown, "Your picture, as the networks see it.", "file")
        case None:
            return opening()


def example_of(reference: Reference) -> Subject:
    """Return one example of a data set.

    Raises:
        DataError: If it isn't there.
    """
    sets = discover(cache.DATASETS)
    name, split, index = reference.dataset, reference.split, reference.index
    if name not in cache.available_datasets() or split not in sets[name].SPLITS:
        raise InputError(
            f"The data set '{name}' ({split}) isn't here. Choose an example of: "
            f"{', '.join(cache.available_datasets())}, or draw a digit."
        )
    data = cache.dataset(name, split)
    if index >= len(data):
        raise InputError(
            f"'{name}' has {len(data)} examples in its split '{split}', so there is no number "
            f"{index}. Choose a smaller number."
        )
    example = data[index]
    what = f"a {example.name}" if data.classes == DIGITS else example.name
    caption = f"Example {index} of {sets[name].LABEL} ({split}): {what}."
    return Subject(Picture.of(example.image), caption, "example")
