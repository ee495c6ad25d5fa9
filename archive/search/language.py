"""The language of queries, which is the same whatever database answers. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.errors import UsageError
from archive.search.prepare import Script, pairs, runs

MOST_TERMS = 64

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»„＂「」『』", '"'))
_TERM = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))')


class QueryError(UsageError):
    """A query that cannot be answered."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase: stretches of text as `prepare.runs` gives them, to be found side by side."""

    runs: tuple[tuple[str, Script], ...]
    starred: bool = False

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of the term as the index holds them, in order.

        After the last stretch the text may go on, so its last character does not stand alone.
        """
        tokens: list[str] = []
        last = len(self.runs) - 1
        for at, (run, script) in enumerate(self.runs):
            if script == "word":
                tokens.append(run)
            elif at < last or len(run) == 1:
                tokens.extend(pairs(run))
            else:
                tokens.extend(pairs(run)[:-1])
        return tuple(tokens)

    @property
    def prefix(self) -> bool:
        """Whether the last token need only begin the word: it has a star, or is a single character of a script of pairs."""
        run, script = self.runs[-1]
        return self.starred if script == "word" else len(run) == 1


@dataclass(frozen=True, slots=True)
class Query:
    """A query. Of each group in `all_of` at least one term must be found. No term of `none_of` may be found."""

    all_of: tuple[tuple[Term, ...], ...]
    none_of: tuple[Term, ...] = ()


def parse(text: str) -> Query:
    """Parse what a person typed.

    Raises:
        QueryError: There is nothing to look for.
    """
    groups: list[list[Term]] = []
    without: list[Term] = []
    joins = False
    for found in _TERM.finditer(text.translate(_QUOTES)):
        if found["word"] in ("OR", "AND") and not found["minus"]:
            joins = found["word"] == "OR" and bool(groups)
            continue
        term = _term(found["word"] if found["phrase"] is None else found["phrase"], found["phrase"] is None)
        if term is None:
            continue
        if found["minus"]:
            if joins:
                raise QueryError(
                    f"cannot search for one word or the absence of another: {text.strip()!r}",
                    hint="Leave out OR before a word with a minus.",
                )
            without.append(term)
        elif joins:
            groups[-1].append(term)
        else:
            groups.append([term])
        joins = False
    if not groups:
        raise QueryError(
            f"nothing to look for in {text.strip()!r}",
            hint="Give at least one word of letters or digits" + (" besides those to leave out." if without else "."),
        )
    if sum(map(len, groups)) + len(without) > MOST_TERMS:
        raise QueryError(
            f"more than {MOST_TERMS} words", hint='A longer text is found as a phrase: put it in "quotes".'
        )
    return Query(tuple(map(tuple, groups)), tuple(without))


def _term(text: str, may_be_starred: bool) -> Term | None:
    found = tuple(runs(text))
    return Term(found, may_be_starred and text.endswith("*")) if found else None
