"""``python -m tests.faults``: inject every fault at every place, print the table."""

import os
import sys
from pathlib import Path

import pytest

os.environ["ROLLCALL_FAULTS"] = "all"
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", str(Path(__file__).parent), *sys.argv[1:]]))
