"""The page "Gradients": its frame here, its sections one file each in ``sections/``.

``NAME``      how links call the section
``LABEL``     short, for the navigation
``ORDER``     its place in the story
``QUESTION``  the heading: the question that it answers
``LOOK``      one sentence: what to look for
``fields() -> tuple[Field, ...]``  all that can be chosen; it stands in the link by itself
``show(panel)``                    the section, in a fragment of its own
"""
