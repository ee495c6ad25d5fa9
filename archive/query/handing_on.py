"""What of an article may be handed to others than the owner of the archive. Pure."""

from __future__ import annotations

from dataclasses import replace

from archive.query.views import ArticleView, RevisionView

NOARCHIVE = "noarchive"


def for_others(view: ArticleView) -> ArticleView:
    """The article as others may have it: files of an export, feeds, mail, and whoever asks from another machine.

    If the publisher says `noarchive` on the article's page, or said so on the page of the revision that `view` shows, others get
    what they get of an article that is not kept: that it exists. Other revisions that bear the mark are without their text. The
    owner of the archive, who uses the command line, Python and SQL on this machine, needs no such view.
    """
    if view.withheld_because is not None:
        return view
    if view.noarchive or (view.revision is not None and view.revision.noarchive):
        return replace(view, status="withheld", withheld_because=NOARCHIVE, revisions=(), revision=None)
    if not any(revision.noarchive for revision in view.revisions):
        return view
    return replace(view, revisions=tuple(map(_without_text, view.revisions)))


def _without_text(revision: RevisionView) -> RevisionView:
    """A revision without its text and without the place of its bytes, if it bears the mark."""
    if not revision.noarchive:
        return revision
    return replace(
        revision,
        title=None,
        lead=None,
        body=None,
        authors=(),
        captions=(),
        published=None,
        modified=None,
        warc_file=None,
        warc_offset=None,
        withheld_because=NOARCHIVE,
    )
