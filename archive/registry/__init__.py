"""The registry: which publishers we follow. Strict YAML -> Source; every mistake is named with file and line.

The format is described in docs/reference/registry.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from archive.config import Settings
from archive.errors import UsageError
from archive.model.source import Source
from archive.registry.entry import read_source
from archive.registry.nodes import NodeReader, parse_file

__all__ = ["Registry", "RegistryError", "fingerprint", "load", "registry_for", "shipped_folder"]

_ENDINGS = (".yaml", ".yml")


class RegistryError(UsageError):
    """The registry cannot be used. The message has one line for each mistake: `path:line: what is wrong`."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems), hint="`dateline help registry` explains the format.")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Registry:
    """The sources by id, in the order of their files and of the entries in them."""

    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))


def load(paths: Sequence[Path]) -> Registry:
    """Read registry files, and the *.yaml and *.yml files of folders and their sub-folders in alphabetical order.

    Raises:
        RegistryError: There are mistakes. The message has all the mistakes of all files.
    """
    sources: dict[str, Source] = {}
    problems: list[str] = []
    for file in _files(paths, problems):
        reader = NodeReader(str(file))
        document = parse_file(file, reader)
        for node in reader.entries(document):
            source = read_source(reader, node)
            if source is None:
                continue
            if source.id in sources:
                reader.problem(node, f"id {source.id!r} is taken: it stands in {sources[source.id].origin}")
            else:
                sources[source.id] = source
        problems.extend(reader.problems)
    if problems:
        raise RegistryError(problems)
    return Registry(MappingProxyType(sources))


def registry_for(settings: Settings) -> Registry:
    """The registry in force: what the setting `sources` names, else the shipped one and the user's own in `<home>/sources`."""
    return load(_places(settings))


def fingerprint(settings: Settings) -> frozenset[tuple[str, int, int]]:
    """Name, size and time of change of each file of the registry in force. Another value means that it may have changed."""
    stats = [(file, file.stat()) for file in _files(_places(settings), []) if file.exists()]
    return frozenset((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in stats)


def _places(settings: Settings) -> Sequence[Path]:
    if settings.sources:
        return settings.sources
    own = settings.home / "sources"
    return [shipped_folder(), *([own] if own.is_dir() else [])]


def shipped_folder() -> Path:
    """The folder of the registry that comes with the product.

    It is inside the installed `dateline` package, or beside the packages in a checkout.

    Raises:
        RegistryError: The folder is missing.
    """
    spec = find_spec("dateline")
    inside = [Path(place) / "sources" for place in (spec.submodule_search_locations or ())] if spec else []
    beside = Path(__file__).resolve().parents[2] / "sources"
    for folder in (*inside, beside):
        if folder.is_dir():
            return folder
    raise RegistryError([f"{beside}: the shipped sources are missing; install Dateline again"])


def _files(paths: Sequence[Path], problems: list[str]) -> list[Path]:
    """Each file once, whatever ways lead to it."""
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in _ENDINGS and p.is_file())
            for file in inside:
                found.setdefault(file.resolve(), file)
        elif path.is_file():
            found.setdefault(path.resolve(), path)
        else:
            problems.append(f"{path}: no such file or folder")
    return list(found.values())
