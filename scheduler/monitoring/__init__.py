"""What the daemon tells people and machines: metrics, webhook, summary, alarms, hosts in a pause, what keeps it idle.

The daemon and the commands import from here. From here, import `policy` and the archive.
"""
