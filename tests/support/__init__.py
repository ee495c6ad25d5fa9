"""What several test files share. Look here before you write a helper; a helper that a second file needs moves here.

Commands
    forked              `python -m MODULE …` in a process of its own, without waiting for its imports: how tests start `dateline`
    front_door          a command in the test's own process, whose exceptions come through
    terminal            a command on a pseudo-terminal: to its end, what many show, or one that goes on while keys are pressed
    commands            every command, found by looking at the app, and the words with which tests call it
    crawled             one `dateline crawl` over sites that a test serves, and what it answered
    at                  the command with a clock that stands at a time of the test's choice
    endless             the command with readers that never come to the end of some pages (with endless_reading)
    survey              a search of sites with a clock that stands (a program)

Somebody who uses the product
    reader              with a home folder, a newsroom in reach, and the command
    documents           the examples of the documents, found in their Markdown
    archivist           backfills of the press, undisturbed and killed; and what must hold of both

Processes, clocks and waiting
    processes           daemons that a test can kill, wholly or in part; `until` for tests without an event loop
    waiting             `until` for tests in an event loop; how long a test waits at most
    fast                a clock that runs hundreds of times faster, and daemons that live by it (a program)
    held                pages that are read for as long as a test wants

Servers
    hostile             misbehaves in every way that we must survive
    town                small publishers of today, a host each; a test can hold an answer back
    gazette             a small site whose template can be redesigned
    press               a publisher with a past: thousands of pages behind a sitemap, a list and a dated archive
    lists               sites that show their articles by other lists than feeds
    web_archive         a CDX API, mementos, and the live sites' robots.txt beside it
    (pytest-httpserver  answers from a table: the fixture `httpserver`)
    (dateline.newsroom  the sample newsroom, which the product comes with: the fixture `room`)

Pages and files
    past_pages          pages of a small site, in the states that they had
    foreign_warc        WARC files as others make them
    mutate              gold pages, cut, doubled, nested and mixed

Tasks and fetching
    handlers            handlers of tasks, for tests of the frontier that need no crawl
    room                a fetching process without Scrapy: the test does what the spider would

Archives and backfills
    databases           on which databases a test runs, where it does not run on both every time
    old_schema          archives as earlier versions made them, for tests that upgrade one
    emptied             PostgreSQL databases that many tests use, one after the other
    writing             the archive's writer, and works for it
    backfill            backfill jobs of a registry, carried out once (a program)
    past_backfill       a backfill of one source that a test can kill, and what came of it (with past_backfill_run)
    (archive.testing    archives, sources, articles and captures to begin with: `START`, `a_source`, `an_article`, `Desk`)

Long trials and bounds
    chaos               strikes at a daemon, its database and its publishers, drawn from a seed
    soundness           what must hold of an archive, whatever its daemon went through
    growth              texts that an expression may take too long over
    readonly            folders that a process may only read
    chromium            the Chromium of tests with a browser

Feeds, sitemaps and pages of a few lines stand in the test that reads them: what matters is how they are written.
"""
