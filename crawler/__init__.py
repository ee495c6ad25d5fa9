"""The crawler: finds, fetches and reads articles. Scrapy lives here, and in no other room.

    jobs ─> channels ─> frontier ─> http ─> pipelines ─> the archive
    (what to do)  (what an answer becomes)  (when)  (may we, and how)  (what it means)

A folder imports from those that the contract in `.importlinter` lists below it. `discover`, `learn`, `extract`, `normalise` and
`reading` are free of Scrapy: they turn bytes into values.
"""
