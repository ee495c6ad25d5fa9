"""What stands in `docker/`: the files agree with each other and with the product, and systemd accepts its units.

The checkers of the Dockerfile and of the compose file run with `make check`.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from ruamel.yaml import YAML

from archive.config import Settings

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
UNITS = ("dateline-daemon.service", "dateline-worker@.service")
STOP_SECONDS = 30
"""How long the daemon and a worker may need to end in order."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(DOCKER / "compose.yaml")
    return loaded


# --- image


def test_the_image_holds_every_package_of_the_wheel_and_its_context_lets_them_in() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = {
        part.rstrip("/") for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.M) for part in line.split()
    }
    assert {*wheel["packages"], *wheel["force-include"], "LICENSE", "README.md", "pyproject.toml"} <= copied
    allowed = {line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in allowed or source.split("/")[0] in allowed, source


def test_what_only_the_build_needs_is_taken_out_again() -> None:
    """The lock file says who wants a package: the build group, or something that only it wants."""
    lock = re.findall(r"^([\w.-]+)==(?:.*\n)+?((?: +#.*\n)+)", (ROOT / "requirements/run.txt").read_text(), re.M)
    wanted_by = {
        name: set(re.findall(r"([\w.-]+(?: \(pyproject\.toml(?::build)?\))?)$", via, re.M)) - {"via"}
        for name, via in lock
    }
    assert len(wanted_by) > 50
    build: set[str] = set()
    while more := {
        name
        for name, by in wanted_by.items()
        if by <= build | {"dateline (pyproject.toml:build)"} and name not in build
    }:
        build |= more
    removed = re.search(r"pip uninstall .*\"\$target\" (.+)$", (DOCKER / "install").read_text(), re.M)
    assert removed is not None
    assert set(removed[1].split()) == build


def test_one_user_one_home_one_port() -> None:
    user = re.search(r"useradd --uid (\d+)", DOCKERFILE)
    assert user is not None
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.M)
    assert users[-1] == f"{user[1]}:{user[1]}"
    assert set(users) == {"0:0", users[-1]}
    (home,) = re.findall(r"^VOLUME (\S+)$", DOCKERFILE, re.M)
    assert f"DATELINE_HOME={home} " in DOCKERFILE
    (port,) = re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.M)
    assert f"DATELINE_METRICS=0.0.0.0:{port}\n" in DOCKERFILE


def test_install_explains_itself() -> None:
    done = subprocess.run([DOCKER / "install"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Installs Dateline into a virtual environment")
    assert "docker/install all /opt/dateline" in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_image_is_built_and_used_without_an_engine() -> None:
    done = subprocess.run(
        [DOCKER / "try-without-engine"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode == 77:
        pytest.skip(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout[-4000:]
    assert "22 new articles" in " ".join(done.stdout.split())
    assert "/opt/dateline-browser/scrapy_playwright/handler.py" in done.stdout
    assert "All of it worked." in done.stdout


# --- health check


@pytest.fixture(scope="module")
def check() -> Callable[[bytes, str], int]:
    found: Callable[[bytes, str], int] = runpy.run_path(str(DOCKER / "healthcheck"))["main"]
    return found


DAEMON = b"tini\0--\0dateline\0daemon\0--workers\x000\0"


@pytest.mark.parametrize(("answer", "status"), [(200, 0), (503, 1), (404, 1)])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", ""])
def test_a_daemon_is_healthy_if_it_says_so(
    check: Callable[[bytes, str], int],
    httpserver: HTTPServer,
    host: str,
    answer: int,
    status: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    httpserver.expect_request("/healthz").respond_with_data("said so\n", answer)
    assert check(DAEMON, f"{host}:{httpserver.port}") == status
    assert capsys.readouterr().out == f"{answer} said so\n"


def test_a_daemon_that_does_not_answer_is_not_healthy(
    check: Callable[[bytes, str], int], closed_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(DAEMON, f"127.0.0.1:{closed_port}") == 1
    assert "ConnectionRefusedError" in capsys.readouterr().out


@pytest.mark.parametrize("command", [b"worker", b"crawl\0--limit\x0020", b"search\0the daemon returns"])
def test_other_commands_have_no_port_to_ask(check: Callable[[bytes, str], int], command: bytes) -> None:
    assert check(b"tini\0--\0dateline\0" + command + b"\0", "127.0.0.1:1") == 0


# --- compose


def test_every_name_in_the_compose_file_is_declared(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for kind in ("secrets", "networks"):
        used = {name for service in services.values() for name in service[kind]}
        assert used == set(compose[kind]) - {"default"}
    assert {volume.split(":")[0] for service in services.values() for volume in service["volumes"]} == set(
        compose["volumes"]
    )
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for variable, value in service["environment"].items():
            if variable.endswith("_FILE"):
                assert Path(value).parent == Path("/run/secrets")
                assert Path(value).name in service["secrets"], variable


def test_services_have_time_to_stop_and_few_rights(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert int(service["stop_grace_period"].removesuffix("s")) > STOP_SECONDS, name
        if name != "postgres":
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["volumes"] == ["home:/var/lib/dateline"]
            assert "POSTGRES_PASSWORD_FILE" not in service["environment"]


def test_only_this_machine_reaches_the_metrics_and_nobody_the_database(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"daemon": ["127.0.0.1:9464:9464"]}
    assert compose["services"]["postgres"]["networks"] == ["database"]
    assert compose["networks"]["database"] == {"internal": True}


@pytest.mark.postgres
def test_init_reaches_postgresql_by_a_secret(empty_postgres: str, tmp_path: Path) -> None:
    """As the compose file's init service does it; a second time there is nothing to do."""
    secret = tmp_path / "database_url"
    secret.write_text(empty_postgres + "\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    for said in ("Created postgresql+psycopg://", "is up to date"):
        done = subprocess.run(
            [sys.executable, "-m", "dateline", "init"],
            env=clean | {"DATELINE_HOME": str(tmp_path / "home"), "DATELINE_DATABASE_URL_FILE": str(secret)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert said in done.stdout


LATER = {"metrics", "chromium"}
"""Settings of the daemon and of rendering in a browser."""


@pytest.mark.parametrize(
    "name", ["Dockerfile", "compose.yaml", "systemd/dateline.env", *(f"systemd/{u}" for u in UNITS)]
)
def test_the_settings_are_settings(name: str) -> None:
    text = (DOCKER / name).read_text()
    variables = set(re.findall(r"\bDATELINE_([A-Z_]+)(?==|: )", text))
    assert variables or name == "systemd/dateline-worker@.service"
    assert {v.removesuffix("_FILE").lower() for v in variables} <= set(Settings.model_fields) | LATER


# --- systemd


def directives(unit: str) -> list[str]:
    return [line for line in (DOCKER / "systemd" / unit).read_text().splitlines() if line and line[0] not in "#["]


def test_the_units_differ_in_their_command_only() -> None:
    daemon, worker = (set(directives(unit)) for unit in UNITS)
    assert {line.split("=")[0] for line in daemon ^ worker} == {"Description", "After", "ExecStart", "ExecReload"}
    (stop,) = (line.split("=")[1] for line in daemon if line.startswith("TimeoutStopSec="))
    assert int(stop) > STOP_SECONDS


@pytest.fixture
def analyze() -> Callable[..., subprocess.CompletedProcess[str]]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["systemd-analyze", "--no-pager", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_units(
    unit: str, analyze: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    text = (DOCKER / "systemd" / unit).read_text()
    (tmp_path / unit).write_text(text.replace("/opt/dateline/bin/dateline", shutil.which("true") or "/bin/true"))
    done = analyze("verify", "--man=no", tmp_path / unit)
    ours = [line for line in done.stdout.splitlines() if "dateline" in line]  # other units of this machine are not ours
    assert not ours, done.stdout


@pytest.mark.parametrize("unit", UNITS)
def test_a_service_is_not_exposed(unit: str, analyze: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """systemd's measure from 0 (sealed off) to 10; an unprotected service has 9.6."""
    done = analyze("security", "--offline=true", "--threshold=20", DOCKER / "systemd" / unit)
    assert done.returncode == 0, done.stdout
