"""Pages that stand in an article's place, most of them with status 200."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from benchmarks.world.site import Site

PARTNERS = 842
TEXTS = {
    "consent": "consent", "consent-redirect": "consent", "blocked": "blocked", "maintenance": "maintenance", "unavailable": "maintenance",
    "login": "login", "soft-404": "missing", "not-found": "missing", "gone": "missing", "legal": "blocked",
}  # fmt: skip
"""Which of a language's texts a kind of page shows."""
CHALLENGE = [
    "Just a moment...",
    "Verifying you are human. This may take a few seconds.",
    "The connection needs to be reviewed before you can proceed.",
]
"""What services that keep robots away show, in English on every site."""
STATUS = {"challenge": 403, "not-found": 404, "gone": 410, "legal": 451, "unavailable": 503}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def other_page(kind: str, site: Site, path: str, others: Sequence[tuple[str, str]]) -> Answer:
    """The answer to a request for an article that is not shown."""
    match kind:
        case "consent-redirect":
            return Answer(302, "", {"Location": f"{site.origin}/privacy-gate?return={path.strip('/')}"})
        case "to-home":
            return Answer(302, "", {"Location": site.origin + "/"})
        case "to-section":
            return Answer(301, "", {"Location": site.origin + "/section/0/"})
        case "empty":
            return Answer(200)
        case _:
            return Answer(STATUS.get(kind, 200), _page(kind, site, others))


def consent_page(site: Site) -> Answer:
    """What a redirect to the question for consent leads to."""
    return Answer(200, _page("consent", site, []))


def texts_of(kind: str, site: Site) -> list[str]:
    """The heading and the paragraphs that such a page shows."""
    if kind == "challenge":
        return CHALLENGE
    words: list[str] = getattr(site.language, TEXTS[kind])
    return [words[0], *(text.replace("{k}", str(PARTNERS)) for text in words[1:])]


def list_page(site: Site, heading: str, others: Sequence[tuple[str, str]]) -> Answer:
    """The front page, or a section's: headlines of articles."""
    teasers = "".join(f'<li><h3><a href="{escape(path)}">{escape(title)}</a></h3></li>' for path, title in others)
    return Answer(
        200,
        f'<!doctype html><html lang="{site.language.code}"><head><meta charset="utf-8"><title>{escape(heading)} | {escape(site.name)}</title></head>'
        f'<body>{_header(site)}<main><h1>{escape(heading)}</h1><ul class="stories">{teasers}</ul></main></body></html>',
    )


def _page(kind: str, site: Site, others: Sequence[tuple[str, str]]) -> str:
    heading, *paragraphs = texts_of(kind, site)
    shown = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    teasers = ""
    if kind == "soft-404":
        teasers = (
            "<ul>"
            + "".join(f'<li><a href="{escape(path)}">{escape(title)}</a></li>' for path, title in others[:8])
            + "</ul>"
        )
    # Some sites show such a page inside their own frame, with the data of every page; others a page that stands alone.
    framed = site.number % 2 == 0
    social = (
        f'<meta property="og:site_name" content="{escape(site.name)}"><meta property="og:title" content="{escape(heading)}">'
        if framed
        else ""
    )
    direction = ' dir="rtl"' if site.language.rtl else ""
    return (
        f'<!doctype html><html lang="{site.language.code}"{direction}><head><meta charset="utf-8">'
        f"<title>{escape(heading)} | {escape(site.name)}</title>{social}</head><body>{_header(site) if framed else ''}"
        f'<div class="notice"><h1>{escape(heading)}</h1>{shown}<button>OK</button></div>{teasers}</body></html>'
    )


def _header(site: Site) -> str:
    links = "".join(
        f'<li><a href="/section/{index}/">{escape(word)}</a></li>' for index, word in enumerate(site.language.nav)
    )
    return f'<header><a href="/">{escape(site.name)}</a><nav><ul>{links}</ul></nav></header>'
