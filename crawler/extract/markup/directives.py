"""What a publisher signals about keeping a page: robots directives (noarchive) and TDM reservations (W3C TDMRep).

All names and values are case-insensitive. Signals addressed to other robots than ours do not count.
"""

from __future__ import annotations

from collections.abc import Iterable

from archive.model.capture import Headers, Rights
from crawler.user_agent import TOKEN

_US = frozenset({"robots", TOKEN.lower()})
_NO_COPY = frozenset({"noarchive", "nocache", "nosnapshot"})  # nocache: Bing's word; `none` is only noindex, nofollow
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def header_rights(headers: Headers) -> Rights:
    """The signals of the response's header fields: X-Robots-Tag, tdm-reservation and tdm-policy."""
    evidence: list[str] = []
    for name, value in headers:
        if name.lower() == "x-robots-tag":
            evidence += [f"header:x-robots-tag={word}" for word in _addressed_to_us(value) if word in _NO_COPY]
    fields = [(name.lower(), value) for name, value in headers]
    return _rights("header", evidence, fields)


def page_rights(metas: Iterable[tuple[str, str]]) -> Rights:
    """The signals of the document's `<meta>` elements, given as pairs of name and content."""
    fields = [(name.strip().lower(), content) for name, content in metas]
    evidence = [
        f"meta:{name}={word}"
        for name, content in fields
        if name in _US
        for part in content.split(",")
        if (word := part.strip().lower()) in _NO_COPY
    ]
    return _rights("meta", evidence, fields)


def combine(*rights: Rights) -> Rights:
    """Combine the signals of several carriers, given in ascending priority for TDM: file, header, document.

    A later carrier that speaks wins. One that is silent resets nothing (TDMRep, section 6). `noarchive` of any
    carrier holds.
    """
    reservation, policy = None, None
    for state in rights:
        if state.tdm_reservation is not None:
            reservation = state.tdm_reservation
        policy = state.tdm_policy or policy
    return Rights(
        noarchive=any(state.noarchive for state in rights),
        tdm_reservation=reservation,
        tdm_policy=policy if reservation else None,
        evidence=tuple(dict.fromkeys(line for state in rights for line in state.evidence)),
    )


def _addressed_to_us(value: str) -> list[str]:
    """The directives of one X-Robots-Tag value that are meant for all robots or for ours.

    `otherbot: noindex, noarchive` speaks to that robot until the value ends or names the next one.
    """
    words, ours = [], True
    for part in value.split(","):
        directive = part.strip().lower()
        name, colon, rest = directive.partition(":")
        if colon and name.strip() not in _WITH_VALUE:
            ours, directive = name.strip() in _US, rest.strip()
        if ours and directive:
            words.append(directive)
    return words


def _rights(carrier: str, evidence: list[str], fields: list[tuple[str, str]]) -> Rights:
    noarchive = bool(evidence)
    # Only 0 and 1 are values; anything else is a protocol error and counts as unset. Of two that differ, 1 is safer.
    said = {value.strip() for name, value in fields if name == "tdm-reservation"} & {"0", "1"}
    reservation = "1" in said if said else None
    policy = next((value.strip() for name, value in fields if name == "tdm-policy" and value.strip()), None)
    evidence += [f"{carrier}:tdm-reservation={value}" for value in sorted(said)]
    if policy and reservation:
        evidence.append(f"{carrier}:tdm-policy={policy}")
    return Rights(noarchive, reservation, policy, tuple(dict.fromkeys(evidence)))
