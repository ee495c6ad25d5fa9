"""On which databases a test runs, where it does not run on both every time."""

from __future__ import annotations

import pytest

postgresql_in_test_all = pytest.mark.parametrize(
    "reader",
    ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])],
    indirect=True,
)
"""For long tests of what hardly depends on the database: on SQLite in each run, on PostgreSQL in `make test-all`."""
