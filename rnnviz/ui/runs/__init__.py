"""The page "Runs": a table of runs, several of them side by side, and one from the inside.

``rows``      what the table shows of each run
``settings``  what differs between runs, in words
``measured``  figures and answers of runs, read once and shared by all visitors
``desk``      what one visitor has selected, opened and deleted
``compare``   the curves of the selected runs in one figure, and what differs
``one``       one run: its name, its tags, its files, its settings
``mistakes``  what it takes for what, and the pictures behind each cell
"""
