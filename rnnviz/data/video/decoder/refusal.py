"""What stops a decoding: the file isn't read, and why."""

from typing import Any


class Refusal(Exception):
    """The file isn't read; ``answer`` says why."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.answer = {"refusal": code, **facts}
