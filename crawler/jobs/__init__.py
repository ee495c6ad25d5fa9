"""Jobs of the archive's queue as this process works them: leased, turned into first requests, held while they run.

Spiders import from here. From here, import `channels` and `engine`.
"""
