"""The head of a page: title, canonical address, OpenGraph, and JSON-LD as systems really write it."""

from __future__ import annotations

import json
import random
from datetime import datetime
from html import escape
from typing import Any

from benchmarks.world.history import look_time
from benchmarks.world.pieces import Page, joined


def head(page: Page) -> str:
    site, story = page.site, page.story
    described = (story.lead or story.paragraphs[0].text)[:160]
    separator = (" | ", " - ", " – ", " :: ")[site.number % 4]
    return joined(
        (
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width">',
            f"<title>{escape(story.title + separator + site.name)}</title>",
            _canonical(page),
            f'<meta name="description" content="{escape(described)}">',
            _social(page, described) if site.social else "",
            json_ld(page) if site.json_ld != "none" else "",
        )
    )


def document(page: Page, body: str, *, extra: str = "") -> str:
    """The whole page."""
    lang = page.site.language
    direction = ' dir="rtl"' if lang.rtl else ""
    return (
        f'<!doctype html><html lang="{lang.code}"{direction}><head>{head(page)}{extra}</head><body>{body}</body></html>'
    )


def modified(page: Page) -> datetime:
    """When the site's system says that the article was last changed."""
    return look_time(page.look) if page.site.re_saved else page.life.edited_at[page.state_version]


def canonical(page: Page) -> str | None:
    """The canonical address that the page names, rightly or wrongly. None: it names none."""
    site = page.site
    match site.canonical:
        case "own":
            return page.url
        case "none":
            return None
        case "home":
            return site.origin + "/"
        case "one-for-all":
            # The others begin with the site's first article, unless this is it.
            return page.url if page.life.number == 0 else site.origin + page.others[0][0]
        case "another":
            rng = random.Random(f"{site.host}/{page.life.number}/canonical")
            slips = page.others and rng.random() < 0.3
            return site.origin + rng.choice(page.others)[0] if slips else page.url
        case "with-query":
            return page.url + ("&" if "?" in page.url else "?") + "utm_source=site&utm_medium=canonical"
        case "relative":
            return page.path


def _canonical(page: Page) -> str:
    named = canonical(page)
    return f'<link rel="canonical" href="{escape(named)}">' if named else ""


def _social(page: Page, described: str) -> str:
    site = page.site
    return joined(
        (
            '<meta property="og:type" content="article">',
            f'<meta property="og:title" content="{escape(page.story.title)}">',
            f'<meta property="og:description" content="{escape(described)}">',
            f'<meta property="og:site_name" content="{escape(site.name)}">',
            f'<meta property="article:published_time" content="{site.claimed(page.life.published)}">',
            f'<meta property="article:modified_time" content="{site.claimed(modified(page))}">',
        )
    )


def json_ld(page: Page) -> str:
    """The JSON-LD of the page in the site's form, some of which no strict parser reads."""
    site, article = page.site, news_article(page)
    form = site.json_ld
    organisation = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": site.name,
        "url": site.origin + "/",
    }
    match form:
        case "graph":
            text = json.dumps(_graph(page, article), ensure_ascii=False)
        case "list":
            text = json.dumps([organisation, article], ensure_ascii=False)
        case "comments":
            text = json.dumps(article, ensure_ascii=False, indent=1).replace("{", "{ /* article */", 1)
        case "trailing-commas":
            text = json.dumps(article, ensure_ascii=False)[:-1] + ",}"
        case "quotes":
            text = json.dumps(article | {"description": "\x00"}, ensure_ascii=False).replace(
                "\\u0000", f'"{site.name}" reports'
            )
        case "two":
            text = json.dumps(organisation, ensure_ascii=False) + "\n" + json.dumps(article, ensure_ascii=False)
        case _:
            text = json.dumps(article, ensure_ascii=False)
    return f'<script type="application/ld+json">{in_script(text)}</script>'


def in_script(text: str) -> str:
    """JSON as it may stand in a script element."""
    return text.replace("</", "<\\/")


def news_article(page: Page) -> dict[str, Any]:
    """The article as schema.org's NewsArticle."""
    site, story = page.site, page.story
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "mainEntityOfPage": page.url,
        "datePublished": _date(page, page.life.published),
        "dateModified": _date(page, modified(page)),
        "author": _authors(page),
        "publisher": {"@type": "Organization", "name": site.name},
        "inLanguage": site.language.code,
    }


def _date(page: Page, at: datetime) -> str | int:
    return int(at.timestamp()) if page.site.json_ld == "epoch" else page.site.claimed(at)


def _authors(page: Page) -> object:
    site, names = page.site, page.story.authors
    if not names or not site.names_authors:
        return {"@type": "Organization", "name": site.name}
    if site.json_ld == "given-family":
        return [_given_family(page, name) for name in names]
    people = [{"@type": "Person", "name": name} for name in names]
    if site.json_ld == "nested-authors":
        return [[person] for person in people]
    return people[0] if len(people) == 1 else people


def _given_family(page: Page, name: str) -> dict[str, str]:
    lang = page.site.language
    if not lang.join:
        return {"@type": "Person", "name": name}
    first, _, rest = name.partition(lang.join)
    given, family = (rest, first) if lang.family_first else (first, rest)
    return {"@type": "Person", "givenName": given, "familyName": family}


def _graph(page: Page, article: dict[str, Any]) -> dict[str, Any]:
    """As WordPress plug-ins write it: parts that refer to each other by `@id`."""
    site = page.site
    nodes: list[dict[str, Any]] = [
        {"@type": "WebSite", "@id": site.origin + "/#website", "name": site.name, "url": site.origin + "/"},
        {
            "@type": "WebPage",
            "@id": page.url,
            "name": f"{page.story.title} - {site.name}",
            "isPartOf": {"@id": site.origin + "/#website"},
        },
    ]
    article = {key: value for key, value in article.items() if key != "@context"} | {"@id": page.url + "#article"}
    if page.story.authors and site.names_authors:
        people = [
            {"@type": "Person", "@id": f"{site.origin}/#/person/{n}", "name": name}
            for n, name in enumerate(page.story.authors)
        ]
        nodes += people
        article["author"] = [{"@id": person["@id"]} for person in people]
    return {"@context": "https://schema.org", "@graph": [article, *nodes]}
