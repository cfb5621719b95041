"""Pictures and drawings: the data sets, and the way from any input to what a network reads."""
