"""The one thread that writes: transactions in groups, batched inserts, and the aliases that one transaction looks up.

Whatever records anything imports from here. From here, import `storage` and what lies below it.
"""
