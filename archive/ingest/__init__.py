"""What a crawl brings, recorded: articles with their revisions and observations, captures, and what was learnt of a site.

The crawler's last pipeline calls in here. From here, import `frontier` and what lies below it; never `query`.
"""
