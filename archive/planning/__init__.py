"""What the scheduler plans from: when channels are polled and articles revisited, checks of sources, windows of backfills.

The decisions themselves are pure and live in `scheduler/policy`. From here, import `frontier` and what lies below it.
"""
