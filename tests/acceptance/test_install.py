"""The built wheel, in an empty environment outside the checkout: what a stranger gets who installs Dateline."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path, status: int = 0, timeout: float = 280, **environment: str) -> str:
    """The output of a command that runs without this process's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATELINE_", "PYTHON"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean | {"PYTHONWARNINGS": "default", "COLUMNS": "100"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == status, f"{command}: exit {done.returncode}\n{done.stdout[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `dateline` command of an environment that holds the wheel and the locked dependencies, nothing else."""
    folder = tmp_path_factory.mktemp("stranger")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    uv = Path(sys.executable).parent / "uv"
    python = folder / "venv" / "bin" / "python"
    run(
        uv,
        "pip",
        "install",
        "-q",
        "--python",
        python,
        "--require-hashes",
        "-r",
        ROOT / "requirements/run.txt",
        cwd=folder,
    )
    run(uv, "pip", "install", "-q", "--python", python, "--no-deps", wheel, cwd=folder)
    run(uv, "pip", "check", "--python", python, cwd=folder)
    return folder / "venv" / "bin" / "dateline"


def test_the_wheel_holds_the_product_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "archive/migrations/versions/0001_tables.py",
        "archive/export/article.schema.json",
        "dateline/newsroom/content/mekonghub.toml",
        "dateline/sources/kr/yonhap-en.yaml",
        "dateline/sources/starter.txt",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.parametrize("package", ["archive", "crawler", "scheduler", "dateline"])
def test_the_wheel_tells_type_checkers_that_its_packages_are_typed(wheel: Path, package: str) -> None:
    assert f"{package}/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_init_and_the_shipped_registry(command: Path, tmp_path: Path) -> None:
    said = run(command, "init", cwd=tmp_path)
    assert "archive.sqlite" in said
    assert re.search(r"\d\d of the \d{3} sources of the registry are enabled", said)
    assert "dateline daemon" in said
    assert (tmp_path / "dateline-home" / "archive.sqlite").is_file()
    assert "nothing to do" in run(command, "init", cwd=tmp_path)
    listed = run(command, "sources", "list", "--format", "jsonl", cwd=tmp_path)
    rows = [json.loads(line) for line in listed.splitlines()]
    assert len(rows) >= 300
    assert 20 <= sum(row["enabled"] for row in rows) <= 30
    refused = run(
        command, "crawl", "yonhap", cwd=tmp_path, status=2
    )  # without an id it would ask the sources of the starter set
    assert "no such source: yonhap (did you mean yonhap-en" in refused


def test_the_demo_tells_its_story(command: Path, tmp_path: Path) -> None:
    story = run(command, "demo", cwd=tmp_path)
    assert "Traceback" not in story
    headings = re.findall(r"^(\d)  (.+?) ─", story, re.MULTILINE)
    assert [number for number, _ in headings] == [str(n) for n in range(1, len(headings) + 1)]
    assert "304" in story
    assert "New revisions: 0" in " ".join(story.split())
    assert "410" in story
    assert "9 new revisions found" in " ".join(story.split())
    assert "서울" in story
    assert re.search(r"\{\+pernah ?\+\}", story)
    # a command longer than the line goes on in the next one, after a backslash
    tries = re.findall(r"^  (\S*dateline --home (?:.*\\\n)*.+)$", story, re.MULTILINE)
    assert len(tries) == 3
    for line in tries:  # what it tells one to try works after it has ended
        assert run("sh", "-c", line, cwd=tmp_path)
    # a second demo replaces the first; a folder that is none is left alone
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear reader")
    assert "letter" not in run(command, "--home", "mine", "demo", cwd=tmp_path, status=2)
    assert (tmp_path / "mine" / "letter.txt").is_file()
