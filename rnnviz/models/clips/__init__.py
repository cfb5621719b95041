"""Networks that read clips: one in space, for each frame, and one in time, across the frames."""
