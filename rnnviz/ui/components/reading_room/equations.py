r"""The cells' equations, from their LaTeX to trees that a browser sets as MathML.

Only what the cells' ``EQUATIONS`` use is understood: letters with subscripts, sums, products,
brackets, ``\odot``, a few functions, Greek letters and arrows. A tree is plain JSON: a leaf is
``["mi", "h"]``, a branch ``["msub", base, subscript]``, and ``["slot", "state/h"]`` is a place for
the number of that series at the current step.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Tree = list

GREEK = {r"\lambda": "λ", r"\sigma": "σ", r"\uparrow": "↑", r"\leftarrow": "←"}
FUNCTIONS = {r"\sigma": "σ", r"\tanh": "tanh", r"\mathrm{relu}": "relu"}
OPERATORS = {"+": "+", "-": "−", "=": "=", "(": "(", ")": ")", ",": ",", r"\odot": "⊙"}
TOKEN = re.compile(r"\\mathrm\{\w+\}|\\[a-zA-Z]+|[a-zA-Z]|\d+|[-+=(),_{}]|\s+")

INVISIBLE_TIMES = ["mo", "\u2062"]
APPLY = ["mo", "\u2061"]

ABOVE_OR_BEFORE = {"t-1", r"\uparrow", "i-1,j"}
LEFT = {r"\leftarrow", "i,j-1"}


@dataclass(frozen=True)
class Symbol:
    """A letter, number, function or operator with its subscript: what stands between spaces."""

    base: str
    """The token, for example ``h``, ``\\odot`` or ``(``."""
    subscript: str = ""
    """The subscript's tokens without spaces, for example ``t-1``."""

    @property
    def is_letter(self) -> bool:
        """Whether it names a value: a letter or Greek letter that is no function."""
        return self.base not in OPERATORS and self.base not in FUNCTIONS and not self.is_number

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return self.base.isdigit()


def parse(latex: str) -> list[Symbol]:
    """Return the symbols of an equation in order.

    Raises:
        ValueError: If it holds something that isn't understood here.
    """
    found = "".join(match.group() for match in TOKEN.finditer(latex))
    if found != latex:
        raise ValueError(f"The equation {latex!r} holds LaTeX that can't be typeset here.")
    tokens = iter([token for token in TOKEN.findall(latex) if not token.isspace()])
    symbols: list[Symbol] = []
    for token in tokens:
        if token == "_":
            symbols[-1] = Symbol(symbols[-1].base, subscript(tokens))
        else:
            known = token in OPERATORS or token in FUNCTIONS or token in GREEK or token.isalnum()
            if not known:
                raise ValueError(f"The equation {latex!r} holds {token!r}: add it to GREEK.")
            symbols.append(Symbol(token))
    return symbols


def subscript(tokens: Iterator[str]) -> str:
    """Return the next token, or the tokens of the next group in braces, as one string."""
    first = next(tokens)
    if first != "{":
        return first
    group = []
    while (token := next(tokens)) != "}":
        group.append(token)
    return "".join(group)


def tree(symbol: Symbol) -> Tree:
    """Return the MathML tree of one symbol."""
    base = leaf(symbol.base)
    if not symbol.subscript:
        return base
    below = [leaf(token) for token in TOKEN.findall(symbol.subscript)]
    return ["msub", base, below[0] if len(below) == 1 else ["mrow", *below]]


def leaf(token: str) -> Tree:
    """Return the MathML leaf of one token."""
    if token in OPERATORS:
        return ["mo", OPERATORS[token]]
    if token.isdigit():
        return ["mn", token]
    return ["mi", FUNCTIONS.get(token) or GREEK.get(token) or token]


def typeset(latex: str) -> Tree:
    """Return the MathML tree of an equation as it stands."""
    symbols = parse(latex)
    row: Tree = ["mrow"]
    for symbol, following in zip(symbols, [*symbols[1:], Symbol("=")], strict=True):
        row.append(tree(symbol))
        if symbol.base in FUNCTIONS:
            row.append(APPLY)
        elif symbol.is_letter and following.is_letter:
            row.append(INVISIBLE_TIMES)
    return row


def with_slots(latex: str, gate: str | None, gates: dict[Symbol, str]) -> Tree:
    """Return an equation's tree with a slot wherever one unit has a number.

    Args:
        latex: The equation.
        gate: The gate that it computes, None for an equation of states alone.
        gates: The gate that each symbol on a left side stands for.

    The slots are ``GATE/hidden/PARENT`` for W h, ``GATE/inputs`` for U x, ``GATE/bias``,
    ``GATE/bias_h``, ``GATE/value``, ``state/NAME``, and ``state/NAME/PARENT`` for the state that
    comes from a parent.

    Raises:
        ValueError: If a letter of the equation has no number.
    """
    symbols = parse(latex)
    row: Tree = ["mrow"]
    index = 0
    while index < len(symbols):
        symbol = symbols[index]
        following = symbols[index + 1] if index + 1 < len(symbols) else Symbol("=")
        if symbol.is_letter and following.is_letter:
            row.append(["slot", product_slot(following, gate)])
            index += 1
        elif symbol.is_letter:
            row.append(["slot", value_slot(symbol, gate, gates, latex)])
        else:
            row.append(tree(symbol))
            if symbol.base in FUNCTIONS:
                row.append(APPLY)
        index += 1
    return row


def product_slot(vector: Symbol, gate: str | None) -> str:
    """Return the slot of a matrix times ``vector``: x, or the h of a parent."""
    if vector.base == "x":
        return f"{gate}/inputs"
    return f"{gate}/hidden/{parent_of(vector)}"


def value_slot(symbol: Symbol, gate: str | None, gates: dict[Symbol, str], latex: str) -> str:
    """Return the slot of a letter that stands alone."""
    if symbol in gates:
        return f"{gates[symbol]}/value"
    if symbol.base == "b":
        return f"{gate}/bias_h" if symbol.subscript == "h" and gate else f"{gate}/bias"
    if symbol.base in ("h", "c"):
        earlier = symbol.subscript in ABOVE_OR_BEFORE | LEFT
        return f"state/{symbol.base}" + (f"/{parent_of(symbol)}" if earlier else "")
    raise ValueError(f"The equation {latex!r} holds '{symbol.base}', which is no number of a unit.")


def parent_of(symbol: Symbol) -> int:
    """Return which parent a state comes from: 0 the one before or above, 1 the one to the left."""
    return 1 if symbol.subscript in LEFT else 0


def equations_of(equations: tuple[str, ...], blocks: tuple[str, ...]) -> list[dict]:
    """Return each equation's two trees: ``symbols``, and ``numbers`` with slots.

    Args:
        equations: LaTeX, first one for each block in order, then those of the states.
        blocks: The gates' names. Where the only block computes h itself, as in a plain RNN, its
            slot is that of the state.
    """
    gates = {
        parse(latex)[0]: block
        for latex, block in zip(equations, blocks, strict=False)
        if parse(latex)[0].base != "h"
    }
    named = [*blocks, *[None] * (len(equations) - len(blocks))]
    return [
        {"symbols": typeset(latex), "numbers": with_slots(latex, block, gates)}
        for latex, block in zip(equations, named, strict=True)
    ]
