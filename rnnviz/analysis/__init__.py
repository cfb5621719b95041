"""From a model to plain data: traces, gradients, beliefs, units."""
