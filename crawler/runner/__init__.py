"""One fetching process from its begin to its end: a crawl, a worker, checks, a survey, a single page, an estimate.

The commands import from here. From here, import everything below: this is the top of the room.
"""
