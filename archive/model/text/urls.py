"""URLs: one spelling for each address (WHATWG URL standard, through ada), without what only counts clicks.

`clean_url` gives the address that we ask and show; `url_key` the identity under which it is filed, where `http` and
`https`, `www.` and a final slash do not make two addresses of one page.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

import ada_url

TRACKING = re.compile(
    r"""^(?:
        utm_\w+ | mtm_\w+ | pk_\w+ | matomo_\w+ | at_(?:medium|campaign|custom\d|link\w*|format|ptr_name|bbc_team)
      | (?:fb|g|d|ms|tw|yandex|li_fat_|irc|igs)clid | gclsrc | gbraid | wbraid | yclid | ysclid | _openstat
      | mc_[ce]id | mkt_tok | _hs(?:enc|mi) | vero_\w+ | oly_(?:anon|enc)_id | wickedid
      | igshid | ncid | cmpid | cmp_id | smid | smtyp | ito | ocid | xtor | xtref | wt_mc | wt\.mc_\w+ | icid | ns_\w+ | echobox
      | spm | scm | share_token | guccounter | guce_\w+ | taid | __twitter_impression | __cf_chl\w*
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
"""Names of query parameters that tell how a reader came, never which page it is (uBlock and ClearURLs agree on these).

`ref`, `source`, `from`, `id` and the like are left alone: on some sites they choose the page.
"""

LONGEST_KEY = 1000
_WEB = ("http:", "https:")
_DEFAULT_DOCUMENT = re.compile(r"/index\.(?:html?|php|aspx?)$", re.IGNORECASE)


def is_http(url: str) -> bool:
    """Return whether `url` is absolute and of a scheme that we fetch."""
    return url[:8].lower().startswith(("http://", "https://"))


@lru_cache(maxsize=1024)
def clean_url(url: str, base: str | None = None) -> str | None:
    """The normal form of `url` (made absolute with `base`), without fragment, credentials and tracking parameters.

    None means that it is no http(s) address: `javascript:`, `mailto:`, a broken host, a relative address without base.
    """
    try:
        parsed = ada_url.URL(url.strip(), base) if base else ada_url.URL(url.strip())
        if parsed.protocol not in _WEB or not parsed.hostname:
            return None
        parsed.hash = ""
        parsed.username = parsed.password = ""
        if parsed.search:
            kept = [
                part for part in parsed.search[1:].split("&") if part and not TRACKING.match(part.partition("=")[0])
            ]
            parsed.search = "&".join(kept)
        return str(parsed.href)
    except (ValueError, UnicodeError):
        return None


@lru_cache(maxsize=4096)
def url_key(url: str) -> str:
    """The identity of an address within a source.

    It is the clean form without scheme, `www.`, default document and final slash, with the parameters sorted. For something
    that is no http(s) address it is the string itself.
    """
    cleaned = clean_url(url)
    if cleaned is None:
        return url[:LONGEST_KEY]
    parts = urlsplit(cleaned)
    host = parts.netloc.removeprefix("www.")
    path = _DEFAULT_DOCUMENT.sub("/", parts.path).rstrip("/")
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    key = f"{host}{path}" + (f"?{query}" if query else "")
    # Keys are indexed, and PostgreSQL indexes values of 2,700 bytes at most.
    return key if len(key) <= LONGEST_KEY else f"{key[:LONGEST_KEY]}#{sha256(key.encode()).hexdigest()}"


_SECOND_LEVEL = frozenset(
    [
        "ac",
        "co",
        "com",
        "edu",
        "gob",
        "gov",
        "go",
        "gouv",
        "gub",
        "info",
        "int",
        "mil",
        "mofa",
        "ne",
        "net",
        "nom",
        "or",
        "org",
    ]
)


def same_site(a: str, b: str) -> bool:
    """Return whether two addresses are of one publisher's site: their hosts share the registrable name.

    The public suffix list changes meaning with its version (gov.cz became a suffix), and would make `a.gov.uk` and `b.gov.uk`
    strangers only if it is current. The rule here is short and stable: the last two labels, or three where the last but one is
    a usual second level (`gov.vn`, `co.kr`) under a country's top level.
    """
    return _site(a) == _site(b) != ""


def _site(url: str) -> str:
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    labels = host.split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2:
        return ".".join(labels[-3:])
    if labels[-1].isdigit() or ":" in host:  # an IP address has no levels
        return host
    return ".".join(labels[-2:])


def host_of(url: str) -> str:
    """The unit of politeness: the host name, with its port unless that is the scheme's own.

    An IPv6 address stays in its brackets, so that an address can be made of it again.
    """
    parts = urlsplit(url)
    name = (parts.hostname or "").lower()
    name = f"[{name}]" if ":" in name else name
    return name if parts.port in (None, 80, 443) else f"{name}:{parts.port}"


def origin_of(url: str) -> str:
    """The origin of an address, `scheme://host[:port]`: the unit for which a robots.txt speaks (RFC 9309, 2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
