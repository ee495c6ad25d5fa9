"""Who we say we are: one honest User-Agent, whose first word is the token that robots.txt rules may name."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the processes that read pages want the token only
    from archive.config import Settings

TOKEN = "Dateline"


def user_agent(settings: Settings) -> str:
    """The User-Agent of every request: the user's own, else `Dateline/<version> (+<contact>)`."""
    if settings.user_agent:
        return settings.user_agent
    contact = settings.contact
    about = f"+{contact}" if contact.startswith(("http://", "https://")) else contact
    return f"{TOKEN}/{version('dateline')}" + (f" ({about})" if about else "")


def robots_token(settings: Settings) -> str:
    """The product token for robots.txt (RFC 9309, 2.2.1): the letters, `-` and `_` that the User-Agent begins with."""
    agent = user_agent(settings)
    end = next((i for i, c in enumerate(agent) if not ((c.isalpha() and c.isascii()) or c in "-_")), len(agent))
    return agent[:end] or TOKEN
