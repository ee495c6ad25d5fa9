"""WARC files (ISO 28500): written as crawls go, read record by record, and recovered after a crash.

From here, import `storage`, `config` and `model`.
"""
