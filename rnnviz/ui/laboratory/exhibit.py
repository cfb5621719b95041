"""The code of the exhibit as a student sees it, line by line. Pure data, no Streamlit.

It is run by the tests and held to ``rnnviz.models.row_reader``, whose runs are what is measured.
"""

import html
import keyword
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

FAULTS = ("whole", "straight", "late")
"""The faults in the order of their lines; the names are those of ``row_reader.Faults``."""


@dataclass(frozen=True)
class Line:
    """One line of the exhibit."""

    text: str
    """As it stands."""
    fault: str = ""
    """The fault in it, if there is one."""
    repaired: str = ""
    """As it stands once that fault is mended."""


LINES = (
    Line("class RowReader(nn.Module):"),
    Line('    """Reads a 28×28 digit row by row."""'),
    Line(""),
    Line("    def __init__(self, units=128):"),
    Line("        super().__init__()"),
    Line(
        "        self.from_input = nn.Linear(28 * 28, units)",
        "whole",
        "        self.from_input = nn.Linear(28, units)",
    ),
    Line("        self.from_state = nn.Linear(units, units, bias=False)"),
    Line("        self.answer = nn.Linear(units, 10)"),
    Line(""),
    Line("    def forward(self, pieces):"),
    Line("        h = torch.zeros(len(pieces), self.answer.in_features)"),
    Line("        for x in pieces.unbind(1):"),
    Line("            before = h"),
    Line(
        "            h = self.from_input(x) + self.from_state(before)",
        "straight",
        "            h = torch.tanh(self.from_input(x) + self.from_state(before))",
    ),
    Line(
        "            answer = self.answer(before)",
        "late",
        "            answer = self.answer(h)",
    ),
    Line("        return torch.log_softmax(answer, dim=1)"),
)

STYLE = """
<style>
.exhibit { font-family: "Source Code Pro", monospace; font-size: 0.9rem; line-height: 1.6;
  overflow-x: auto; border: 1px solid rgba(125,138,151,0.4); border-radius: 0.5rem;
  padding: 0.6rem 0; margin: 0; }
.exhibit div { white-space: pre; padding: 0 0.8rem; min-width: max-content; }
.exhibit .number { display: inline-block; width: 1.6rem; margin-right: 0.8rem; text-align: right;
  color: #7d8a97; user-select: none; }
.exhibit .word { font-weight: 600; }
.exhibit .text { color: #7d8a97; }
.exhibit .fault { background: rgba(213,94,0,0.20); box-shadow: inset 4px 0 #d55e00; }
.exhibit .mended { background: rgba(0,158,115,0.20); box-shadow: inset 4px 0 #009e73; }
.exhibit .faint { opacity: 0.55; }
@media (max-width: 640px) {
  .exhibit { font-size: 0.68rem; }
  .exhibit div { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0;
    padding: 0 0.4rem 0 3rem; text-indent: -2.6rem; }
  .exhibit .number { width: 1.2rem; margin-right: 0.4rem; }
}
</style>
"""


def code(faults: Collection[str]) -> str:
    """Return the exhibit as Python, with these faults in it and the others mended."""
    return "\n".join(
        line.text if not line.fault or line.fault in faults else line.repaired for line in LINES
    )


def suspects() -> tuple[int, ...]:
    """Return the numbers of the lines that do something, from 1: those that may be at fault."""
    does = re.compile(r"\s+(\S+ = |for |return )")
    return tuple(number for number, line in enumerate(LINES, 1) if does.match(line.text))


def faulty_lines() -> dict[int, str]:
    """Return the fault of each line that has one, by the line's number from 1."""
    return {number: line.fault for number, line in enumerate(LINES, 1) if line.fault}


def markup(shown: Collection[str]) -> str:
    """Return the exhibit as HTML; the faults in ``shown`` are marked, each with its repair."""
    rows: list[str] = []
    for number, line in enumerate(LINES, 1):
        if line.fault in shown and line.fault:
            rows.append(row("−", line.text, "fault", f"line {number}, the fault: "))
            rows.append(row("+", line.repaired, "mended", "its repair: "))
        else:
            faint = "faint" if shown else ""
            rows.append(row(str(number), line.text, faint))
    label = "The code of the exhibit"
    return f'<div class="exhibit" role="group" aria-label="{label}">{"".join(rows)}</div>'


def row(mark: str, text: str, kind: str, told: str = "") -> str:
    """Return one line as HTML; ``told`` is what a screen reader says of it first."""
    spoken = f' aria-label="{html.escape(told + text.strip())}"' if told else ""
    number = f'<span class="number" aria-hidden="true">{mark}</span>'
    return f'<div class="{kind}"{spoken}>{number}{coloured(text)}</div>'


def coloured(text: str) -> str:
    """Return a line of Python as HTML with its keywords and its texts marked."""
    parts = re.split(r'(""".*?"""|\b[A-Za-z_]\w*\b)', text)
    return "".join(styled(part) for part in parts)


def styled(part: str) -> str:
    """Return a piece of a line as HTML."""
    escaped = html.escape(part)
    if part.startswith('"""'):
        return f'<span class="text">{escaped}</span>'
    if keyword.iskeyword(part) or part in ("self", "super"):
        return f'<span class="word">{escaped}</span>'
    return escaped


def verdict(suspected: Iterable[int]) -> str:
    """Return how a guess at the faulty lines went, in words."""
    faulty, guessed = set(faulty_lines()), set(suspected)
    found, wrong = sorted(guessed & faulty), sorted(guessed - faulty)
    if found == sorted(faulty) and not wrong:
        return "All three, and nothing else. Now see what each of them does."
    parts = [f"You found **{len(found)} of {len(faulty)}**"]
    if found:
        parts.append(f"({listed(found)})")
    told = " ".join(parts) + "."
    if wrong:
        told += f" Nothing is wrong with {listed(wrong)}."
    return told


def listed(numbers: list[int]) -> str:
    """Return numbers of lines in words: "line 6", "lines 6 and 14"."""
    words = [str(number) for number in numbers]
    if len(words) == 1:
        return f"line {words[0]}"
    return f"lines {', '.join(words[:-1])} and {words[-1]}"
