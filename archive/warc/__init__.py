"""WARC files (ISO 28500): written while a crawl runs, read record by record, and repaired after a crash.

From here, import `storage`, `config` and `model`.
"""
