"""Train a model: settings, recipes, the loop as a generator of reports."""
