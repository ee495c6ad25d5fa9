"""The running crawl: it offers links, follows redirects, tries again, gives up, and carries answers to the pipelines.

From here, import `frontier`, `http`, `browser` and `extraction_pool`, but no channel and no spider.
"""
