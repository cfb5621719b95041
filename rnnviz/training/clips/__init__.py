"""Training of clip models: recipes, where the clips come from, the loop, and what is measured.

- `recipe`: how each shipped clip model is trained, as a file in `recipes/`.
- `source`: batches of clips, from a data set that is made without end or from a finite one.
- `loop`: one training step after another.
- `measure`: accuracy after each share of a clip, events, robustness.
- `result`: the checkpoint.

And of networks that are taught one's own actions:

- `own`: every clip left out once and judged unseen, then a network that learned from all.
- `own_settings`, `start`: how, and as which shipped network the spatial one begins.
- `variants`, `material`, `learn`: clips changed a little, read ahead, learned from.
- `validate`, `baseline`, `taught`: the folds, the interval, the simple baseline, the result.
"""
