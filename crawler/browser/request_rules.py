"""Decide which requests of a page are allowed while it is rendered. Pure.

let: the request goes out like every request of a crawl (robots.txt, delay, budget, address guard)
empty: the request is answered with nothing, because scripts wait for an answer
anything else: the reason why the request is refused
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from archive.model.text.urls import is_http

Ruling = Literal["let", "empty", "kind", "tracker", "method", "navigation", "not-http", "credentials"]

_LET = frozenset(["script", "xhr", "fetch"])
_EMPTY = frozenset(["stylesheet"])
"""Kinds that get an empty answer. Style sheets are not needed, but a bundler that loads one for its script stops if that fails."""

_TRACKERS = """
adform.net adnxs.com adobedtm.com adsrvr.org amazon-adsystem.com amplitude.com app-measurement.com appsflyer.com
bat.bing.com beacon.krxd.net bluekai.com bounceexchange.com branch.io casalemedia.com chartbeat.com chartbeat.net
clarity.ms clicktale.net cloudflareinsights.com cnzz.com comscore.com contentsquare.net counter.yadro.ru
crazyegg.com criteo.com criteo.net demdex.net doubleclick.net doubleverify.com dynatrace.com effectivemeasure.net
everesttech.net exelator.com facebook.net fullstory.com gemius.pl google-analytics.com googleadservices.com
googlesyndication.com googletagmanager.com googletagservices.com heapanalytics.com hm.baidu.com hotjar.com
hs-analytics.net id5-sync.com imrworldwide.com ioam.de jsagent.tcell.io liveinternet.ru lr-ingest.io marfeel.com
marketo.net matomo.cloud mc.yandex.ru mgid.com mixpanel.com moatads.com mouseflow.com newrelic.com nr-data.net
omtrdc.net onesignal.com openx.net optimizely.com outbrain.com parsely.com permutive.com plausible.io
pubmatic.com quantcast.com quantserve.com rlcdn.com rubiconproject.com scorecardresearch.com segment.com segment.io
sentry.io sharethis.com smartadserver.com snowplow.io taboola.com tealiumiq.com tns-counter.ru top.mail.ru top100.ru
umami.is yandexadexchange.net zedo.com
"""
TRACKERS = frozenset(_TRACKERS.split())
"""Domains that measure readers or sell advertisements, with all their subdomains. Their scripts write no articles."""


def rule(kind: str, url: str, method: str, *, first: bool, navigation: bool) -> Ruling:
    """Decide what is done with a request of a page.

    `kind` is Chromium's resource type. `navigation` means that the request would load another document into the page or into
    one of its frames. `first` means that it is the request for the document that is being rendered.
    """
    if not is_http(url):
        return "not-http"
    if navigation:
        return "let" if first else "navigation"
    if kind in _EMPTY:
        return "empty"
    if kind not in _LET:
        return "kind"
    if "@" in urlsplit(url).netloc:
        return "credentials"
    if is_tracker(url):
        return "tracker"
    return "let" if method == "GET" else "method"


def is_tracker(url: str) -> bool:
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    while host:
        if host in TRACKERS:
            return True
        host = host.partition(".")[2]
    return False


_PASSED_ON = frozenset(["accept", "accept-language", "origin", "referer", "x-requested-with"])


def passed_on(headers: dict[str, str]) -> dict[str, str]:
    """The headers of a page's request that go out with it: what it accepts, and where it comes from.

    Cookies and credentials are left out. The user agent is Dateline's own.
    """
    return {name: value for name, value in headers.items() if name.lower() in _PASSED_ON}


_OF_THE_WIRE = (
    "connection content-encoding content-length keep-alive transfer-encoding"
    " alt-svc link nel refresh report-to set-cookie strict-transport-security"
)
_NOT_SHOWN = frozenset(_OF_THE_WIRE.split())


def visible_headers(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The headers of an answer as the page sees them.

    Headers of the coding are left out, because the body is decoded. So are headers that would lead to other requests.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower not in _NOT_SHOWN:
            found[lower] = f"{found[lower]}, {value}" if lower in found else value
    return found
