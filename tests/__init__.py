"""The tests; they mirror rnnviz/."""
