"""Processes that read pages, so that a page which never ends costs its own process and nothing else.

What is read there is `reading`. The engine and the pipelines import `pool`.
"""
