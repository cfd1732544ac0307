"""Runs a keeper: `python banyang/embedded NAME FOLDER`.

By the folder, not as `-m banyang.embedded`: importing the package `banyang` may load the whole
application, which calls `ensure()`, which would run a keeper.
"""

import importlib
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:] = [*(entry for entry in sys.path if entry != str(here)), str(here.parent)]
importlib.import_module("embedded.keeper").main(sys.argv[1], Path(sys.argv[2]))
