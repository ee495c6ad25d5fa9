"""What this archive knows of the sources it follows: their state, and the channels that autodiscovery found for them.

What a source is by itself is described by `registry`, which this folder may import.
"""
