"""What an article says, and what its newsroom may change in it.

story = write(language, rng)
edited = edit(story, "number", language, rng)
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from benchmarks.world.languages import Language

EditKind = Literal[
    "number", "negation", "name", "caption", "headline", "standfirst", "paragraph", "byline", "correction", "retraction"
]
AGENCIES = ("Reuters", "AFP", "EPA", "AP", "Getty Images")


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """One state of an article's text."""

    title: str
    lead: str | None
    paragraphs: tuple[Paragraph, ...]
    caption: str | None
    credit: str
    authors: tuple[str, ...]
    """Empty: the byline names the desk or nobody."""
    swaps: dict[str, tuple[str, str]] = field(default_factory=dict)
    """For the edits of single words: what stands in the text, and what would stand there instead."""

    @property
    def text(self) -> str:
        """Lead and body, a paragraph a line."""
        return "\n".join(filter(None, (self.lead, *(part.text for part in self.paragraphs))))


class Writer:
    """Fills the templates of one language with words drawn at random."""

    def __init__(self, language: Language, rng: random.Random) -> None:
        self._language, self._rng = language, rng

    def fill(self, template: str, **given: str) -> str:
        lang, rng = self._language, self._rng
        state, other = rng.sample(lang.states, 2)
        role, name = rng.choice(lang.roles), lang.person(rng)
        words = {
            "role": role,
            "name": name,
            "who": (" " if lang.spaces else lang.join).join((role, name)),
            "state": state,
            "state2": other,
            "at": rng.choice(lang.places),
            "on": rng.choice(lang.topics),
            "org": rng.choice(lang.organisations),
            "day": rng.choice(lang.days),
            "n": lang.number(rng.randint(1_100, 98_000)),
        } | given
        return template.format_map(words)

    def sentence(self, core: str | None = None) -> str:
        """A sentence, most often with something behind its main clause."""
        lang, rng = self._language, self._rng
        text = core or self.fill(rng.choice(lang.clauses))
        if rng.random() < 0.6:
            blank = " " if lang.spaces and not lang.comma.endswith(" ") else ""
            text += f"{lang.comma}{blank}{self.fill(rng.choice(lang.tails))}"
        return text[0].upper() + text[1:] + lang.stop

    def paragraph(self, *cores: str) -> str:
        rng = self._rng
        told = [self.sentence(core) for core in cores] + [self.sentence() for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.25:
            told.append(self.fill(rng.choice(self._language.quotes)))
        return (" " if self._language.spaces or not self._language.stop else "").join(told)


def write(language: Language, rng: random.Random, *, signed: bool = True) -> Story:
    """An article of ordinary length with a number, a statement that can be negated and a quotation of a named person."""
    writer = Writer(language, rng)
    yes, no = rng.choice(language.judgements)
    fixed = {name: _value(writer, name) for name in ("who", "role", "name", "state", "at", "on", "org", "day")}
    value = rng.randint(1_100, 98_000)
    before, after = language.number(value), language.number(value + rng.choice((-1, 1)) * rng.randint(1, 900))
    speaker, corrected = language.person(rng), language.person(rng)
    while corrected == speaker:
        corrected = language.person(rng)
    told = [
        writer.paragraph(writer.fill(rng.choice(language.numbers), n=before)),
        writer.paragraph(yes.format_map(fixed)),
        writer.fill(_naming(language), name=speaker) + (" " if language.spaces else "") + writer.sentence(),
        *(writer.paragraph() for _ in range(rng.choice((1, 2, 3, 4, 5, 6, 8, 11)))),
    ]
    rng.shuffle(told)
    parts = [Paragraph(text) for text in told]
    if len(parts) > 5 and rng.random() < 0.5:
        parts.insert(len(parts) // 2, Paragraph(_heading(writer, language, rng), heading=True))
    authors = tuple(dict.fromkeys(language.person(rng) for _ in range(2 if rng.random() < 0.2 else 1)))
    return Story(
        title=writer.fill(rng.choice(language.headlines)),
        lead=writer.sentence() if rng.random() < 0.7 else None,
        paragraphs=tuple(parts),
        caption=writer.fill(rng.choice(language.captions)) if rng.random() < 0.75 else None,
        credit=rng.choice(AGENCIES),
        authors=authors if signed and rng.random() < 0.92 else (),
        swaps={
            "number": (before, after),
            "negation": (_begun(yes.format_map(fixed)), _begun(no.format_map(fixed))),
            "name": (speaker, corrected),
        },
    )


def _begun(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _value(writer: Writer, name: str) -> str:
    return writer.fill("{" + name + "}")


def _naming(language: Language) -> str:
    return next(template for template in language.quotes if "{name}" in template)


def _heading(writer: Writer, language: Language, rng: random.Random) -> str:
    template = rng.choice(language.headings)
    return writer.fill(template if "{" in template else template + ": {state}")


def possible(story: Story, kind: EditKind) -> bool:
    """Return whether the story has what this edit changes."""
    return {
        "caption": story.caption is not None,
        "standfirst": story.lead is not None,
        "byline": len(story.authors) == 1,
    }.get(kind, True)


def edit(story: Story, kind: EditKind, language: Language, rng: random.Random) -> Story:
    """The story after an edit that changes it in one respect."""
    writer = Writer(language, rng)
    match kind:
        case "number" | "negation" | "name":
            old, new = story.swaps[kind]
            swaps = {**story.swaps, kind: (new, old)}
            return replace(story, paragraphs=_swapped(story.paragraphs, old, new), swaps=swaps)
        case "caption":
            return replace(story, caption=_other(story.caption, lambda: writer.fill(rng.choice(language.captions))))
        case "headline":
            return replace(story, title=_other(story.title, lambda: writer.fill(rng.choice(language.headlines))))
        case "standfirst":
            return replace(story, lead=_other(story.lead, writer.sentence))
        case "paragraph":
            place = rng.randint(1, len(story.paragraphs))
            added = (*story.paragraphs[:place], Paragraph(writer.paragraph()), *story.paragraphs[place:])
            return replace(story, paragraphs=added)
        case "byline":
            return replace(story, authors=(*story.authors, _other(story.authors[0], lambda: language.person(rng))))
        case "correction":
            return replace(
                story, paragraphs=(*story.paragraphs, Paragraph(f"{language.correction} ({story.swaps['number'][1]})"))
            )
        case "retraction":
            notice = (f"{language.retraction[0]} ({story.title})", language.retraction[1])
            return replace(story, lead=None, paragraphs=tuple(map(Paragraph, notice)), caption=None)


def _swapped(paragraphs: tuple[Paragraph, ...], old: str, new: str) -> tuple[Paragraph, ...]:
    swapped = tuple(replace(part, text=part.text.replace(old, new)) for part in paragraphs)
    if swapped == paragraphs:
        raise AssertionError(f"{old!r} does not stand in the text")
    return swapped


def _other(old: str | None, draw: Callable[[], str]) -> str:
    """A drawn text that differs from the old one."""
    new = draw()
    while new == old:
        new = draw()
    return new
