"""What is still to be fetched, as rows: links, known articles, walks, mementos, channels and the origins they lie on.

The crawler's own frontier (`crawler/frontier`) holds in memory what it takes from here. From here, import `monitoring` and what
lies below it.
"""
