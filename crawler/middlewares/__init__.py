"""Downloader middlewares, as `crawler.settings` lists them.

Scrapy calls them, and `commands` imports what they refuse with. From here, import nothing of the crawler.
"""
