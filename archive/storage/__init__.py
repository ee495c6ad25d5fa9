"""The database itself: opening it, its sessions, its locks and its id.

Every room that reads or writes rows imports from here. From here, import `tables`, `search` and `config`, and nothing above them.
"""
