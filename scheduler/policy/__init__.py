"""Decide when to poll, when to look again and when to try again: pure functions of what happened and of the present time."""
