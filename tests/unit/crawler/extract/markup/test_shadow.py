"""Declarative shadow trees, which browsers show."""

from __future__ import annotations

import pytest

from crawler.extract.markup.document import parse, shown


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<template shadowrootmode=open><p>In the tree.</p></template>", "In the tree."),
        ("<template shadowrootmode=closed><p>In.</p><slot></slot></template><p>Light.</p>", "In. Light."),
        ("<template shadowrootmode=open><slot name=a>old</slot><p>In.</p></template><b slot=a>New</b>", "New In."),
        ("<template shadowrootmode=open><p>Only this.</p></template><p>Not shown.</p>", "Only this."),
        ("<template><p>Kept for scripts.</p></template><p>Shown.</p>", "Shown."),
        ("<template shadowroot=open><p>A name of the past.</p></template><p>Shown.</p>", "Shown."),
    ],
)
def test_what_a_browser_shows_is_read(inner: str, text: str) -> None:
    document = parse(f"<body><article>{inner}</article></body>", "https://news.example/a")
    assert document is not None
    assert shown(document.tree.find("body")) == text
