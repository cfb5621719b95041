"""The last answers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from rnnviz.ui.kept import Kept


def test_a_question_asked_again_is_not_worked_out_again():
    kept, asked = Kept(2), []

    def answer(question: str) -> str:
        def work_out() -> str:
            asked.append(question)
            return question.upper()

        return kept.get(question, work_out)

    assert [answer(question) for question in "aab"] == ["A", "A", "B"]
    assert asked == ["a", "b"]
    answer("a")
    answer("c")
    assert len(kept) == 2
    answer("a")
    assert asked == ["a", "b", "c"], "the one asked for longest ago went"
    answer("b")
    assert asked == ["a", "b", "c", "b"]


def test_what_fails_is_not_kept():
    kept: Kept[int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("question", lambda: 1 // 0)
    assert len(kept) == 0
    assert kept.get("question", lambda: 5) == 5


def test_many_threads_get_the_answers_to_their_own_questions():
    kept: Kept[int] = Kept(8)
    questions = [number % 20 for number in range(2000)]
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda number: kept.get(number, lambda: number * number), questions)
        assert list(found) == [number * number for number in questions]
    assert len(kept) == 8
