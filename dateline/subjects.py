"""What `dateline help SUBJECT` explains: for people who have the program and not its documents."""

from __future__ import annotations

from collections.abc import Mapping

REGISTRY = """How a source is described

A registry says which publishers Dateline follows. It is a YAML file with one entry for each source. Your own files go into the folder "sources" in the home of the archive. `dateline sources add URL` writes an entry for you.

An example of a file:

    sources:
      - id: yonhap-en
        name: Yonhap News Agency (English)
        homepage: https://en.yna.co.kr/
        country: KR
        language: en
        timezone: Asia/Seoul
        kind: wire
        discover:
          - feed: https://en.yna.co.kr/RSS/news.xml

The keys id, name and homepage are required. All other keys may be left out.

    id: lower-case letters, digits and hyphens. It is unique and never changes.
    name: the name that people read.
    homepage: the address of the site.
    country: two capital letters (ISO 3166-1), such as KR.
    language: a BCP 47 tag such as en or zh-Hans, or a list of tags.
    timezone: an IANA name such as Asia/Seoul. Days and dates without a zone are read in it.
    kind: foreign-ministry, presidency/government, wire, newspaper, broadcaster, journal/think-tank, intergovernmental or aggregator.
    discover: a list of channels, which are the ways to the articles. If it is missing, Dateline looks for channels on the homepage. `dateline help channels` explains them.
    article_urls: {allow: [...], deny: [...]}, regular expressions. An address is taken if no expression of deny and at least one of allow is found in it.
    render: true if the pages are empty without their scripts. A browser then reads them. {scroll: 5, click: CSS, wait: CSS}, or some of these: it also does this with lists before they are read.
    schedule: adaptive, or "every 15m", or a cron line in the time zone of the source.
    delay: the seconds between two requests to one host. A longer delay in robots.txt wins.
    extract: CSS selectors for title, body, date, authors and remove. They replace what Dateline finds by itself.
    expect: {per_day: [5, 200]}, the least and the most articles that a day should bring.
    status: unverified, verified or refused. A refused source is never asked, and its note must say why.
    note: what the next reader should know.

Text that contains a colon or a backslash stands in single quotes."""

CHANNELS = """How to follow a source that has no feed

The key discover of a registry entry lists channels. A channel is one way to the articles of a source. Every channel has a kind and an address.

A feed (RSS, Atom or JSON Feed), or a sitemap:

      - feed: https://www.mfa.example/rss.xml
      - sitemap: https://www.mfa.example/sitemap.xml

A page with links. The key links is the CSS of the links, and next is the CSS of the link to the next page. Dateline finds both by itself if they are missing:

      - listing: https://www.mfa.example/press/
        links: "h3.title a"
        next: "a.next"

A page with links that are scripts. The key pattern finds the id of the article, and view is the address into which it goes:

      - listing: https://mofa.example/list.do
        links: "td.subject a"
        pattern: 'f_view\\(.(\\d+).\\)'
        view: "/view.do?seq={id}"

A page for each day:

      - archive: "https://www.mfa.example/news/{date:%Y/%m/%d}/"

A list in JSON. The keys are paths in JMESPath:

      - json: https://www.mfa.example/api/press
        items: data.list
        links: url
        title: headline
        date: published

Articles with consecutive numbers:

      - ids: https://www.mfa.example/view/{id}
        start: 41000

What a web archive or WARC files hold. Only `dateline backfill` reads these:

      - wayback: https://www.mfa.example/press/
      - warc: /data/crawls/*.warc.gz

Feeds mostly reach back a few days. For older articles a source needs a sitemap, a list with further pages, or a web archive. `dateline sources check ID` shows whether a channel works."""

TIMES = """How days and times are written

    2026-11-03 is a whole day.
    2026-11 is a whole month.
    2026 is a whole year.
    2026-11-03T09:30 is a time in the time zone of each source.
    2026-11-03T09:30Z is a time in UTC.
    2026-11-03T18:30:00+09:00 is the same time in another zone.
    today is the day that this machine's clock shows.
    yesterday is the day before it.
    7d is the time seven days ago. 24h and 2w are written in the same way.

With --since, a day, month or year is meant from its beginning. With --until and --as-of, it is meant to its end.

`dateline backfill` and `dateline coverage` count days in the time zone of each source."""

SUBJECTS: Mapping[str, str] = {"registry": REGISTRY, "channels": CHANNELS, "times": TIMES}
