"""Spiders, as Scrapy calls them: where the first requests come from, and where answers go in.

`runner` starts them. They hand each answer to the `engine`.
"""
