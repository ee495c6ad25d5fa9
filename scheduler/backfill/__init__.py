"""Backfills: a range of days cut into windows, and one backfill seen through to its end."""
