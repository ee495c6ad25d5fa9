"""Which files the site of the documents is made of. `properdocs.yml` names this file as a hook.

The README, CONTRIBUTING, SECURITY, the changelog and the figures belong to the documents, but do not lie in `docs/`. Each file
has the same place in the site as in the repository. Therefore every link works in both, and one build checks them all.
"""

from __future__ import annotations

from pathlib import Path

from properdocs.config.defaults import ProperDocsConfig
from properdocs.structure.files import File, Files

_PATTERNS = ("*.md", "benchmarks/*.md", "docs/**/*.md", "docs/pictures/*.svg")


def on_config(config: ProperDocsConfig) -> ProperDocsConfig:
    """Add each decision record to the section of the navigation that holds their index."""
    root = Path(config.config_file_path).parent
    records = [path.relative_to(root).as_posix() for path in sorted(root.glob("docs/decisions/[0-9]*.md"))]
    section = next(entry["Decisions"] for entry in config.nav or () if "Decisions" in entry)
    section.extend(records)
    return config


def on_files(files: Files, config: ProperDocsConfig) -> Files:
    """Return the theme's files, and every document and picture under its path in the repository."""
    root = Path(config.config_file_path).parent
    of_theme = [file for file in files if not file.is_documentation_page() and file.src_dir != config.docs_dir]
    documents = [path for pattern in _PATTERNS for path in sorted(root.glob(pattern))]
    ours = [File.generated(config, path.relative_to(root).as_posix(), abs_src_path=str(path)) for path in documents]
    return Files([*of_theme, *ours])
