"""The actions that somebody names and the clips of each. Plain data, no Streamlit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from rnnviz.core.clip import Clip
from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.dataset import SIDE
from rnnviz.data.errors import ClipError
from rnnviz.training.clips.own import FEWEST_CLIPS

FRAMES = 16
"""To how many frames every clip is brought."""
FEWEST_ACTIONS, MOST_ACTIONS = 2, 6
MOST_CLIPS = 40
"""Of each action."""
LONGEST_NAME = 24
"""Letters in the name of an action."""
FIRST = ("wave", "nothing")
"""The actions that somebody begins with, to rename."""
NAME, SOURCE = "own actions", "collected on the page Clips"


@dataclass(frozen=True, eq=False)
class Example:
    """One clip of an action, as a network reads it.

    Attributes:
        key: Tells it from all others of its collection.
        name: Where it comes from, such as a file's name.
        frames: Grey, uint8, shape (16, 28, 28).
    """

    key: int
    name: str
    frames: np.ndarray


@dataclass(frozen=True, eq=False)
class Action:
    """Something that is done in clips, and the clips of it."""

    key: int
    """Tells it from all others of its collection, whatever it is called."""
    name: str
    """What it is called."""
    examples: tuple[Example, ...] = ()
    """The clips of it."""

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.examples)


@dataclass(frozen=True, eq=False)
class Collection:
    """Everything that somebody has named and collected; each change makes a new one."""

    actions: tuple[Action, ...]
    """Two to six of them."""
    number: int
    """The next key."""

    def __len__(self) -> int:
        """Return the number of clips."""
        return sum(len(action) for action in self.actions)

    @property
    def size_bytes(self) -> int:
        """How much memory the clips take."""
        return len(self) * FRAMES * SIDE * SIDE

    def action(self, key: int) -> Action | None:
        """Return the action of a key, None if there is none."""
        return next((one for one in self.actions if one.key == key), None)

    def named(self, name: str) -> Action | None:
        """Return the action of a name, however it is written, None if there is none."""
        return next((one for one in self.actions if one.name.casefold() == name.casefold()), None)


def begin() -> Collection:
    """Return the collection that somebody starts with: two actions without a clip."""
    actions = tuple(Action(key, name) for key, name in enumerate(FIRST))
    return Collection(actions, len(actions))


def plain_name(name: str) -> str:
    """Return a name as it is kept: one line of at most 24 letters that can be seen."""
    words = "".join(letter if letter.isprintable() else " " for letter in name).split()
    return " ".join(words)[:LONGEST_NAME].strip()


def add_action(collection: Collection) -> Collection:
    """Return the collection with one more action, under a name that is free.

    Raises:
        ClipError: If there are as many as can be.
    """
    if len(collection.actions) >= MOST_ACTIONS:
        raise ClipError(f"There can be {MOST_ACTIONS} actions. Rename or take out one of them.")
    numbers = range(len(collection.actions) + 1, len(collection.actions) + MOST_ACTIONS + 2)
    name = next(f"action {n}" for n in numbers if collection.named(f"action {n}") is None)
    action = Action(collection.number, name)
    return Collection((*collection.actions, action), collection.number + 1)


def remove_action(collection: Collection, key: int) -> Collection:
    """Return the collection without an action and its clips.

    Raises:
        ClipError: If too few would be left.
    """
    left = tuple(action for action in collection.actions if action.key != key)
    if len(left) < FEWEST_ACTIONS:
        raise ClipError("Two actions are the fewest that can be told apart. Rename this one.")
    return replace(collection, actions=left)


def rename(collection: Collection, key: int, name: str) -> Collection:
    """Return the collection with an action called otherwise.

    Raises:
        ClipError: If the name is empty or another action has it.
    """
    plain = plain_name(name)
    if not plain:
        raise ClipError("An action needs a name, so it keeps the one that it had.")
    known = collection.named(plain)
    if known is not None and known.key != key:
        raise ClipError(f"Another action is called '{plain}' already. Choose another name.")
    return replace(
        collection,
        actions=tuple(
            replace(action, name=plain) if action.key == key else action
            for action in collection.actions
        ),
    )


def add_clips(collection: Collection, key: int, clips: Iterable[tuple[str, Clip]]) -> Collection:
    """Return the collection with more clips of an action.

    Args:
        collection: What is there.
        key: Which action.
        clips: Of 16 frames of 28×28, each with what it is called.

    Raises:
        ClipError: If the action is gone, or has no room for all of them; then none is added.
    """
    action = collection.action(key)
    if action is None:
        raise ClipError("That action was taken out. Choose another one for these clips.")
    fresh = tuple(
        Example(collection.number + i, name, grey(clip)) for i, (name, clip) in enumerate(clips)
    )
    room = MOST_CLIPS - len(action)
    if len(fresh) > room:
        raise ClipError(
            f"'{action.name}' has {len(action)} clips and can have {MOST_CLIPS}, so there is room "
            f"for {room} more, not for {len(fresh)}. Take out some that went wrong, or add fewer."
        )
    grown = replace(action, examples=(*action.examples, *fresh))
    return Collection(
        tuple(grown if one.key == key else one for one in collection.actions),
        collection.number + len(fresh),
    )


def grey(clip: Clip) -> np.ndarray:
    """Return the frames of a clip as bytes, (16, 28, 28)."""
    if clip.frames.shape != (FRAMES, SIDE, SIDE):
        raise ValueError(
            f"A clip has {FRAMES} frames of {SIDE}×{SIDE} here, got {clip.frames.shape}."
        )
    return np.rint(clip.frames * 255).astype(np.uint8)


def remove_clip(collection: Collection, key: int) -> Collection:
    """Return the collection without one clip."""
    return replace(
        collection,
        actions=tuple(
            replace(one, examples=tuple(each for each in one.examples if each.key != key))
            for one in collection.actions
        ),
    )


def as_clips(collection: Collection) -> ClipSet:
    """Return all clips as one set, in the order of the actions."""
    examples = [each for action in collection.actions for each in action.examples]
    labels = [at for at, action in enumerate(collection.actions) for _ in action.examples]
    stack = [each.frames for each in examples]
    return ClipSet(
        name=NAME,
        split="all",
        frames=np.stack(stack) if stack else np.zeros((0, FRAMES, SIDE, SIDE), np.uint8),
        lengths=np.full(len(examples), FRAMES, np.int64),
        labels=np.array(labels, np.int64),
        classes=tuple(action.name for action in collection.actions),
        source=SOURCE,
        names=tuple(each.name for each in examples),
    )


def join(collection: Collection, clips: ClipSet) -> Collection:
    """Return the collection with the clips of a set, each under the action of its class.

    Actions that have no clip yet make room for new ones; clips that are there already are left out.

    Raises:
        ClipError: If there would be too many actions or clips, or a class has no name; then
            nothing is added.
    """
    names = [plain_name(name) for name in clips.classes]
    if not all(names) or len({name.casefold() for name in names}) < len(names):
        raise ClipError("The actions in that file have no names that can be told apart.")
    wanted = {name.casefold() for name in names}
    kept = [one for one in collection.actions if len(one) or one.name.casefold() in wanted]
    number = collection.number
    for name in names:
        if not any(one.name.casefold() == name.casefold() for one in kept):
            kept.append(Action(number, name))
            number += 1
    spare = [one for one in collection.actions if one not in kept]
    kept += spare[: max(FEWEST_ACTIONS - len(kept), 0)]
    if len(kept) > MOST_ACTIONS:
        raise ClipError(
            f"With that file there would be {len(kept)} actions, but there can be {MOST_ACTIONS}. "
            "Save what you have, then take some actions out."
        )
    joined = Collection(tuple(kept), number)
    for label, name in enumerate(names):
        action = joined.named(name)
        assert action is not None
        known = {each.frames.tobytes() for each in action.examples}
        fresh = [
            (called, clip)
            for called, clip in labelled(clips, label)
            if grey(clip).tobytes() not in known
        ]
        joined = add_clips(joined, action.key, fresh)
    return joined


def labelled(clips: ClipSet, label: int) -> Iterable[tuple[str, Clip]]:
    """Yield the clips of one class with their names, brought to 16 frames."""
    for index in np.flatnonzero(clips.labels == label):
        length = int(clips.lengths[index])
        shown = (np.arange(FRAMES) * 2 + 1) * length // (2 * FRAMES)
        name = clips.names[index] if clips.names is not None else f"clip {index + 1}"
        frames = clips.frames[index, shown].astype(np.float32) / 255
        yield plain_file_name(name), Clip(frames, np.arange(FRAMES) * 0.1)


def plain_file_name(name: str) -> str:
    """Return the name of a clip as it is kept: one line of at most 40 letters that can be seen."""
    return "".join(letter for letter in name if letter.isprintable()).strip()[:40] or "a clip"


def lacking(collection: Collection) -> dict[str, int]:
    """Return how many clips each action lacks that hasn't enough of them, by its name."""
    return {
        action.name: FEWEST_CLIPS - len(action)
        for action in collection.actions
        if len(action) < FEWEST_CLIPS
    }
