"""Item pipelines, in this order: extract, classify, deduplicate, record. `crawler.settings` lists them.

Scrapy calls them; no module imports from here.
"""
