"""Every command on a terminal of 60, 80 and 120 columns: no line is wider, and no word is cut.

The commands are found by introspection. A new one has to be named here: with what it is run, or why it is not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.cells import cell_len
from support.terminal import screens
from typer.core import TyperGroup

from archive.config import load_settings
from archive.ingest.record import record_look
from archive.model.article import Caption
from archive.registry import registry_for
from archive.sources.state import sync_sources
from archive.storage.session import open_archive
from archive.tables import ChannelRow, CoverageRow, WalkRow
from archive.testing import Desk, an_article, desk
from dateline.commands import COMMANDS, loaded
from dateline.subjects import SUBJECTS

WIDTHS = (60, 80, 120)
PATH = (
    "/international-relations/2026/11/02/ministers-of-four-countries-agree-on-shared-patrols-of-the-harbour-and-beyond"
)
ADDRESS = f"https://www.harbour-times.example{PATH}"
LONGER = f"https://www.ministry-of-foreign-affairs.example/en{PATH}.html?session=7f3a9c&lang=en"
TEXTS = {
    "zh": (
        "中国外交部发言人就四国海上联合巡逻协议答记者问并表示严重关切",
        "中方对此“严重关切”，希望各方保持冷静，通过对话解决分歧。" * 4,
    ),
    "th": (
        "กระทรวงการต่างประเทศแถลงข่าวเรื่องการลาดตระเวนร่วมทางทะเลของสี่ประเทศ",
        "การประชุมสุดยอดจะจัดขึ้นในเดือนหน้าที่กรุงเทพมหานคร " * 4,
    ),
    "ar": (
        "وزراء خارجية أربع دول يوقعون اتفاقية الدوريات المشتركة في الرياض",
        "أعلنت وزارة الخارجية في الرياض عن توقيع اتفاقية جديدة اليوم. " * 4,
    ),
    "ko": (
        "외교부, 4개국 공동 순찰 협정 체결 사실을 공식 발표했다고 밝혔다",
        "외교부는 오늘 양국 간의 협정이 체결되었다고 공식적으로 밝혔다. " * 4,
    ),
    "hi": (
        "विदेश मंत्रालय ने चार देशों की साझा गश्त के समझौते की घोषणा की",
        "विदेश मंत्रालय ने गुरुवार को समझौते की घोषणा की और सभी पक्षों से संयम बरतने को कहा। " * 3,
    ),
}
REGISTRY = f"""
sources:
  - id: harbour-times
    name: The Harbour Times
    homepage: https://www.harbour-times.example/
    country: US
    language: en
    timezone: America/New_York
    kind: newspaper
    status: verified
    discover: [{{feed: 'https://www.harbour-times.example{PATH}/rss.xml'}}]
    note: Reported to answer 403 to some networks, and to send dates without a zone in the feeds of its older sections.
  - {{id: ministry-of-foreign-affairs-of-a-country-with-a-long-name, name: 外務省・報道発表資料, homepage: '{LONGER}', country: JP,
     language: [ja, en], kind: foreign-ministry, status: unverified}}
  - {{id: closed, name: المرصد الدولي للشؤون الخارجية, homepage: 'https://closed.example/', country: SA, language: ar,
     status: refused, note: answers 403}}
"""

RUN: Mapping[str, list[list[str]]] = {
    "init": [[]],
    "sources list": [[]],
    "sources show": [["harbour-times"], ["harbour-times", "--template"], ["closed"]],
    "sources enable": [["harbour-times"]],
    "sources disable": [["closed"]],
    "sources export": [["-o", os.devnull]],
    "sources import": [["feeds.opml", "--dry-run"]],
    "backfill status": [[]],
    "schedule list": [[]],
    "schedule pause": [["closed"]],
    "schedule resume": [["closed"]],
    "schedule run": [["harbour-times"]],
    "status": [[], ["--all"]],
    "coverage": [[], ["harbour-times", "--since", "2026-11-01", "--until", "2026-11-06"]],
    "search": [[], ["patrols"]],
    "show": [[ADDRESS], [f"{ADDRESS}-zh"], [f"{ADDRESS}-th"], ["https://no.example/such/article"]],
    "history": [[ADDRESS], [ADDRESS, "--all"]],
    "diff": [[ADDRESS]],
    "export": [["-o", os.devnull]],
    "extract": [["page.html", "--url", ADDRESS]],
    "verify": [[]],
    "backup": [["kept"]],
    "reindex": [[]],
    "config": [[]],
    "help": [[], ["sources", "add"], *([subject] for subject in SUBJECTS)],
}
NOT_RUN = {
    "demo": "it runs the commands above on archives of its own",
    "crawl": "it asks servers; its report is drawn in tests/unit",
    "restore": "it wants an archive that is empty; what it says is said by backup and verify",
    "daemon": "it runs until it is stopped, and writes a log",
    "worker": "it runs until it is stopped, and writes a log",
    "backfill start": "it asks servers; its tables are drawn in tests/unit",
    "sources add": "it asks servers; its table is drawn in tests/unit",
    "sources check": "it asks servers; its table is drawn in tests/unit",
}


def leaves(command: Any, path: str = "") -> Iterator[str]:
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for name in command.list_commands(context):
            yield from leaves(command.get_command(context, name), f"{path} {name}".strip())
    elif not command.hidden:
        yield path


EVERY = [leaf for name in COMMANDS for leaf in leaves(loaded(name), name)]
GROUPS = [name for name in COMMANDS if isinstance(loaded(name), TyperGroup)]


def test_every_command_is_named_here() -> None:
    assert sorted([*RUN, *NOT_RUN]) == sorted(EVERY)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with long addresses, many scripts, alarms, failures and a backfill."""
    home = tmp_path_factory.mktemp("narrow") / "home"
    (home / "warc").mkdir(parents=True)
    (home / "registry.yaml").write_text(REGISTRY, encoding="utf-8")
    (home / "dateline.toml").write_text(f'sources = ["{home / "registry.yaml"}"]\n')
    settings = load_settings(home=home)
    archive = open_archive(settings, create=True)
    with desk(archive, home / "warc") as news:
        with archive.writing() as session:
            sync_sources(session, registry_for(settings), datetime.now(UTC))
        _fill(news)
    (home / "page.html").write_bytes(_page())
    (home / "feeds.opml").write_text(
        f'<opml version="2.0"><body><outline text="{TEXTS["zh"][0]}" xmlUrl="https://new.example{PATH}/rss" htmlUrl="https://new.example{PATH}"/></body></opml>',
        encoding="utf-8",
    )
    return home


def _fill(news: Desk) -> None:
    captions = (Caption("Ministers shake hands in front of the harbour", "Agence"),)
    news.record(an_article(ADDRESS, captions=captions))
    for title in (
        "Ministers postpone the pact on shared patrols of the harbour",
        "Ministers of four countries reject the pact on shared patrols",
    ):
        news.now += timedelta(hours=1)
        news.record(
            an_article(
                ADDRESS, title=title, body="They postponed it after a night of talks about shared patrols. " * 12
            )
        )
    news.now += timedelta(hours=1)
    for language, (title, body) in TEXTS.items():
        news.record(an_article(f"{ADDRESS}-{language}", title=title, lead=body[:60], body=body, language=language))
    news.do(
        lambda tx: record_look(tx, 1, "failed", detail="robots-unreachable: connection-refused after three attempts")
    )
    key = f"feed:https://www.harbour-times.example{PATH}/rss.xml"
    with news.archive.writing() as session:
        session.merge(
            ChannelRow(
                source_id="harbour-times",
                key=key,
                outcome="failed",
                detail="HTTP 503 from the server of the feed",
                failures=12,
            )
        )
        for day in range(6):
            session.add(
                CoverageRow(
                    source_id="harbour-times", day=(date(2026, 11, 1) + timedelta(day)).isoformat(), expected=10.0, found=9,
                    captured=6, excluded={"rule": 2}, failed={"robots-unreachable": 4, "HTTP 403": 1, "timeout": 1}, pending=2,
                    polls_ok=9, polls_failed=1, gap_seconds=7200, counted_at=news.now,
                )
            )  # fmt: skip
        session.add(
            WalkRow(
                source_id="harbour-times",
                channel=key,
                first="2024-03-01",
                last="2024-03-31",
                state="ended",
                began_at=news.now,
            )
        )


def _page() -> bytes:
    title, body = TEXTS["zh"]
    paragraphs = "".join(f"<p>{body}</p>" for _ in range(4))
    return f"<html lang=zh><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>".encode()


@pytest.fixture(scope="module", params=WIDTHS)
def printed(request: pytest.FixtureRequest, home: Path) -> tuple[int, dict[tuple[str, ...], tuple[int, str]]]:
    """What each command prints at one width."""
    width: int = request.param
    commands = [(*name.split(), *words) for name, runs in RUN.items() for words in runs]
    commands += [(*name.split(), "--help") for name in ["", *EVERY, *GROUPS]]
    given = [
        [
            "--home",
            str(home),
            *(str(home / word) if word in ("page.html", "feeds.opml", "kept") else word for word in words),
        ]
        for words in commands
    ]
    left_out = ("DATELINE_DATABASE_URL", "NO_COLOR", "FORCE_COLOR")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    return width, dict(zip(commands, screens(given, environment, width), strict=True))


def test_no_line_is_wider_than_the_terminal(printed: tuple[int, dict[tuple[str, ...], tuple[int, str]]]) -> None:
    """But for an address that has a line of its own, or with its kind before it: the terminal folds it, and it can be copied."""
    width, found = printed
    wide = [
        f"{' '.join(words)}: {line}"
        for words, (_, text) in found.items()
        for line in text.splitlines()
        if cell_len(line.rstrip()) > width and cell_len(line) - max(map(cell_len, line.split())) > len("sitemap ")
    ]
    assert wide == []


def test_every_command_did_what_it_is_for(printed: tuple[int, dict[tuple[str, ...], tuple[int, str]]]) -> None:
    _, found = printed
    expected: dict[tuple[str, ...], int] = {("show", "https://no.example/such/article"): 2}
    assert {words: text for words, (status, text) in found.items() if status != expected.get(words, 0)} == {}
    assert [words for words, (_, text) in found.items() if not text.strip() and "devnull" not in words] == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("search",), [TEXTS["ko"][0], TEXTS["ar"][0], TEXTS["hi"][0], f"{ADDRESS}-ar"]),
        (("show", ADDRESS), ["They postponed it after a night of talks", ADDRESS, "Two governments agreed on shared patrols."]),
        (("history", ADDRESS), ["first seen", "robots-unreachable: connection-refused after three attempts", "postpone"]),
        (("diff", ADDRESS), ["[-postpone-]{+of", "reject+}", "harbour-]{+patrols+}"]),
        (("sources", "list"), ["ministry-of-foreign-affairs-of-a-country-with-a-long-name", "harbour-times", "refused"]),
        (("sources", "show", "harbour-times"), ["Reported to answer 403 to some networks", "HTTP 503 from the server of the feed"]),
        (("config",), ["16M", "not set", "A channel is polled at least this often."]),
        (("status", "--all"), ["harbour-times"]),
    ],
)  # fmt: skip
def test_words_of_the_data_are_whole(
    printed: tuple[int, dict[tuple[str, ...], tuple[int, str]]], words: tuple[str, ...], expected: list[str]
) -> None:
    shown = " ".join(printed[1][words][1].split())
    # In a table the words of one cell may stand in several lines, with those of others between them.
    missing = [word for text in expected for word in text.split() if word not in shown]
    assert missing == []


def test_the_words_of_a_body_are_whole_in_every_script(
    printed: tuple[int, dict[tuple[str, ...], tuple[int, str]]],
) -> None:
    for language in ("zh", "th"):
        shown = printed[1][("show", f"{ADDRESS}-{language}")][1]
        title, body = TEXTS[language]
        assert "".join(title.split()) in "".join(shown.split())
        assert "".join(body.split()) in "".join(shown.split())


def test_help_has_no_ragged_lines(printed: tuple[int, dict[tuple[str, ...], tuple[int, str]]]) -> None:
    """A line of a paragraph ends where the next word has no room, and nowhere else."""
    width, found = printed
    ragged = []
    for words, (_, text) in found.items():
        if words[-1:] != ("--help",):
            continue
        lines = text.split("Examples:")[0].splitlines()
        for line, following in pairwise(lines):
            flows = line and following and not line.startswith((" ", "Usage")) and not following.startswith(" ")
            if flows and not following.endswith(":") and cell_len(f"{line} {following.split()[0]}") <= width:
                ragged.append(f"{' '.join(words)}: {line}")
    assert ragged == []
