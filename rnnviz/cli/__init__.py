"""The command line: ``rnnviz train | evaluate | trace | gradients | list`` and more."""

import argparse
import os
import sys
from collections.abc import Sequence

from rnnviz.cli import (
    evaluate,
    experiment,
    gradients,
    listing,
    predict,
    runs,
    stages,
    sweep,
    trace,
    train,
    train_clips,
)
from rnnviz.version import VERSION

COMMANDS = (
    train,
    sweep,
    runs,
    evaluate,
    trace,
    gradients,
    experiment,
    stages,
    train_clips,
    predict,
    listing,
)
"""Each declares NAME, HELP, add_arguments(parser) and run(arguments) -> exit status."""

READER_GONE = 141
"""Exit status when nobody reads the output any more: what a shell reports of SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0 done, 1 a mendable error, 130 interrupted, 141 nobody reads the output any more.
    """
    parser = make_parser()
    arguments = parser.parse_args(argv)
    try:
        status = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Whoever reads has had enough, as `head` has; Python must not try again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except (ValueError, FloatingPointError, OSError) as error:
        print(f"rnnviz {arguments.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="rnnviz", description="See how small recurrent networks read pictures, step by step."
    )
    parser.add_argument("--version", action="version", version=f"rnnviz {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        one = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        command.add_arguments(one)
        one.set_defaults(run=command.run)
    return parser
