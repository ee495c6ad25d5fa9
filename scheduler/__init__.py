"""The scheduler: the daemon, its ticks, and the plans that become jobs. It starts fetching processes and never fetches.

    daemon ─> ticks ─> policy (pure: what is due) ─> archive.planning (rows) ─> jobs
                └────> backfill, monitoring

The crawler is started as a process by `launcher` and never imported.
"""
