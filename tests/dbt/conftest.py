"""Lets the tests of this folder import their small warehouse by name."""

import sys
from pathlib import Path

# tests/ is on the path, but `dbt` there would be taken for part of dbt itself.
sys.path.insert(0, str(Path(__file__).parent))
