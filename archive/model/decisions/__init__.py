"""The decisions that the archive rests on, as pure functions of values.

`decide` says what a new look at an article means, `historical` what a historical capture means, `diff` what changed between two
revisions, `gaps` what may have been missed, `health` whether a source is well.
"""
