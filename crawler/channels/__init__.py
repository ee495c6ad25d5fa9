"""What becomes of an answer, for each kind of channel: feeds and sitemaps, numbered lists, web archives, WARC files.

The pure half, from bytes to links, is `discover`. From here, import `engine` and what lies below it.
"""
