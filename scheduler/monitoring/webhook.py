"""The webhook: every alarm that opens or closes is posted to one address until the address accepts it.

The archive stores which alarms were posted. An address that does not answer is left alone for a while, each time twice as long.
The alarms that it missed are posted later, in order. `docs/how-to/watch-sources.md` describes the body.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import structlog

from archive.monitoring.health import AlarmEvent, mark_delivered, undelivered_events
from archive.storage.session import Archive

log = structlog.get_logger()

TIMEOUT = 10.0
"""The seconds within which an answer has to come."""
AT_ONCE = 50
"""The largest number of alarms that one upkeep posts."""
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follow no redirect, because a redirected POST would become a GET without its body. The address has to be the final one."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Webhook:
    """The client of one address. A daemon makes it once, because the client holds the time of the next try."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT) -> None:
        self._url = url
        self._timeout = timeout
        self._opener = urllib.request.build_opener(_NoRedirects)
        self._failures = 0
        self._not_before: datetime | None = None

    def tell(self, archive: Archive, now: datetime) -> int:
        """Post the alarms that were not posted yet, and return how many of them were accepted.

        If the address fails, this is logged and no error is raised.
        """
        if self._not_before is not None and now < self._not_before:
            return 0
        with archive.reading() as session:
            news = undelivered_events(session, now, AT_ONCE)
        taken = 0
        for each in news:
            if (problem := self._post(each)) is not None:
                self._failures += 1
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures - 1, 10))
                self._not_before = now + pause
                log.warning(
                    "webhook_failed",
                    host=urlsplit(self._url).hostname,
                    reason=problem,
                    again_at=self._not_before.isoformat(),
                )
                break
            with archive.writing() as session:
                mark_delivered(session, [each], now)
            taken += 1
            self._failures, self._not_before = 0, None
        return taken

    def _post(self, news: AlarmEvent) -> str | None:
        """Post one alarm, and describe what went wrong. None means that the address accepted it."""
        request = urllib.request.Request(  # the settings allow http and https only
            self._url,
            data=json.dumps(body(news), ensure_ascii=False).encode(),
            method="POST",
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Dateline",
                "X-Dateline-Event": news.event,
                "X-Dateline-Delivery": f"{news.pk}-{news.event.removeprefix('alarm.')}",
            },
        )
        try:
            with self._opener.open(request, timeout=self._timeout):
                return None
        except urllib.error.HTTPError as error:
            error.close()
            return f"HTTP {error.code}"
        except (OSError, HTTPException, ValueError) as error:
            return str(getattr(error, "reason", None) or error) or type(error).__name__


def body(news: AlarmEvent) -> dict[str, Any]:
    """The body that is posted."""
    return {
        "event": news.event,
        "alarm": {
            "id": news.pk,
            "kind": news.kind,
            "detail": news.detail,
            "opened_at": _time(news.opened_at),
            "closed_at": _time(news.closed_at),
        },
        "source": {"id": news.source_id, "name": news.source_name},
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
