"""Errors that a person can act on. The command prints them as one message and exits. Nothing else is swallowed."""

from __future__ import annotations


class DatelineError(Exception):
    """Something went wrong that the reader of the message can mend.

    `message` names what failed (source, URL, file and line where there are any). `hint` says what to do next. Exit status 1 is
    an error of ours or of a source, 2 is wrong usage.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DatelineError):
    """A command cannot do what was asked for: an unknown id, a bad date, settings that contradict each other."""

    exit_code = 2
