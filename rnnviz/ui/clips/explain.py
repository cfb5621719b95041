"""What the page "Clips" says in words, and how it looks beside what Streamlit does by itself."""

import streamlit as st

from rnnviz.ui.clips import words
from rnnviz.ui.clips.networks import ClipNetwork
from rnnviz.ui.messages import as_text

STYLE = """
<style>
.st-key-clips-bar h4 { padding: 0; }
.st-key-clips-bar [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
.st-key-clips-bar { row-gap: 0.25rem; }
.st-key-clips-choices, .st-key-clips-generator { row-gap: 0.4rem; }
.st-key-clips-choices > *, .st-key-clips-generator > *, .st-key-clips-examples > * {
  flex: 0 1 auto !important; width: auto !important; min-width: 0 !important;
}
.st-key-clips-choices [data-testid="stSelectbox"] { width: 22rem; max-width: 100%; }
.st-key-clips-choices [role="radiogroup"] button { min-height: 2.5rem; }
.st-key-clips-generator [data-testid="stSelectbox"] { width: 10rem; }
.st-key-clips-generator [data-testid="stSlider"] { width: 11rem; }
.st-key-clips-examples [data-testid="stNumberInput"] { width: 11rem; }
@media (max-width: 640px) {
  .st-key-clips-bar h4 { font-size: 1.1rem; }
  .st-key-clips-generator > :has([data-testid="stSelectbox"]) { flex: 1 1 40% !important; }
  .st-key-clips-generator [data-testid="stSelectbox"] { width: 100%; }
  .st-key-clips-choices [role="radiogroup"] button { padding: 0 0.5rem; font-size: 0.8rem; }
}
</style>
"""
LINE = (
    "A small network reads each frame in **space**; a second one reads what that made of the "
    "frames, in **time**, and answers. Watch both at work."
)
HOW = """
1. **The film strip** shows every frame as the network gets it, 28×28 pixels. Many networks are
   also shown what *changed* since the frame before: orange got brighter, blue darker.
2. **In space**, a small recurrent network reads one frame, by rows or along diagonals, as those of
   the page *Draw* do. What it holds at the end stands for the frame.
3. **In time**, a second one takes one step a frame. Its hidden state is all that it keeps of what
   came before: the heat map *The network in time*.
4. **The belief** says what could be read from that state after each frame, and since when the
   answer has stood.
5. **The clock** moves everything. Press space, use the arrow keys, drag the slider, or click a
   frame anywhere.
"""
BELIEFS = """
A network that answers only at the end can't be asked half-way by its own read-out: early states
mean something else to it. So for each frame a read-out of its own, a **probe**, was fitted to the
states after that frame (Alain and Bengio 2016); the network wasn't changed. A network that answers
at every frame says itself what it believes. The page says which of the two it is. **"Answer
stands from frame 9"**: from there on the most likely answer stays the final one, right or wrong;
how sure it was then, the colours say.
"""
MATTERED = """
The **gradient** says how much the answer would move if a pixel were a little brighter or darker.
In a recurrent network that gradient itself fades over time (Ismail et al. 2019), so early frames
may look unimportant without being so. **Occlusion** really takes something away: it covers a patch
with the clip's background, or shows the frame before in a frame's place, and measures how far the
answer falls. Where both agree, one may believe them; the rank correlation says how far they do.
"""
REAL = """
Everything here is computed by the PyTorch model while you look on, on this very clip. Generated
clips are made of test digits that no network has learned from. Nothing of a file but its pictures
reaches a network: no name, size or length. Files are decoded in a process of their own with
bounded time and memory, kept for your session only, and seen by nobody else.
"""
MISSING = """
#### There are no networks for clips here yet

The page needs at least one model in the folder `pretrained/clips/`, and found none that can be
used. Get the whole repository again, for the models belong to it, or train one yourself:

```
rnnviz train-clips --recipe clip-motion
```

Then reload this page.
"""


def line() -> None:
    """Say in one line what one is looking at."""
    st.markdown(LINE)


def show(network: ClipNetwork) -> None:
    """Show the explanations, folded, beginning with what was measured about the network."""
    with st.expander("How good is this network?"):
        measured(network)
    for title, text in (
        ("What am I looking at?", HOW),
        ("What did it know, and when?", BELIEFS),
        ("Which frames and pixels mattered?", MATTERED),
        ("Is this real?", REAL),
    ):
        st.expander(title).markdown(text)


def measured(network: ClipNetwork) -> None:
    """Show what was measured about a network, on clips that it never saw."""
    quality = words.quality(network)
    robust = words.robustness(network.checkpoint.metrics)
    if not quality and not robust:
        st.markdown("Nobody has measured it, so take its answers with care.")
    for what, value in quality:
        st.markdown(f"- {as_text(what)}: **{as_text(value)}**")
    if robust:
        told = ", ".join(f"{what} **{value}**" for what, value in robust)
        st.markdown(f"How robust it is, on other test clips: {told}.")
    note = str(network.checkpoint.provenance.get("note", ""))
    if note:
        st.caption(as_text(note[:300]))


def missing_models() -> None:
    """Say what to do where no model is found."""
    st.markdown(MISSING)
