"""Decodes one video in a process of its own, within limits that the system holds.

That process takes this package for one at the top (``decoder``) and imports nothing of rnnviz and
none of its other libraries: torch alone would take three seconds and three gigabytes. It reads a
line of JSON and then the bytes of the file from its standard input:

    {"container": "mov", "pixels": ..., "seconds": ..., "decoded": ..., "side": ...,
     "deadline_s": ..., "cpu_s": ..., "memory_bytes": ...}

and answers with a line of JSON and then the frames, grey, uint8, one after another:

    {"frames": n, "height": ..., "width": ..., "times_s": [...], "end_s": ..., "stop": why reading
     ended ("end", "seconds", "frames", "deadline"), "damaged": whether some of it couldn't be read,
     "codec": ..., "original": [width, height], "count": ..., "fps": ..., "length_s": ...}

or with {"refusal": code} and what belongs to it: no_video (sound), codec (codec), pixels (width,
height), no_size, damaged, one, memory, slow; or with {"crash": traceback} where the fault is ours.
"""
