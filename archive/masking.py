"""Masking of passwords in what people and logs are shown: addresses of databases, mail servers, webhooks and stores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from sqlalchemy import URL

MASK = "***"
UNREADABLE = "(an address that cannot be read, so it is not shown)"

_SECRET = re.compile(r"(?i)pass|pwd|secret|token|signature|credential")
_WORDS = r"(?:ssl)?pass(?:word|wd)|pwd|secret(?:_access_key|_key)?|x-amz-(?:signature|credential|security-token)"
_KEYWORD = re.compile(rf"""(?i)\b({_WORDS})(\s*=\s*|%3D)('(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?|[^\s&;,'"]+)""")
"""libpq's keywords and values (PostgreSQL, 34.1.1.1), and parameters of an address."""
_WEB = re.compile(r"""(?i)\b(https?://)[^\s/?#'"<>]*@""")
_RUN = re.compile(r"""[^\s'"<>]+""")
_SCHEME = re.compile(r"(?i)\b(?!https?:)[a-z][a-z0-9+.-]{0,40}://")
_SHORTEST = 3
"""A password of fewer characters is not looked for in texts: it would be found in every one."""


def masked(address: str | URL) -> str:
    """A database's address without its password, wherever that is in it. What is no address becomes `UNREADABLE`."""
    url = readable(address)
    if url is None:
        return UNREADABLE
    if url.username and ":" in url.username:  # `me%3Asecret@`
        url = url.set(username=f"{url.username.partition(':')[0]}:{MASK}")
    query = {name: MASK if _SECRET.search(name) else _clean(value) for name, value in url.query.items()}
    if url.database:
        url = url.set(database=_KEYWORD.sub(rf"\1\2{MASK}", url.database))
    shown = url.set(query=query).render_as_string(hide_password=True)
    return shown.replace("%2A%2A%2A", MASK).replace("%40", "@")


def readable(address: str | URL) -> URL | None:
    """The parts of a database's address. None means that it cannot be said for certain which part is which."""
    from sqlalchemy import make_url  # takes its time to load, and a command's help shows no address
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # ValueError: what stands in the place of the port is no number
        return None
    file = url.drivername.partition("+")[0] == "sqlite"
    if not file and any("@" in part for part in (url.host or "", url.database or "")):
        return None  # an @ of the password that should be %40: the rest of it was taken for the host
    return url


def masked_web(address: str) -> str:
    """The scheme and the host of a web address, because its path is often a secret."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return UNREADABLE
    return f"{parts.scheme}://{host}/{MASK}" if host else UNREADABLE


def masked_text(text: str, address: str | URL | None = None) -> str:
    """A text of others (a driver's message, a traceback) without passwords.

    These are those in addresses and in `password=…`, and those of `address` wherever they are.
    """
    for secret in _secrets(address) if address is not None else ():
        text = text.replace(secret, MASK)
    if "@" in text:
        text = _RUN.sub(_masked_run, _WEB.sub(rf"\1{MASK}@", text))
    return _KEYWORD.sub(rf"\1\2{MASK}", text)


def _masked_run(found: re.Match[str]) -> str:
    """A word without what stands between a scheme and its last @. The password of a database's address may hold a slash that
    nobody wrote as %2F; an address of the web, which is not meant here, may hold an @ in its path."""
    word = found[0]
    end = word.rfind("@")
    scheme = _SCHEME.search(word, 0, end) if end > 0 else None
    return word if scheme is None else f"{word[: scheme.end()]}{MASK}{word[end:]}"


def masked_event(_logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Remove passwords from every text of an event. It is a processor of structlog."""
    return {name: masked_text(value) if isinstance(value, str) else value for name, value in event.items()}


def _clean(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return masked_text(value) if isinstance(value, str) else tuple(masked_text(one) for one in value)


def _secrets(address: str | URL) -> list[str]:
    """The address's passwords, as they are and as they are written in it; the longest first."""
    written = address if isinstance(address, str) else address.render_as_string(hide_password=False)
    found = {match[1] for match in re.finditer(r"://[^:/@]*:([^\s]*)@", written)}
    url = readable(address)
    if url is not None:
        found |= {url.password or ""}
        values = [value for name, value in url.query.items() if _SECRET.search(name)]
        found |= {one for value in values for one in ((value,) if isinstance(value, str) else value)}
    found |= {unquote(secret) for secret in found}
    return sorted((secret for secret in found if len(secret) >= _SHORTEST), key=len, reverse=True)
