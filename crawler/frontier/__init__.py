"""What is to be fetched next, in memory: queues by host, tasks, what is in flight, and walks over lists.

Its rows are `archive/frontier`. Nothing here sends a request.
"""
