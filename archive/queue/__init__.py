"""The job queue: jobs and their leases, the processes that work them, and the slots that hosts grant.

The crawler and the scheduler meet here and nowhere else. The queue knows nothing of articles or links.
"""
