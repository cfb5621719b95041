"""``python -m rnnviz`` is the command ``rnnviz``."""

import sys

from rnnviz.cli import main

sys.exit(main())
