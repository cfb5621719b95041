"""Training of clip models: recipes, where the clips come from, the loop, and what is measured.

- `recipe`: how each shipped clip model is trained, as a file in `recipes/`.
- `source`: batches of clips, from a data set that is made without end or from a finite one.
- `loop`: one training step after another.
- `measure`: accuracy after each share of a clip, events, robustness.
- `result`: the checkpoint.
"""
