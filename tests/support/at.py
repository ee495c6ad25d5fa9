"""`python -m support.at TIME dateline-arguments…`: the product's own command, with a machine's clock that stands at TIME."""

from __future__ import annotations

import sys
from datetime import datetime

from archive.model.clock import SystemClock


def main() -> None:
    at = datetime.fromisoformat(sys.argv.pop(1))
    SystemClock.__call__ = lambda self: at  # type: ignore[method-assign]
    from dateline.main import main as dateline

    dateline()


if __name__ == "__main__":
    main()
