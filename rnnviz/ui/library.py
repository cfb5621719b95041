"""All networks that one can read with: shipped ones, and those of runs and uploads.

``run-<24 hex>`` names the network of a run, or one that was brought along, as it is now;
``run-<24 hex>-<step>`` as it was kept at a moment of its training. Whoever knows such a name may
read with it: nobody guesses 96 random bits. Menus show a visitor only what is theirs.
"""

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import streamlit as st

from rnnviz.models.checkpoint import CheckpointError, parse_checkpoint
from rnnviz.models.checkpoint_file import MOST_BYTES as MOST_FILE_BYTES
from rnnviz.models.checkpoint_file import too_large
from rnnviz.models.config import ModelConfig
from rnnviz.training.runs.brought import check_pictures
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.run import Run
from rnnviz.ui.cache import Reader, config_label, full_label, reader_of, shipped
from rnnviz.ui.service import service

RUN_NAME = re.compile(r"run-([0-9a-f]{24})(?:-(0|[1-9]\d{0,8}))?", re.ASCII)
MOST_BYTES = 96 * 2**20
"""What all loaded networks of runs may take in memory together."""
LONGEST_CALLED = 24
"""Letters of a run's name that stand in labels."""
JOINER = "\N{WORD JOINER}"
HARMLESS = str.maketrans(
    {
        "<": "‹",
        ">": "›",
        "*": "∗",
        "`": "ˋ",
        "$": "＄",
        "~": "∼",
        "\\": "＼",
        "[": "［",
        "]": "］",
        "|": "∣",
        "&": f"&{JOINER}",
        "_": f"{JOINER}_{JOINER}",
        ":": f":{JOINER}",
        "@": f"@{JOINER}",
        "%": f"%{JOINER}",
    }
)
"""Letters of names that could be markup: as others that look the same, or kept apart from the next.

Labels stand in figures, where Plotly knows some HTML and "%{…}", and in sentences, where Markdown
knows emphasis, links, formulas and colours; so no way of escaping would suit them all.
"""
ID_SHOWN = 6
"""Letters of a run's id that tell it from others of the same name."""


@dataclass(frozen=True)
class RunName:
    """Which network of which run."""

    run: str
    """The run's id."""
    step: int | None = None
    """The moment at which it was kept, None for as it is now."""

    def __str__(self) -> str:
        """Return what links call it."""
        return f"run-{self.run}" + ("" if self.step is None else f"-{self.step}")

    @classmethod
    def parse(cls, name: str) -> "RunName | None":
        """Return what a name from a link means, None if it isn't that of a run's network."""
        match = RUN_NAME.fullmatch(name)
        if match is None:
            return None
        return cls(match[1], None if match[2] is None else int(match[2]))


class Loaded:
    """The networks that were asked for last, in memory. Safe to share between threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Begin with none."""
        self.most_bytes = most_bytes
        self._kept: OrderedDict[str, Reader] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """How much memory the networks take."""
        with self._lock:
            return sum(map(size_of, self._kept.values()))

    def get(self, path: Path, name: str) -> Reader:
        """Return the network in a file, read again if the file has changed.

        Raises:
            CheckpointError: If it can't be used.
            OSError: If the file can't be read.
        """
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            identity = f"{name}:{status.st_ino}:{status.st_mtime_ns}:{status.st_size}"
            with self._lock:
                known = self._kept.get(name)
                if known is not None and known.identity == identity:
                    self._kept.move_to_end(name)
                    return known
            if status.st_size > MOST_FILE_BYTES:
                raise too_large(name, status.st_size)
            data = file.read()
        checkpoint = parse_checkpoint(data, name)
        check_pictures(checkpoint, name)
        reader = reader_of(checkpoint, name, identity)
        with self._lock:
            self._kept[name] = reader
            self._kept.move_to_end(name)
            while len(self._kept) > 1 and sum(map(size_of, self._kept.values())) > self.most_bytes:
                self._kept.popitem(last=False)
        return reader


def size_of(reader: Reader) -> int:
    """Return how many bytes a reader takes: its weights twice, and its probes."""
    checkpoint = reader.checkpoint
    probes = [] if checkpoint.probes is None else vars(checkpoint.probes).values()
    tensors = [*checkpoint.weights.values(), *reader.model.state_dict().values(), *probes]
    return sum(tensor.nbytes for tensor in tensors)


@st.cache_resource(show_spinner=False)
def loaded() -> Loaded:
    """Return the loaded networks of runs, shared by all sessions."""
    return Loaded()


def read_network(name: RunName) -> Reader:
    """Return a network of a run, ready to read.

    Raises:
        RunError: If the run is gone or has no such network yet, or runs can't be had here.
        CheckpointError: If it can't be used.
    """
    run = service().get(name.run)
    try:
        reader = loaded().get(service().files(run.id).network_path(name.step), str(name))
    except OSError as error:
        raise RunError(
            f"The network of this run can't be read ({error.strerror}). Try again in a moment."
        ) from error
    return replace(reader, called=called(run, name.step))


def called(run: Run, step: int | None = None, twin: bool = False) -> str:
    """Return what tells a run's network from others: its name and the moment.

    Args:
        run: The run.
        step: The moment, None for as it is now.
        twin: Whether another run is called the same, so that some of the id is needed.

    A name that begins as the network's label does goes on from there: nobody needs it twice.
    """
    visible = "".join(letter if letter.isprintable() else " " for letter in run.name)
    name = " ".join(visible.split())
    name = name.removeprefix(f"{config_label(config_of(run))} · ") or name
    if len(name) > LONGEST_CALLED:
        name = name[: LONGEST_CALLED - 1].rstrip() + "…"
    words = [re.sub(r"(?<=www)(?=\.)", JOINER, name.translate(HARMLESS), flags=re.IGNORECASE)]
    # Nobody's name may pass for the moment of another run.
    if twin or not name or ", step " in name:
        words.append(run.id[:ID_SHOWN])
    if step is not None:
        words.append(f"step {step:,}")
    return ", ".join(filter(None, words))


def config_of(run: Run) -> ModelConfig:
    """Return what a run's network is made of."""
    return ModelConfig(**run.recipe["model"])


def has_network(run: Run) -> bool:
    """Return whether a run has trained so far that there is a network."""
    return run.state == "done" or run.step > 0


class Shelf(Mapping[str, Reader]):
    """The networks of one session, by what links call them; those of runs are read when asked for.

    One may ask for any run's network whose name one knows. Going through the shelf gives the
    shipped ones, one's own, and those that were opened by a link.
    """

    def __init__(self, own: Mapping[str, Reader], opened: Collection[str], who: str) -> None:
        """Remember whose it is.

        Args:
            own: Networks that only this session has.
            opened: Names of runs' networks that links have opened.
            who: The visitor.
        """
        self.own, self.opened, self.who = own, opened, who
        self._found: dict[str, Reader] = {}
        self._missing: dict[str, str] = {}
        self._met: dict[str, Run] = {}

    def __getitem__(self, name: str) -> Reader:
        """Return a network; KeyError if it isn't there, and then ``why`` says more."""
        found = shipped().get(name) or self.own.get(name) or self._found.get(name)
        if found is None and name not in self._missing:
            found = self._look_up(name)
        if found is None:
            raise KeyError(name)
        return found

    def _look_up(self, name: str) -> Reader | None:
        parsed = RunName.parse(name)
        if parsed is None:
            return None
        try:
            run = service().get(parsed.run)
            self._met[run.id] = run
            words = called(run, parsed.step, self._has_twin(run))
            self._found[name] = replace(read_network(parsed), called=words)
        except (RunError, CheckpointError) as error:
            self._missing[name] = str(error)
        return self._found.get(name)

    def _has_twin(self, run: Run) -> bool:
        """Return whether another run that this session knows would have the same label."""
        label = full_label(config_of(run), called(run))
        return any(
            other.id != run.id and full_label(config_of(other), called(other)) == label
            for other in (*self._known, *self._met.values())
        )

    @cached_property
    def _known(self) -> list[Run]:
        """All runs whose labels may stand beside each other."""
        known = {run.id: run for run in self.runs.values()}
        for parsed in filter(None, map(RunName.parse, self.opened)):
            if parsed.run not in known:
                try:
                    known[parsed.run] = service().get(parsed.run)
                except RunError:
                    continue
        return list(known.values())

    def why(self, name: str) -> str:
        """Return why a network isn't there that was asked for, empty if nobody knows."""
        return self._missing.get(name, "")

    @cached_property
    def runs(self) -> dict[str, Run]:
        """This visitor's runs that have a network, and those of the command line, by network."""
        try:
            found = service().runs_of(self.who)
        except RunError:
            return {}
        return {str(RunName(run.id)): run for run in found if has_network(run)}

    def __iter__(self) -> Iterator[str]:
        """Yield the names that a menu shows."""
        opened = [name for name in self.opened if name not in self.runs and name in self]
        yield from (*shipped(), *self.own, *self.runs, *opened)

    def __len__(self) -> int:
        """Return how many a menu shows."""
        return sum(1 for _ in self)

    def label(self, name: str) -> str:
        """Return the label of a network without reading it where that can be; never raises."""
        run = self.runs.get(name) if name not in self._found else None
        if run is not None:
            return full_label(config_of(run), called(run, twin=self._has_twin(run)))
        return self[name].label if name in self else "a network that is gone"

    def config(self, name: str) -> ModelConfig:
        """Return what a network is made of, likewise; KeyError if it isn't there."""
        run = self.runs.get(name) if name not in self._found else None
        return self[name].checkpoint.config if run is None else config_of(run)
