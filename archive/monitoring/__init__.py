"""What was watched and how well: runs, the coverage of each day, and the health of sources.

`query` and the scheduler read from here. From here, import `writer` and what lies below it.
"""
