"""What the documents teach can be imported, and what they used to teach still can."""

from __future__ import annotations

import subprocess
import sys

import pytest

import archive
from archive.config import load_settings
from archive.storage.session import open_archive


def test_the_public_functions() -> None:
    assert archive.load_settings is load_settings
    assert archive.open_archive is open_archive
    with pytest.raises(AttributeError, match="no attribute 'opne_archive'"):
        archive.opne_archive  # noqa: B018


@pytest.mark.parametrize(
    ("former", "now"),
    [("from archive.session import open_archive", open_archive), ("from archive.config import load", load_settings)],
)
def test_the_former_names_work_and_say_what_to_use(former: str, now: object) -> None:
    names: dict[str, object] = {}
    with pytest.warns(DeprecationWarning, match="use `from archive import"):
        exec(former, names)
    assert now in names.values()


def test_the_archive_is_imported_without_its_database() -> None:
    """`dateline --help` imports many rooms; none of them may cost it SQLAlchemy."""
    asked = "import sys, archive, archive.config; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
