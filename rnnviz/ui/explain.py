"""What the page "Draw" says in words: for whoever has never seen a network read."""

import streamlit as st

HOW = """
1. **The canvas** holds what you draw. The small picture beside it is what the networks see: your
   digit cropped, shrunk to 20 pixels and centred on 28×28, as the digits were that they learned
   from.
2. **Each card** is one network, reading that same picture. The frame in its picture shows what
   it has read so far. It keeps only its **hidden state**: one number for each unit, the
   heat map that fills as it reads.
3. **The bars** are its answer, the probability of each digit, once everything is read. **Belief**
   shows what it held to be true on the way.
4. **The clock** above the cards drives all of them. Press space, or drag the slider.
   Click a row of a heat map to follow that unit, in curves and in the equations with its numbers.
"""
ROWS = """
A *row* network takes a picture as 28 steps of 28 pixels, from the top down. After each row it
mixes what it saw with what it remembers. **RNN** overwrites its whole memory each time. **LSTM**
and **GRU** have *gates*, numbers from 0 to 1 that say how much to write, keep and show.

A *grid* network takes one step at each pixel, and hears from two neighbours: the pixel above and
the one to the left. So it sweeps over the picture along diagonals.

A *pixel* network reads 784 single pixels one after another. The plain RNN on pixels **fails, and it
is here because it fails**: its last state hardly differs from one digit to the next. Why a plain
RNN learns so badly over a long way, and what the identity RNN, the LSTM and the GRU do about it, is
measured on the page *Gradients*.
"""
BELIEFS = """
To ask a network half-way what it believes, one can't use its final read-out: that one was
trained for the last state only, and early states mean something else to it. So for each step a
read-out of its own, a **probe**, was fitted to the states that the network has at that step
(Alain and Bengio 2016). The network itself wasn't changed. A probe tells what *can be read*
from the state, not what the network does with it.

**"Answer stands from row 17"**: from that step on the probes' most likely digit stays the final
answer. It may be the wrong digit, and the first such guess a hesitant one: how sure it was then
stands in the row of beliefs.
"""
MEASURED = """
Everything on this page is computed by the trained PyTorch models while you look on: states, gates,
probabilities and the terms of the equations. Nothing is simulated. With *Files* you can take all
of it away, and with `rnnviz evaluate` you can measure the accuracies again.
"""
MISSING = """
#### There are no trained networks here yet

The page needs at least one model in the folder `pretrained/`, and found none that can be
used. Either

- get the whole repository again: the models belong to it, or
- train one yourself; a row LSTM takes some minutes:

```
rnnviz train lstm-rows
```

Then reload this page.
"""


def page() -> None:
    """Show the explanations, folded."""
    for title, text in (
        ("What am I looking at?", HOW),
        ("Rows, pixels, grids: how do these networks read?", ROWS),
        ("Beliefs: what did it know, and when?", BELIEFS),
        ("Is this real?", MEASURED),
    ):
        st.expander(title).markdown(text)


def missing_models() -> None:
    """Say what to do where no model is found."""
    st.markdown(MISSING)
