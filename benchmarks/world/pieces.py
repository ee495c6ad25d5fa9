"""The pieces of a page, which each layout arranges in its own way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from benchmarks.world.dates import printed_day, printed_time, zone_label
from benchmarks.world.history import Life, look_time
from benchmarks.world.lines import line_texts
from benchmarks.world.prose import Paragraph, Story
from benchmarks.world.site import LineKind, Place, Site, SiteLine

LISTS = frozenset({"related", "most-read", "tags", "share"})
"""Lines of a site that are a heading and a list of links."""


@dataclass
class Page:
    """One article's page at one look. What is printed on it that belongs to the site is noted in `printed`."""

    site: Site
    life: Life
    look: int
    others: Sequence[tuple[str, str]]
    """(path, headline) of other articles of the site."""
    following: Story | None = None
    """The article that the page shows below its own."""
    walled: bool = False
    """A wall stands in the place of the text, behind headline and lead."""
    printed: list[tuple[str, str]] = field(default_factory=list)
    """(what it is, its text) of each line of the site."""

    @property
    def state_version(self) -> int:
        return self.life.states[self.look].version

    @property
    def story(self) -> Story:
        return self.life.versions[self.state_version]

    @property
    def path(self) -> str:
        return self.life.states[self.look].path

    @property
    def url(self) -> str:
        return self.site.origin + self.path

    def note(self, what: str, *texts: str) -> None:
        self.printed += [(what, text) for text in texts]

    def opaque(self, what: str) -> str:
        """A class name as style-sheet tools make them: the same on all pages of the site, and without a meaning."""
        rng = random.Random(f"{self.site.host}/{what}")
        return rng.choice(("sc-", "css-", "_", "c")) + "".join(rng.choices("abcdefghkmnpqrstuvwxyz0123456789", k=6))

    # --- around the article

    def header(self) -> str:
        lang, site = self.site.language, self.site
        self.note("navigation", site.name, *lang.nav)
        links = "".join(
            f'<li><a href="/section/{index}/">{escape(word)}</a></li>' for index, word in enumerate(lang.nav)
        )
        return f'<header><a href="/">{escape(site.name)}</a><nav><ul>{links}</ul></nav>{self.lines("header")}</header>'

    def footer(self) -> str:
        self.note("footer", self.site.language.copyright, f"© 2026 {self.site.name}")
        return f"<footer><p>© 2026 {escape(self.site.name)}</p><p>{escape(self.site.language.copyright)}</p></footer>"

    def aside(self) -> str:
        """What stands beside the article, and below it."""
        inner = self.lines("aside")
        return (f'<aside class="{self.opaque("aside")}">{inner}</aside>' if inner else "") + self.next_article()

    def lines(self, place: Place, turn: int = 0) -> str:
        """The site's lines that stand in this place, for the time `turn` on this page."""
        return "".join(self._line(line, turn) for line in self.site.lines if line.place == place)

    def _line(self, line: SiteLine, turn: int) -> str:
        texts = self._texts(line.kind, turn)
        if not texts:
            return ""
        self.note(f"{line.kind} at {line.place}, {line.dress}", *texts)
        inner = self._listed(texts) if line.kind in LISTS else self._plain_line(line, texts)
        match line.dress:
            case "plain":
                return inner
            case "opaque":
                return f'<div class="{self.opaque(line.kind)}">{inner}</div>'
            case "named":
                return f'<div class="article-{line.kind}">{inner}</div>'

    def _texts(self, kind: LineKind, turn: int = 0) -> list[str]:
        headlines = [title for _, title in self.others]
        now = look_time(self.look)
        return line_texts(kind, self.site, self.life.number, self.life.published, now, self.look, headlines, turn)

    def _plain_line(self, line: SiteLine, texts: list[str]) -> str:
        if line.kind == "read-also":
            label, _, title = texts[0].partition(": ")
            return f'<p><strong>{escape(label)}: <a href="{self._link(title)}">{escape(title)}</a></strong></p>'
        return "".join(f"<p>{escape(text)}</p>" for text in texts)

    def _listed(self, texts: list[str]) -> str:
        items = "".join(f'<li><a href="{self._link(text)}">{escape(text)}</a></li>' for text in texts[1:])
        return f"<h4>{escape(texts[0])}</h4><ul>{items}</ul>"

    def _link(self, title: str) -> str:
        return escape(next((path for path, other in self.others if other == title), "/section/0/"))

    # --- the article

    def title(self, tag: str = "h1", name: str = "") -> str:
        return f"<{tag}{_class(name)}>{escape(self.story.title)}</{tag}>"

    def lead(self, tag: str = "p", name: str = "") -> str:
        return f"<{tag}{_class(name)}>{escape(self.story.lead)}</{tag}>" if self.story.lead else ""

    def figure(self) -> str:
        if self.story.caption is None:
            return ""
        credit = self.site.language.photo.format(agency=self.story.credit)
        return (
            f'<figure><img src="/images/{self.life.number}.jpg" alt="" width="960" height="540">'
            f"<figcaption>{escape(self.story.caption)} <span>{escape(credit)}</span></figcaption></figure>"
        )

    def body(self, render: Callable[[Paragraph], str] | None = None) -> str:
        """The paragraphs, with the lines that the site puts before, between and behind them; or the wall."""
        if self.walled:
            return self.wall()
        parts = [(render or plain)(part) for part in self.story.paragraphs]
        return "\n".join([self.lines("top"), *self.interrupted(parts), self.lines("end")])

    def wall(self) -> str:
        """What stands in the place of the text for readers who are not logged in."""
        heading, *paragraphs = self.site.language.login
        self.note("wall", heading, *paragraphs)
        shown = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
        return f'<div class="{self.opaque("wall")}"><h3>{escape(heading)}</h3>{shown}</div>'

    def interrupted(self, parts: list[str]) -> list[str]:
        """Parts of the text with the lines that the site puts between them: in the middle, or behind every second one."""
        told: list[str] = []
        for index, part in enumerate(parts, start=1):
            told.append(part)
            if index == len(parts):
                break
            if index % 2 == 0 if self.site.repeats_boxes else index == (len(parts) + 1) // 2:
                told.append(self.lines("middle", index))
        return told

    def next_article(self) -> str:
        """The article that follows below this one on sites without an end."""
        if self.following is None:
            return ""
        title, paragraphs = self.following.title, [part.text for part in self.following.paragraphs]
        self.note("next article", title, *paragraphs)
        text = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
        return f'<article class="{self.opaque("next")}"><h1>{escape(title)}</h1>{text}</article>'

    # --- the line under the headline

    def bar(self) -> str:
        """Date, author and counter in the site's order, then what else stands under the headline."""
        bar = self.site.bar
        parts = [(name, text) for name in bar.order if (text := self._bar_part(name))]
        self.note("byline bar", bar.separator.join(text for _, text in parts), *(text for _, text in parts))
        if bar.in_one and not bar.time_element:
            inner = escape(bar.separator.join(text for _, text in parts))
        else:
            inner = escape(bar.separator).join(self._bar_element(name, text) for name, text in parts)
        match bar.dress:
            case "plain":
                html = f"<p>{inner}</p>"
            case "opaque":
                html = f'<div class="{self.opaque("bar")}">{inner}</div>'
            case "named":
                html = f'<div class="article-meta">{inner}</div>'
        return html + self.lines("under-title")

    def _bar_part(self, name: str) -> str:
        lang, bar = self.site.language, self.site.bar
        if name == "author":
            if not self.story.authors:
                return lang.desk
            names = lang.names(self.story.authors)
            return lang.by.format(name=names) if bar.by_word else names
        if name == "counter":
            return self._texts(bar.counter)[0]
        text = self.printed_date(published=True)
        updated = bar.shows_updates and self.state_version > 0
        if bar.labelled or updated:
            text = lang.published.format(date=text)
        return f"{text} {lang.updated.format(date=self.printed_date(published=False))}" if updated else text

    def printed_date(self, *, published: bool) -> str:
        """When the article was published, or last edited, as the bar prints it."""
        site, bar = self.site, self.site.bar
        at = self.life.published if published else self.life.edited_at[self.state_version]
        local, own = site.local(at), {"own_calendar": site.own_calendar, "own_digits": site.own_digits}
        if not bar.minutes:
            return printed_day(local, site.language, bar.style, **own)
        label = zone_label(local, site.zone, letters=bar.zone == "letters") if bar.zone else None
        return printed_time(local, site.language, bar.style, zone=label, **own)

    def _bar_element(self, name: str, text: str) -> str:
        named = self.site.bar.dress == "named"
        css = {"date": "date", "author": "author", "counter": "counter"}[name] if named else self.opaque(f"bar-{name}")
        if name == "date" and self.site.bar.time_element:
            at = self.site.claimed(self.life.published)
            return f'<time class="{css}" datetime="{at}">{escape(text)}</time>'
        if name == "author" and named and self.story.authors:
            return f'<a class="{css}" href="/author/{self.life.number}/">{escape(text)}</a>'
        return f'<span class="{css}">{escape(text)}</span>'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def plain(part: Paragraph) -> str:
    """A paragraph or heading without ornament."""
    return f"<h2>{escape(part.text)}</h2>" if part.heading else f"<p>{escape(part.text)}</p>"


def joined(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))
