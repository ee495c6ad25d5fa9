"""Rules between us and a server: robots, TDM reservations, pauses, public addresses only, and what failures are called.

From here, import `settings` and `user_agent` alone.
"""
