"""Settings: command line over environment (`DATELINE_*`) over `dateline.toml` in the home over defaults.

`DATELINE_<NAME>_FILE` in the environment names a file whose content is the setting: secrets of containers and services.
Every field has a description; `dateline config` prints them with value and origin, so this file is the reference.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from archive.errors import UsageError
from archive.model.capture import NoarchivePolicy, RightsPolicy, TdmPolicy
from archive.model.text.did_you_mean import closest

PREFIX = "DATELINE_"
_FOREIGN = re.compile(r"DATELINE_(TEST_.*|FAILPOINT|IMAGE|SERVICE_(HOST|PORT).*|PORT(_.*)?)$")
"""Variables of that prefix that are no settings: of the tests, of docker/compose.yaml, and those that Kubernetes sets for a service
named `dateline` (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables)."""
_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|m|h|d)\s*$")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*$", re.IGNORECASE)
_SIZE_POWER = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


class ConfigError(UsageError):
    """A setting cannot be used. The message names the setting and what is accepted."""


def parse_duration(value: object) -> object:
    """Read `30s`, `5m`, `24h`, `30d` as a timedelta. Anything else is left to pydantic."""
    if isinstance(value, str) and (match := _DURATION.match(value)):
        try:
            return timedelta(seconds=float(match[1]) * _UNIT_SECONDS[match[2]])
        except OverflowError:
            raise ValueError(f"{value[:40]!r} is longer than any duration can be") from None
    if isinstance(value, str):
        raise ValueError(f"{value!r} is not a duration; write for example 30s, 5m, 24h or 30d")
    return value


def parse_size(value: object) -> object:
    """Read `500K`, `16M`, `2GiB` as bytes (powers of 1024). Anything else is left to pydantic."""
    if isinstance(value, str) and (match := _SIZE.match(value)):
        try:
            return int(float(match[1]) * 1024 ** _SIZE_POWER[match[2].upper()])
        except OverflowError:
            raise ValueError(f"{value[:40]!r} is larger than any size can be") from None
    if isinstance(value, str):
        raise ValueError(f"{value!r} is not a size; write for example 500K, 16M or 2G")
    return value


def split_commas(value: object) -> object:
    """Read a text with commas as a list. Anything else is left to pydantic."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def parse_resolve(value: object) -> object:
    """Read `host=address,host=address` as a mapping. Each address must be a literal IP address."""
    if not isinstance(value, str):
        return value
    pairs: dict[str, str] = {}
    for part in value.split(","):
        if not part.strip():
            continue
        host, equals, address = part.strip().partition("=")
        if not equals:
            raise ValueError(f"{part.strip()!r} is not of the form host=address")
        ip_address(address)
        pairs[host.lower()] = address
    return pairs


def listen_address(value: str) -> tuple[str, int]:
    """Read `host:port` or `[address]:port` as (host, port). Port 0 takes a free one.

    Raises:
        ValueError: The text is no such address.
    """
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{value!r} is not of the form host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than zero")
    return value


Duration = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(_positive)]
Size = Annotated[int, BeforeValidator(parse_size), Field(gt=0)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(split_commas)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(split_commas)]
HostMap = Annotated[dict[str, str], NoDecode, BeforeValidator(parse_resolve)]


def is_size(field: FieldInfo) -> bool:
    """Return whether a setting is a number of bytes, written as `16M`."""
    return any(isinstance(part, BeforeValidator) and part.func is parse_size for part in field.metadata)


class Settings(BaseSettings):
    """All settings of Dateline. They are immutable, and made once per process by `load_settings()`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", validate_default=True)

    home: Path = Field(
        Path("dateline-home"), description="Folder that holds the archive, its WARC files and dateline.toml."
    )
    database_url: str = Field(
        "", description="SQLAlchemy URL; empty: SQLite in the home. PostgreSQL: postgresql+psycopg://user@host/name."
    )
    sources: Paths = Field(
        (),
        description="Registry files or folders, comma-separated; they replace the shipped ones and those in <home>/sources.",
    )
    warc_dir: Path | None = Field(None, description="Folder of the WARC files; empty: <home>/warc.")
    warc_size: Size = Field(1 << 30, description="A WARC file is closed once it is at least this large.")
    user_agent: str = Field(
        "",
        description="User-Agent of every request; empty: Dateline/<version> with the contact. Its first word is the robots.txt token.",
    )
    contact: str = Field(
        "", description="Address of a page or mailbox where publishers reach you; goes into the User-Agent and From."
    )
    poll_shortest: Duration = Field(timedelta(minutes=5), description="A channel is never polled more often than this.")
    poll_longest: Duration = Field(timedelta(hours=24), description="A channel is polled at least this often.")
    delay: float = Field(
        5.0,
        ge=0,
        allow_inf_nan=False,
        description="Seconds between two requests to one host, where neither the source nor robots.txt asks for longer.",
    )
    connections_per_host: int = Field(1, ge=1, le=64, description="Requests under way at once to one host.")
    host_budget: int = Field(
        5_000, ge=1, description="Requests to one host in one day (UTC) at most; fresh polls and new links come first."
    )
    timeout: Duration = Field(timedelta(seconds=60), description="A response not complete by then is given up.")
    max_body: Size = Field(
        16 << 20, description="A response larger than this, as transferred or decompressed, is given up."
    )
    max_redirects: int = Field(
        8, ge=0, description="A chain of more redirects is given up (RFC 9309 asks for at least 5)."
    )
    retries: int = Field(2, ge=0, description="How often a failed request is tried again within one crawl.")
    extract_processes: int = Field(2, ge=1, description="Processes of the extraction pool.")
    extract_timeout: Duration = Field(
        timedelta(seconds=20), description="A page whose extraction takes longer fails; its process is replaced."
    )
    chromium: Path | None = Field(
        None,
        description="Chromium for sources with `render: true`; empty: the one on the PATH, else Playwright's own.",
    )
    render_time: Duration = Field(
        timedelta(seconds=30), description="A rendered page takes at most this long, not counting what it waits for."
    )
    render_requests: int = Field(40, ge=0, description="Sub-requests of a rendered page at most.")
    render_size: Size = Field(16 << 20, description="Bytes of a rendered page's sub-requests at most, as transferred.")
    render_memory: Size = Field(256 << 20, description="Bytes that the scripts of a rendered page may hold.")
    allow_networks: Networks = Field(
        (), description="CIDRs of private or loopback networks that may be fetched from; by default none may."
    )
    resolve: HostMap = Field(
        {}, description="host=address pairs, comma-separated: addresses used instead of asking DNS."
    )
    tdm: TdmPolicy = Field(
        "respect",
        description="respect: a TDM reservation withholds the text; research: the law exempts this organisation.",
    )
    noarchive: NoarchivePolicy = Field(
        "private",
        description="private: a page with noarchive is kept for you and handed to nobody; withhold: it is not kept.",
    )
    min_free: Size = Field(
        1 << 30, description="Nothing is fetched while the disk of the WARC files has less free space."
    )
    webhook: str = Field(
        "", description="http(s) address that is told of every alarm about a source, by POST; empty: nobody is told."
    )
    metrics: str = Field(
        "127.0.0.1:9464",
        description="host:port on which the daemon shows /metrics, /healthz and /readyz; empty: nowhere.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: readable on a terminal, JSON lines otherwise."
    )

    @field_validator("webhook")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not (urlsplit(value).scheme in ("http", "https") and urlsplit(value).hostname):
            raise ValueError("must be an http or https address")
        return value

    @field_validator("metrics")
    @classmethod
    def _listen_address(cls, value: str) -> str:
        if value:
            listen_address(value)
        return value

    @model_validator(mode="after")
    def _intervals(self) -> Settings:
        if self.poll_shortest > self.poll_longest:
            raise ValueError("poll_shortest is longer than poll_longest")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, NamedFiles(settings_cls), TomlConfigSettingsSource(settings_cls)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{(self.home / 'archive.sqlite').absolute()}"

    @property
    def rights_policy(self) -> RightsPolicy:
        """What follows from the signals of publishers."""
        return RightsPolicy(self.tdm, self.noarchive)

    @property
    def warc_path(self) -> Path:
        """The folder of the WARC files."""
        return self.warc_dir or self.home / "warc"


class NamedFiles(PydanticBaseSettingsSource):
    """Settings whose text is in files named by `DATELINE_<NAME>_FILE`, as the official container images do it.

    pydantic-settings reads a folder of secrets with fixed file names. Here each variable says which file. White space at the
    end of a file is not part of the setting.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        file = named_files().get(field_name)
        return (_content(field_name, file) if file else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Read the files.

        Raises:
            ConfigError: A file cannot be read, or a setting is given twice.
        """
        return {name: _content(name, file) for name, file in named_files().items()}


def named_files(environment: Mapping[str, str] | None = None) -> dict[str, Path]:
    """The file of each setting that the environment gives by file. An empty variable counts as not there.

    Raises:
        ConfigError: The setting itself is in the environment as well, so one of the two would be ignored.
    """
    given = {name.upper(): value for name, value in (os.environ if environment is None else environment).items()}
    found = {}
    for name in Settings.model_fields:
        variable = f"DATELINE_{name.upper()}"
        if file := given.get(f"{variable}_FILE"):
            if variable in given:
                raise ConfigError(f"{variable} and {variable}_FILE are both set", hint="Unset one of them.")
            found[name] = Path(file)
    return found


def _content(name: str, file: Path) -> str:
    variable = f"DATELINE_{name.upper()}_FILE"
    try:
        text = file.read_text(encoding="utf-8").rstrip()
    except OSError as error:
        raise ConfigError(f"{variable}: {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{variable}: {file} is not UTF-8 text") from error
    if not text:  # a secret that was never filled; taken as it is, the archive would be another one than was meant
        raise ConfigError(f"{variable}: {file} is empty")
    return text


def load_settings(*, home: Path | None = None, config: Path | None = None) -> Settings:
    """Read the settings of this process.

    `home` and `config` are what the command line gave. A `config` that is named must exist.

    Raises:
        ConfigError: A setting cannot be used.
    """
    chosen: dict[str, Any] = {} if home is None else {"home": home}
    _refuse_misspelt(os.environ)
    try:
        place = Settings(**chosen).home if config is None else None  # the environment may name the home
    except ValidationError as error:
        raise ConfigError(_explain(error)) from error
    file = config or (place / "dateline.toml" if place else None)
    if config is not None and not config.is_file():
        raise ConfigError(f"{config}: no such file (given with --config)")

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    try:
        return FromFile(**chosen)
    except ValidationError as error:
        raise ConfigError(_explain(error, file)) from error
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from error
    except ValueError as error:  # the TOML itself is broken
        raise ConfigError(f"{file}: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{file}: the lists or tables in it are nested too deeply") from error


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Raise ConfigError for variables that look like settings and are none."""
    settings = [f"{name.upper()}{end}" for name in Settings.model_fields for end in ("", "_FILE")]
    known = {f"{PREFIX}{name}" for name in settings}
    wrong = sorted(
        name
        for name, value in environment.items()
        if name.upper().startswith(PREFIX) and name.upper() not in known and not _FOREIGN.match(name.upper()) and value
    )
    if wrong:
        raise ConfigError(
            "\n".join(
                f"{name} is no setting{_did_you_mean(name.upper().removeprefix(PREFIX), settings, PREFIX)}"
                for name in wrong
            ),
            hint="Correct the name, or unset the variable. `dateline config` lists all settings.",
        )


def _did_you_mean(word: str, known: Iterable[str], prefix: str = "") -> str:
    """`; did you mean delay?`, or nothing where no known word is like it. `prefix`: what is written before each of them."""
    near = closest(word, known)
    return f"; did you mean {prefix}{near[0]}?" if near else ""


def _explain(error: ValidationError, file: Path | None = None) -> str:
    """One line for each setting that cannot be used, with where it stands: a variable, or a line of `file`."""
    lines = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"]) or "settings"
        setting = name.split(".")[0]
        variable = f"{PREFIX}{setting.upper()}"
        given = {key.upper() for key in os.environ}
        if problem["type"] == "extra_forbidden":
            said = f"{setting} is no setting{_did_you_mean(setting, Settings.model_fields)}"
            lines.append(f"{_place(file, setting)}: {said}")
        elif variable in given or f"{variable}_FILE" in given or (line := _line_of(file, setting)) is None:
            lines.append(f"{name} ({variable}): {problem['msg']}")
        else:
            lines.append(f"{file}:{line}: {name}: {problem['msg']}")
    return "\n".join(lines)


def _place(file: Path | None, setting: str) -> str:
    line = _line_of(file, setting)
    return f"{file}:{line}" if line is not None else str(file or "settings")


def _line_of(file: Path | None, setting: str) -> int | None:
    """The line of a settings file that sets `setting`, or begins the table of that name; the parser does not tell."""
    if file is None or not file.is_file():
        return None
    begins = re.compile(rf"""\s*(\[\s*)?["']?{re.escape(setting)}["']?\s*([=.\]])""")
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if begins.match(line)), None)


def __getattr__(name: str) -> object:
    """The former name of `load_settings`, which goes away with version 0.2."""
    if name == "load":
        warnings.warn(
            "archive.config.load is deprecated: use `from archive import load_settings`",
            DeprecationWarning,
            stacklevel=2,
        )
        return load_settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
