"""The newsroom's HTML pages, one layout per file."""

from __future__ import annotations

from dateline.newsroom.model import Article, Text, Variant
from dateline.newsroom.pages.aggregator import aggregator_page
from dateline.newsroom.pages.common import Setting
from dateline.newsroom.pages.lists import gallery_page, home_page, lost_page, press_page, section_page
from dateline.newsroom.pages.modern import amp_page, modern_page
from dateline.newsroom.pages.soup import print_page, soup_page
from dateline.newsroom.pages.tables import tables_page
from dateline.newsroom.pages.weblog import weblog_page
from dateline.newsroom.pages.wire import wire_page

__all__ = ["article_page", "gallery_page", "home_page", "lost_page", "press_page", "section_page"]

_LAYOUTS = {
    "aggregator": aggregator_page,
    "modern": modern_page,
    "soup": soup_page,
    "tables": tables_page,
    "weblog": weblog_page,
    "wire": wire_page,
}


def article_page(setting: Setting, article: Article, text: Text, variant: Variant) -> str:
    """An article's page in the layout of its site, or in one of its variants."""
    if variant == "amp":
        return amp_page(setting, article, text)
    if variant == "print":
        return print_page(setting, article, text)
    return _LAYOUTS[setting.site.layout](setting, article, text)
