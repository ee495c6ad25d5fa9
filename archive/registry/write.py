"""Registry files: the YAML that reads as the given sources."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from archive.model.source import Channel, IdWalk, Next, Source, WebArchive


def to_yaml(sources: Sequence[Source]) -> str:
    """The text of a registry file. What has its default is left out. `origin` is no part of an entry."""
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_unicode = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump({"sources": [source_entry(source) for source in sources]}, out)
    return out.getvalue()


def source_entry(source: Source) -> dict[str, Any]:
    """A source as an entry of the `sources` of a registry file, in plain values that JSON can hold."""
    rules, extract = source.article_urls, source.extract
    languages = list(source.language)
    return _present(
        id=source.id,
        name=source.name,
        homepage=source.homepage,
        country=source.country,
        language=languages[0] if len(languages) == 1 else languages,
        timezone=source.timezone,
        kind=source.kind,
        discover=[channel_entry(channel) for channel in source.discover],
        article_urls=_present(
            allow=[rule.pattern for rule in rules.allow],
            deny=[rule.pattern for rule in rules.deny],
        ),
        render=render_entry(source),
        schedule=source.schedule if source.schedule != "adaptive" else None,
        delay=_number(source.delay),
        extract=_present(
            title=extract.title,
            body=extract.body,
            remove=list(extract.remove),
            date=extract.date,
            authors=extract.authors,
        ),
        expect=_present(per_day=list(source.expect_per_day or ())),
        status=source.status if source.status != "unverified" else None,
        note=source.note,
    )


def render_entry(source: Source) -> bool | dict[str, Any]:
    """What stands under `render`: what is done with the lists, or only whether a browser is used."""
    actions = source.list_actions
    named = _present(scroll=actions.scroll or None, click=actions.click, wait=actions.wait)
    return named if source.render and named else source.render


def channel_entry(channel: Channel) -> dict[str, Any]:
    """A channel as an entry of the `discover` of a source."""
    entry = {channel.kind: channel.url} | _present(
        items=channel.items,
        links=channel.links,
        title=channel.title,
        date=channel.date,
        pattern=channel.pattern,
        view=channel.view,
        script=channel.script,
        base=channel.base,
        next=_next(channel.next) if channel.next is not None else None,
    )
    if channel.ids is not None:
        default = IdWalk()
        for name in ("start", "step", "misses"):
            if getattr(channel.ids, name) != getattr(default, name):
                entry[name] = getattr(channel.ids, name)
    if channel.web_archive is not None:
        own = WebArchive()
        if channel.web_archive.match != own.match:
            entry["match"] = channel.web_archive.match
        if (channel.web_archive.cdx, channel.web_archive.replay) != (own.cdx, own.replay):
            entry |= {"cdx": channel.web_archive.cdx, "replay": channel.web_archive.replay}
    return entry


def _next(following: Next) -> dict[str, Any]:
    entry = _present(
        css=following.css,
        pattern=following.pattern,
        cursor=following.cursor,
        url=following.url,
        form=dict(following.form),
        carry=following.carry,
    )
    default = Next()
    if following.first != default.first:
        entry["from"] = following.first
    if following.step != default.step:
        entry["step"] = following.step
    return entry


def _present(**values: Any) -> dict[str, Any]:
    """What is there: neither None nor False nor empty. A number is there."""
    return {name: value for name, value in values.items() if value or type(value) in (int, float)}


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value
