"""Checks of the fields of a registry entry. Each check answers what is wrong with a text. None means that nothing is."""

from __future__ import annotations

import re
import string
from datetime import date, timedelta
from zoneinfo import ZoneInfo, available_timezones

from archive.config import parse_duration
from archive.model.source import ChannelKind
from archive.model.text.urls import clean_url, is_http
from archive.registry.nodes import Check, suggestion

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_ID = 64

# ISO 3166-1 alpha-2 as of 2026, all officially assigned codes.
_ASSIGNED = frozenset({
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB",
    "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY",
    "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX",
    "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK",
    "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS",
    "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR",
    "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA",
    "LB", "LC", "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
    "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE",
    "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM",
    "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG",
    "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF",
    "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY",
    "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW",
})  # fmt: skip
# Not assigned, but reserved and in general use: Kosovo, and the two organisations that publish as countries do.
_RESERVED = frozenset({"XK", "EU", "UN"})

# RFC 5646, 2.1, without extensions, private use and grandfathered tags, which no publisher's site needs.
_LANGUAGE = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*",
    re.IGNORECASE,
)
_COUNTRY_FOR_LANGUAGE = {
    "cn": "zh", "cz": "cs", "dk": "da", "gb": "en", "gr": "el", "il": "he", "in": None, "iw": "he", "jp": "ja", "kp": "ko",
    "kr": "ko", "kz": "kk", "tw": "zh-Hant", "ua": "uk", "us": "en", "vn": "vi",
}  # fmt: skip
"""Codes that are countries' (or withdrawn) and no language's; the language that was probably meant."""

_CRON_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_CRON_PART = re.compile(r"(?:\*|(?P<first>\w{1,9})(?:-(?P<last>\w{1,9}))?)(?:/(?P<step>\d{1,9}))?")


def source_id(text: str) -> str | None:
    """Check an id of a source."""
    if _SLUG.fullmatch(text) and len(text) <= _LONGEST_ID:
        return None
    return f"id {text!r} must be lower-case letters, digits and single hyphens, at most {_LONGEST_ID}: yonhap-en"


def web_address(text: str) -> str | None:
    """Check an absolute http(s) address."""
    if is_http(text) and not re.search(r"\s", text) and clean_url(text) is not None:
        return None
    return f"{text!r} is not an http(s) address"


def country(text: str) -> str | None:
    """Check a code of a country (ISO 3166-1 alpha-2)."""
    if text in _ASSIGNED or text in _RESERVED:
        return None
    hint = " (did you mean 'GB'?)" if text == "UK" else ""
    if text.upper() in _ASSIGNED:
        hint = f" (did you mean {text.upper()!r}?)"
    return f"country {text!r} is not a code of ISO 3166-1 alpha-2{hint}"


def language(text: str) -> str | None:
    """Check a tag of a language (BCP 47)."""
    match = _LANGUAGE.fullmatch(text)
    if match is None:
        return f"language {text!r} is not a BCP 47 tag such as en, pt-BR or zh-Hans"
    primary = match["language"].lower()
    if primary in _COUNTRY_FOR_LANGUAGE:
        meant = _COUNTRY_FOR_LANGUAGE[primary]
        return f"language {text!r}: {primary!r} is no language" + (f" (did you mean {meant!r}?)" if meant else "")
    return None


def timezone(text: str) -> str | None:
    """Check a name of a time zone (IANA)."""
    try:
        if text != "localtime":  # a file of this machine, not a zone
            ZoneInfo(text)
            return None
    except (KeyError, ValueError, OSError):
        pass
    return f"timezone {text!r} is not a name of the IANA time zone database{_zone_suggestion(text)}"


def _zone_suggestion(text: str) -> str:
    zones = available_timezones()
    city = text.rpartition("/")[2].replace(" ", "_").lower()
    same_city = sorted(zone for zone in zones if zone.rpartition("/")[2].lower() == city)
    if same_city:
        return f" (did you mean {same_city[0]!r}?)"
    lowered = {zone.lower(): zone for zone in zones}
    hint = suggestion(text, lowered)
    match = re.search(r"'(.+)'", hint)
    return f" (did you mean {lowered[match[1]]!r}?)" if match else ""


def _short(text: str) -> str:
    """A text in quotes, for a message."""
    return repr(text if len(text) <= 80 else f"{text[:79]}…")


def regular_expression(text: str) -> str | None:
    """Check a regular expression."""
    try:
        re.compile(text)
    except RecursionError:
        return f"{_short(text)} is no regular expression that can be used: it is nested too deeply"
    except (re.error, OverflowError) as error:
        return f"{_short(text)} is not a regular expression: {error}"
    return None


def css(text: str) -> str | None:
    """Check a CSS selector."""
    from cssselect import SelectorError  # a third of a second that most commands need not spend
    from lxml.cssselect import CSSSelector
    from lxml.etree import XPathError

    try:
        CSSSelector(text, translator="html")
    except RecursionError:
        return f"{_short(text)} is no CSS selector that can be used: it has too many parts, or is nested too deeply"
    except (SelectorError, XPathError) as error:
        return f"{_short(text)} is not a CSS selector: {error}"
    return None


def schedule(text: str) -> str | None:
    """Check a schedule: `adaptive`, `every <duration>`, or the five fields of a cron line."""
    if text == "adaptive":
        return None
    word, _, rest = text.partition(" ")
    if word == "every":
        try:
            length = parse_duration(rest)
        except ValueError as error:
            return f"schedule: {error}"
        return None if isinstance(length, timedelta) and length > timedelta(0) else "schedule: every 0 is never"
    fields = text.split()
    if len(fields) != len(_CRON_FIELDS):
        return (
            f"schedule {text!r} must be adaptive, every <duration> such as every 15m, or the five fields of a cron line"
        )
    for value, (name, lowest, highest, names) in zip(fields, _CRON_FIELDS, strict=True):
        for part in value.split(","):
            if not _cron_part(part.lower(), lowest, highest, names):
                return f"schedule {text!r}: {part!r} is no {name} ({lowest}-{highest})"
    return None


def _cron_part(part: str, lowest: int, highest: int, names: tuple[str, ...]) -> bool:
    match = _CRON_PART.fullmatch(part)
    if match is None or (match["step"] is not None and int(match["step"]) == 0):
        return False
    ends = [lowest + names.index(end) if end in names else end for end in (match["first"], match["last"]) if end]
    if not all(str(end).isdecimal() for end in ends):
        return False
    numbers = [int(end) for end in ends]
    return all(lowest <= number <= highest for number in numbers) and numbers == sorted(numbers)


def jmespath(text: str) -> str | None:
    """Check a JMESPath."""
    from jmespath import compile as compile_path
    from jmespath.exceptions import JMESPathError

    try:
        path = compile_path(text)
    except RecursionError:
        return f"{_short(text)} is no JMESPath that can be used: it is nested too deeply"
    except ValueError as error:  # jmespath's own errors are such, too
        return f"{_short(text)} is not a JMESPath: {' '.join(str(error).split())[:300]}"
    try:
        path.search(None)
    except RecursionError:
        return f"{_short(text)} is no JMESPath that can be used: it has too many steps"
    except JMESPathError:
        pass  # nothing is no value for its functions; an answer will be
    return None


def capturing(text: str) -> str | None:
    """Check a regular expression with a group, which picks the id."""
    wrong = regular_expression(text)
    if wrong is None and re.compile(text).groups < 1:
        wrong = f"{text!r} has no group: put the part that is meant into parentheses"
    return wrong


def _date_template(text: str) -> str | None:
    if _template_fields(text) != {"date"}:
        return f"{text!r} must have a date to be filled in, and nothing else, such as {{date:%Y/%m/%d}}"
    if not any(spec and "%" in spec for _, name, spec, _ in string.Formatter().parse(text) if name is not None):
        return f"{text!r} must say how the date is written, such as {{date:%Y/%m/%d}}"
    return _filled(text, date=date(2024, 2, 29))


def _number_template(text: str) -> str | None:
    if _template_fields(text) != {"id"}:
        return f"{text!r} must have a number to be filled in, and nothing else, such as {{id}} or {{id:05d}}"
    return _filled(text, id=1)


def view_template(text: str) -> str | None:
    """Check an address, perhaps a relative one, with {id}."""
    if _template_fields(text) != {"id"}:
        return f"{text!r} must have an id to be filled in, and nothing else: {{id}}"
    return _filled(text, relative=True, id="1")


def page_template(text: str) -> str | None:
    """Check an address, perhaps a relative one, with {page} or {cursor}."""
    return step_template(text) or _filled(text, relative=True, **_STEP)


def step_template(text: str) -> str | None:
    """Check a text in which {page} or {cursor} may be filled in."""
    fields = template_fields(text)
    if fields is None or not fields <= _STEP.keys():
        return f"{text!r} may have {{page}} or {{cursor}} to be filled in, and nothing else"
    try:
        text.format(**_STEP)
    except (ValueError, KeyError, IndexError) as error:
        return f"{text!r} cannot be filled in: {error}"
    return None


_STEP: dict[str, object] = {"page": 2, "cursor": "x"}


def _filled(text: str, relative: bool = False, **values: object) -> str | None:
    try:
        filled = text.format(**values)
    except (ValueError, KeyError, IndexError) as error:
        return f"{text!r} cannot be filled in: {error}"
    if relative and clean_url(filled, "https://list.example/a/") is not None:
        return None
    return web_address(filled)


def template_fields(text: str) -> set[str] | None:
    """The names that are filled into a template. None means that it is no template (a brace without its pair)."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def _template_fields(text: str) -> set[str]:
    return template_fields(text) or set()


def _warc_place(text: str) -> str | None:
    """A path or pattern of files, or an address that files are read from; it is looked for when it is read."""
    if warc_scheme(text) is None:
        return f"{text!r}: WARC files are read from paths, file:, s3:, http: and https: only"
    return web_address(text) if is_http(text) else None


def warc_scheme(place: str) -> str | None:
    """How the WARC files of a place are read: `file` (for paths, too), `s3`, `http` or `https`.

    None means anything else, such as a chain of schemes.
    """
    scheme, mark, _ = place.partition("://")
    if not mark:
        return "file"
    return scheme.lower() if scheme.lower() in ("file", "s3", "http", "https") else None


CHANNEL_ADDRESS: dict[ChannelKind, Check] = {
    "feed": web_address,
    "sitemap": web_address,
    "listing": web_address,
    "archive": _date_template,
    "json": web_address,
    "ids": _number_template,
    "wayback": web_address,
    "warc": _warc_place,
}
