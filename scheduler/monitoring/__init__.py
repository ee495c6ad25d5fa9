"""Reports of the daemon to people and machines: metrics, webhook, summary, alarms, hosts in a pause, and what keeps it idle.

The daemon and the commands import from here. From here, import `policy` and the archive.
"""
