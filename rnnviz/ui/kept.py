"""The last answers that were worked out, so that a question asked again is answered at once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The answers to the last questions. Safe to share between threads.

    Where a stroke is answered, Streamlit's own cache, which asks for the names of the arguments
    and hashes each of them anew on every call, takes a quarter of the time of reading.
    """

    def __init__(self, most: int) -> None:
        """Begin with none.

        Args:
            most: So many are kept; then the one that was asked for longest ago goes.
        """
        self.most = most
        self._answers: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._answers)

    def get(self, question: Hashable, work_out: Callable[[], Value]) -> Value:
        """Return the answer to a question, worked out unless it is known.

        Two who ask the same at the same time may both work it out.

        Args:
            question: Tells it from every other one; kept along with the answer.
            work_out: Returns the answer; what it raises comes through, and nothing is kept.
        """
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                return self._answers[question]
        answer = work_out()
        with self._lock:
            self._answers[question] = answer
            if len(self._answers) > self.most:
                self._answers.popitem(last=False)
        return answer
