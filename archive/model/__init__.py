"""The words of the domain as values: source, channel, link, capture, article, revision, observation, job, walk. Pure.

Every room may import from here. Nothing here knows a database, a network or a framework.
"""
