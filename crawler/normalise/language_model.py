"""The language detector's model, kept unpacked from one start to the next.

py3langid ships its model under LZMA: to unpack it and to turn its table takes most of a second of CPU, half of what a process
needs before it can read its first page. Done once, the result lies in the user's cache folder, from where all processes map the
same memory. Where nothing can be kept there, the model is unpacked each time.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Collection
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

log = logging.getLogger(__name__)  # the pool's processes load it before any log is set up: structlog would print

_LAYOUT = 1
"""Counted up whenever what is kept changes."""
_UNUSED = 30 * 86_400
"""Seconds after which what other versions kept, or did not finish, is removed."""


def identifier(without: Collection[str], folder: Path | None = None) -> LanguageIdentifier:
    """The detector for all languages but these, with probabilities as scores. Its model is kept in `folder` (else in the
    user's cache folder)."""
    kept = (folder or user_cache_path("dateline")) / f"language-{_key(without)}"
    try:
        return _kept(kept)
    except Exception as absent:  # noqa: BLE001  # nothing kept, or damaged in whichever way
        log.debug("unpacking the language model: %r", absent)
    fresh = _unpacked(without)
    try:
        _keep(fresh, kept)
    except Exception as error:  # noqa: BLE001  # pages are read all the same
        log.debug("cannot keep the language model in %s: %r", kept, error)
    return fresh


def _key(without: Collection[str]) -> str:
    said = "\n".join([str(_LAYOUT), sys.byteorder, version("py3langid"), *sorted(without)])
    return sha256(said.encode()).hexdigest()[:16]


def _unpacked(without: Collection[str]) -> LanguageIdentifier:
    from numpy import ascontiguousarray, float32
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    fresh = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    fresh.set_languages([label for label in fresh.labels if label not in without])
    # Of the table (half floats, column by column) a row is read for each feature of a text: a third of the time.
    fresh.nb_ptc = ascontiguousarray(fresh.nb_ptc, dtype=float32)
    return fresh


def _keep(model: LanguageIdentifier, kept: Path) -> None:
    """Write all files and then name their folder: whoever finds it finds it whole. Raises OSError where it cannot be written."""
    from numpy import asarray, save

    kept.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=kept.parent, prefix="new-"))
    try:
        for name, values in (
            ("features", model.nb_ptc),
            ("priors", model.nb_pc),
            ("languages", model.nb_classes),
            ("transitions", model.tk_nextmove),
            ("outputs", model.tk_output),
            ("rows", model.tk_row),
        ):
            save(new / f"{name}.npy", asarray(values), allow_pickle=False)
        shutil.rmtree(kept, ignore_errors=True)  # damaged; who reads it has its files open
        new.rename(kept)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    for other in (*kept.parent.glob("language-*"), *kept.parent.glob("new-*")):
        if other.stat().st_mtime < time() - _UNUSED:
            shutil.rmtree(other, ignore_errors=True)


def _kept(kept: Path) -> LanguageIdentifier:
    """The large tables are mapped, not read. Raises OSError where nothing is kept, whatever numpy does where a file is damaged."""
    from numpy import asarray, load
    from py3langid.langid import LanguageIdentifier

    with suppress(OSError):  # somebody else's, or read-only
        os.utime(kept)

    def mapped(name: str) -> Any:
        return asarray(load(kept / f"{name}.npy", mmap_mode="r", allow_pickle=False))

    def values(name: str) -> Any:
        return load(kept / f"{name}.npy", allow_pickle=False).tolist()

    return LanguageIdentifier(
        mapped("features"),
        mapped("priors"),
        values("languages"),
        memoryview(mapped("transitions")),
        values("outputs"),
        norm_probs=True,
        tk_row=values("rows"),
    )
