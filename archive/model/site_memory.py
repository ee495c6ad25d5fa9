"""What the archive has learnt of a site: where on its pages the fields are, and which lines recur on them. Values only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Literal, Self

FORMAT = 1
"""Raise by one when what is learnt comes to mean something else: what another version learnt is then ignored, and learnt
again."""

FieldName = Literal["title", "lead", "authors", "date", "body"]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a field: the first element that `selector` finds. On `seen` of `pages` pages that was the field."""

    selector: str
    seen: int
    pages: int


@dataclass(frozen=True, slots=True)
class Template:
    """The places of the fields of a site's articles. A field without a place is read the generic way.

    `shortest` and `longest` are numbers of letters of the bodies that it was learnt from. `outside` is the largest number of
    characters of paragraphs that stood outside their place. A page that goes far beyond these is read the generic way.
    """

    places: Mapping[FieldName, Place] = field(default_factory=dict)
    pages: int = 0
    shortest: int = 0
    longest: int = 0
    outside: int = 0
    noise: frozenset[str] = frozenset()
    """Names of boxes whose lines recur on other pages: teasers, promotion."""

    def selector(self, name: FieldName) -> str | None:
        """The selector of a field. None means that the field has no place."""
        place = self.places.get(name)
        return place.selector if place else None

    @property
    def selectors(self) -> dict[str, str]:
        """The selectors of all fields that have a place."""
        return {name: place.selector for name, place in sorted(self.places.items())}


@dataclass(frozen=True, slots=True)
class Block:
    """A line that recurs: its `key` in comparable form, its beginning for people, and the number of distinct articles on which
    it was.
    """

    key: str
    text: str
    articles: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of a site at one time, as it is stored."""

    template: Template | None = None
    blocks: tuple[Block, ...] = ()

    @property
    def digest(self) -> str:
        """The digest of everything that can change a reading. It is empty where nothing can."""
        if self.template is None and not self.blocks:
            return ""
        template = self.template or Template()
        bounds = (template.shortest, template.longest, template.outside, sorted(template.noise))
        parts = [FORMAT, template.selectors, bounds, sorted(block.key for block in self.blocks)]
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]

    def as_json(self) -> dict[str, Any]:
        """The form in which it is stored."""
        template = self.template
        return {
            "template": None
            if template is None
            else {
                "places": {n: [p.selector, p.seen, p.pages] for n, p in template.places.items()},
                "pages": template.pages,
                "shortest": template.shortest,
                "longest": template.longest,
                "outside": template.outside,
                "noise": sorted(template.noise),
            },
            "blocks": [[block.key, block.text, block.articles] for block in self.blocks],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What was learnt, from its stored form."""
        raw = data["template"]
        if raw is None:
            return cls(None, tuple(Block(*block) for block in data["blocks"]))
        places = {name: Place(*place) for name, place in raw["places"].items()}
        template = Template(**raw | {"places": places, "noise": frozenset(raw["noise"])})
        return cls(template, tuple(Block(*block) for block in data["blocks"]))


@dataclass(frozen=True, slots=True)
class Memory:
    """What a reading is given of the memory of a site. `version` is part of the extractor's.

    `collecting` asks the reading to say what could be learnt from the page. `checking` asks it to read the page the generic way
    as well. Neither changes the reading itself.
    """

    version: str = ""
    template: Template | None = None
    blocks: frozenset[str] = frozenset()
    collecting: bool = False
    checking: bool = False

    @classmethod
    def of(cls, learnt: Learnt, *, collecting: bool = False, checking: bool = False) -> Self:
        """The memory of what was learnt."""
        return cls(
            learnt.digest, learnt.template, frozenset(block.key for block in learnt.blocks), collecting, checking
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its key in comparable form, its beginning, the name of the box that contains it, and its number of
    letters.
    """

    key: str
    text: str
    box: str
    letters: int


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """Selectors that find one element, the lines that it would give (places in `Evidence.lines`), and the number of characters
    of paragraphs outside it.
    """

    selectors: tuple[str, ...]
    lines: tuple[int, ...]
    outside: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one page teaches.

    `places` has, for each field but the body, the selectors that would have found its value there, with how well (0 to 1).
    `body` says which of the `lines` were read as the body, the generic way. `bodies` are elements that may be its place.
    `agreed` says whether the page's own description of itself is in that body. It is None where that cannot be told.
    """

    places: Mapping[FieldName, Mapping[str, float]] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    body: tuple[int, ...] = ()
    bodies: tuple[BodyPlace, ...] = ()
    agreed: bool | None = None

    def without_text(self) -> Self:
        """The same evidence with nothing of the page's text but digests, for pages that may not be kept."""
        return replace(self, lines=tuple(replace(line, text="") for line in self.lines))

    def as_json(self) -> dict[str, Any]:
        """The form in which evidence is stored."""
        boxes = {box: place for place, box in enumerate(dict.fromkeys(line.box for line in self.lines))}
        return {
            "places": {name: dict(found) for name, found in self.places.items()},
            "boxes": list(boxes),
            "lines": [[line.key, line.text, boxes[line.box], line.letters] for line in self.lines],
            "body": list(self.body),
            "bodies": [[list(p.selectors), list(p.lines), p.outside] for p in self.bodies],
            "agreed": self.agreed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Evidence from its stored form."""
        return cls(
            data["places"],
            tuple(Line(key, text, data["boxes"][box], letters) for key, text, box, letters in data["lines"]),
            tuple(data["body"]),
            tuple(BodyPlace(tuple(names), tuple(lines), outside) for names, lines, outside in data["bodies"]),
            data["agreed"],
        )


STEPS = (5, 10, 20, 40)
"""Distinct articles after which a site is learnt; then each time their number has grown fourfold. Seldom, because with every
version of what is learnt the last captures are read again."""
WINDOW = 40
"""Articles whose evidence is kept at most."""
LATER_WINDOW = 20
"""Articles before a later step from which evidence is collected."""
RECENT = 12
DRIFTED = 8
"""A template that did not fit so many of the recent pages is retired."""
FITTED, MISSED, CONTRADICTED = "1", "0", "?"
"""What a page said of the template: it fitted; it did not; it seemed to, but the generic reading found another text."""
CONTRADICTION = "contradicted: "
"""How the reason of the last one begins."""


def next_step(seen: int) -> int:
    """The number of articles at which the site is learnt next."""
    step = next((step for step in STEPS if step > seen), STEPS[-1] * 4)
    while step <= seen:
        step *= 4
    return step


def is_collecting(seen: int) -> bool:
    """Return whether evidence is collected with so many articles seen."""
    step = next_step(seen)
    return step in STEPS or seen >= step - LATER_WINDOW


def mark(misfit: str) -> str:
    """The letter for a page that was read by template. `misfit` says what did not fit. An empty one means that all did."""
    if not misfit:
        return FITTED
    return CONTRADICTED if misfit.startswith(CONTRADICTION) else MISSED


def missed(recent: str) -> int:
    """The number of the `RECENT` last pages that the template did not fit. `recent` holds a letter a page, the newest last."""
    last = recent[-RECENT:]
    return len(last) - last.count(FITTED)


def drifted(recent: str) -> bool:
    """Return whether the site was redesigned."""
    return missed(recent) >= DRIFTED


def in_doubt(recent: str) -> bool:
    """Return whether every page is to be read the generic way as well.

    That is so where the template still finds something that may be the wrong thing. The sample alone would need weeks to tell.
    """
    return CONTRADICTED in recent[-RECENT:]
