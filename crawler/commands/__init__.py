"""Commands of `scrapy` in this project (Scrapy's setting COMMANDS_MODULE): what differs from Scrapy's own, under the same names.

Scrapy imports from here, and nobody else. From here, import Scrapy alone.
"""
