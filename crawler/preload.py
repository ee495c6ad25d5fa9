"""What the processes of the extraction pool read with, loaded once: their fork server imports this, and they share its memory."""

from crawler import reading  # noqa: F401
from crawler.normalise import language

language.load()
