"""What the processes of the extraction pool read with, loaded once: their fork server imports this, and they share its memory.

The fetching process imports `crawler.reading.read` as well, and needs none of this.
"""

import htmldate  # noqa: F401
import trafilatura  # noqa: F401

from crawler.normalise import language
from crawler.reading import read  # noqa: F401

language.load()
