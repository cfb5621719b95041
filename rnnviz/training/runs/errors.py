"""What can go wrong with a run and be mended by a person."""

from rnnviz.data.errors import InputError


class RunError(InputError):
    """Something can't be done with a run; the message says why and what to do."""


class UnknownRunError(RunError):
    """There is no such run."""


class BusyError(RunError):
    """No more runs are taken at the moment."""


def no_such_run(run: str) -> UnknownRunError:
    """Return the error for a run that isn't there."""
    shown = "".join(letter if letter.isalnum() else "?" for letter in run[:40])
    return UnknownRunError(
        f"There is no run '{shown}' here. It may have been deleted, or the link is of another "
        f"server or cut short."
    )
