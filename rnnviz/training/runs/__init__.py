"""Runs: a training as a folder of plain files, a queue of them, and the processes that work it off.

``folder``     one run's files: settings, metrics, moments, checkpoints, log
``metrics``    its metrics, as they are written and as they are read
``carry_out``  trains what a folder describes, from its beginning or from where it was interrupted
``ledger``     all runs of a machine in one SQLite file: who asked, which state, which place
``worker``     takes a waiting run and trains it
``foreman``    the process of which trainings and measurements are forks (``offspring``)
``service``    does what people ask of their runs, and keeps a foreman (``staff``)
``sweep``      the runs of one question, one for every combination of settings and seed
``speed``      how long a run would take, measured on this machine; ``stopwatch`` answers at once
``upkeep``     keeps the ledger true: runs whose process is gone, runs that were deleted
``limits``     how many, how long, where
"""
