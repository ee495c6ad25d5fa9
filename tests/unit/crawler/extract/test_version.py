"""The extractor's version."""

from __future__ import annotations

from dataclasses import replace

from archive.model.source import Selectors, Source
from crawler.extract.version import EXTRACTOR, extractor_for

PLAIN = Source("x", "X", "https://news.example/")


def test_a_source_without_own_rules_uses_the_common_version() -> None:
    assert extractor_for(PLAIN) == EXTRACTOR
    assert extractor_for(replace(PLAIN, note="n", delay=3.0)) == EXTRACTOR
    assert extractor_for(replace(PLAIN, render=True)) != EXTRACTOR
    assert "trafilatura-" in EXTRACTOR


def test_what_shapes_the_text_changes_the_version() -> None:
    chosen = replace(PLAIN, extract=Selectors(body="#a"))
    versions = {
        extractor_for(s)
        for s in (
            PLAIN,
            chosen,
            replace(chosen, extract=Selectors(body="#b")),
            replace(chosen, extract=Selectors(title="#a")),
        )
    }
    assert len(versions) == 4
    assert all(version.startswith(EXTRACTOR) for version in versions)
