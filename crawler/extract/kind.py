"""Whether a page is an article, and what it is where it is none: an error page, a challenge, a login, a list.

A wrong "no" loses coverage, so every verdict against a page needs two signs at least: the words in its title or
heading, and next to no text, and nothing in its metadata that calls it an article.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal
from urllib.parse import urlsplit

from archive.model.text.urls import url_key
from crawler.extract.markup.document import Document, Element, shown
from crawler.extract.markup.jsonld import is_false
from crawler.normalise.text import tidy, width

Kind = Literal["article", "paywalled", "soft-404", "challenge", "login-wall", "not-html", "index-page", "empty"]

_LEAST = 20  # characters of a text; Chinese says a sentence with so many
_FEW = 4  # lines
_SHORT = 500  # characters of text below which a page may be an error page or a challenge
_MESSAGE = 200  # characters of text that a message to the reader has at most
_LONGEST_HEAD = 160  # characters of a title or heading that may be such a message's
_LONG_LINE = 60  # letters of a line that may be a sentence of a text
_MUCH_LINKED = 0.4
"""Share of a page's text in links from which on it may be a list."""
_SENTENCE_END = re.compile(r"[.!?。！？؟।…]")

_MISSING = re.compile(
    r"""^(?:error\s*)?404(?:\s+error\b|\s*[-–|:]|\s*$|\s+(?:not|page)\b) | [-–|:]\s*(?:error\s*)?404\s*$ | (?:page|article|content|story|document|file|url|resource)\s+(?:was\s+|could\s+|is\s+|has\s+)?
      (?:not\s+(?:be\s+)?(?:found|available)|no\s+longer|been\s+(?:removed|deleted|moved)|does\s*n[o']t\s+exist|unavailable)
      | (?:page|article|content|story)\s+you(?:'re|\s+are|\s+were)?\s+(?:requested|looking\s+for|want) | nothing\s+(?:was\s+)?found | ^not\s+found$
      | seite\s+(?:konnte\s+)?nicht\s+(?:gefunden|verfügbar|mehr) | page\s+(?:introuvable|non\s+trouvée) | (?:cette\s+)?page\s+n['’]existe
      | página\s+(?:no\s+(?:encontrada|existe|disponible)|não\s+(?:encontrada|existe|disponível)) | pagina\s+(?:non\s+trovata|niet\s+gevonden)
      | halaman\s+(?:tidak\s+(?:ditemukan|tersedia|dijumpai)|yang\s+anda\s+cari) | không\s+tìm\s+thấy\s+(?:trang|bài|nội\s+dung|kết\s+quả) | (?:trang|bài\s+viết)\s+(?:không\s+tồn\s+tại|đã\s+bị\s+xóa)
      | страница\s+не\s+(?:найдена|существует) | (?:материал|документ|статья)\s+не\s+найден | сторінк[ау]\s+не\s+(?:знайдено|існує) | ошибка\s+404
      | sayfa\s+bulunamadı | aradığınız\s+sayfa | strona\s+nie\s+(?:została\s+znaleziona|istnieje) | nie\s+znaleziono\s+strony | stránka\s+(?:nebyla\s+nalezena|neexistuje)
      | sidan\s+(?:kunde\s+inte\s+hittas|finns\s+inte) | siden\s+(?:blev\s+ikke\s+fundet|finnes\s+ikke|ikke\s+fundet) | sivua\s+ei\s+löyd | az\s+oldal\s+nem\s+található | pagina\s+nu\s+a\s+fost\s+găsită | η\s+σελίδα\s+δεν\s+βρέθηκε
      | الصفحة\s+(?:غير\s+موجودة|المطلوبة|التي\s+تبحث) | لم\s+يتم\s+العثور | صفحه\s+(?:مورد\s+نظر|یافت\s+نشد|پیدا\s+نشد) | הדף\s+לא\s+נמצא
      | 页面(?:不存在|未找到|找不到|已删除|走丢) | 找不到(?:页面|網頁|頁面|该页|您) | (?:文章|内容|新闻)(?:不存在|已(?:被)?删除) | 頁面不存在 | 访问的页面
      | ページが?見つかりません(?:でした)? | お探しのページ | 페이지를\s*찾을\s*수\s*없 | 존재하지\s*않는\s*(?:페이지|기사) | 삭제된\s*기사 | ไม่พบหน้า | पृष्ठ\s+नहीं\s+मिला""",
    re.VERBOSE | re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"""^just\s+a\s+moment | attention\s+required!?\s*\|\s*cloudflare | checking\s+(?:if\s+the\s+site|your\s+browser) | ^(?:ddos-guard|security\s+(?:check|verification)|robot\s+check|bot\s+verification|verification\s+required|human\s+verification)$
      | are\s+you\s+(?:a\s+)?(?:human|robot)\?? | verify(?:ing)?\s+(?:that\s+)?you\s+are\s+(?:a\s+)?human | pardon\s+our\s+interruption | ^access\s+(?:to\s+this\s+page\s+has\s+been\s+)?denied(?=$|[.!]?$|\s*[-|–—]) | ^(?:403\s+)?forbidden$ | ^(?:error\s+)?403(?:\s+error|\s*[-–|:]|\s*$|\s+forbidden) | request\s+(?:blocked|unsuccessful|rejected)
      | web\s+page\s+blocked | you\s+have\s+been\s+blocked | enable\s+javascript\s+and\s+cookies | ^one\s+moment,?\s+please | ^please\s+wait\b | unusual\s+traffic | 安全验证 | 安全驗證 | 人机验证 | 访问(?:被拒绝|验证) | доступ\s+(?:ограничен|запрещ[её]н)
      | вы\s+не\s+робот | проверка\s+браузера | akses\s+ditolak | truy\s+cập\s+bị\s+(?:từ\s+chối|chặn) | zugriff\s+verweigert | accès\s+refusé | acceso\s+denegado | رفض\s+الوصول | 보안\s*(?:확인|문자) | 접근이?\s*(?:제한|차단)""",
    re.VERBOSE | re.IGNORECASE,
)
_LOGIN = re.compile(
    r"""^(?:please\s+)?(?:log\s*-?in|sign\s*-?in|login|subscribe\s+to\s+(?:read|continue)|members?\s+(?:only|login|area))\b | \b(?:log|sign)\s*in\s+to\s+(?:continue|read|your\s+account) | anmelden$ | ^(?:se\s+connecter|connexion|iniciar\s+sesión|entrar|accedi|inloggen|logga\s+in|zaloguj|masuk|đăng\s+nhập|войти|вход|авторизация|увійти|giriş\s+yap|تسجيل\s+الدخول|登录|登錄|登入|ログイン|로그인)(?:$|\s*[-|–])""",
    re.VERBOSE | re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:enable|activate|turn on|requires?|needs?|without|support)\W+(?:\w+\W+){0,2}javascript|javascript\W+(?:\w+\W+){0,3}(?:enabled|required|disabled|to run)",
    re.IGNORECASE,
)
_PAYWALL_CLASS = re.compile(
    r"pay-?wall|piano-?(?:offer|inline)|subscribe-?wall|subscription-?wall|regwall|registration-?wall|premium-?(?:wall|overlay|box)|abo-?(?:wall|teaser|box)|article-?locked|content-?gate|meteredContent|plus-?teaser",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\d{1,3}\s*/\s*\d{1,3}\b")
_LISTING_PATH = re.compile(
    r"/(?:tags?|topics?|categor(?:y|ies|ia|ie)|search|author|authors|archive|page)(?:/|$)|[?&](?:s|q|query|search)=",
    re.IGNORECASE,
)


def calls_itself_article(document: Document) -> bool:
    """Return whether the page's metadata says that it is an article."""
    return (
        bool(document.linked.article)
        or (document.meta("og:type") or "").lower() in ("article", "news", "og:article")
        or document.meta("article:published_time") is not None
    )


def is_challenge(heading: str) -> bool:
    """Return whether a page under this title or heading wants to keep crawlers out, or to see a person first."""
    return len(heading) < _LONGEST_HEAD and _CHALLENGE.search(heading.strip()) is not None


def asks_for_scripts(text: str) -> bool:
    """Return whether a text tells its reader to let scripts run."""
    return _ASKS.search(text) is not None


Verdict = tuple[Kind, str | None]
"""A page's kind, and why where it is no full article."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page shows and says of itself, as far as it tells the page's kind."""

    document: Document
    title: str | None
    body: list[str]
    homepage: str | None
    sure: bool
    length: int
    """Characters of the text."""
    declared: bool
    """Whether the metadata says that it is an article."""
    heads: list[str]
    """Its title and its first headings, without those that are too long to be a message."""

    @property
    def short(self) -> bool:
        """Whether so little text is there that it may be a message instead of an article."""
        return self.length < _SHORT

    @property
    def titled(self) -> str:
        """The titles, as the reason of a verdict."""
        return f"titled “{' · '.join(self.heads)[:80]}”"

    def is_titled(self, words: re.Pattern[str]) -> bool:
        """Return whether a title has these words."""
        return any(map(words.search, self.heads))

    def is_titled_throughout(self, words: re.Pattern[str]) -> bool:
        """Return whether the page has a title and a heading, and each of them has these words."""
        return len(self.heads) > 1 and all(map(words.search, self.heads))


def classify_page(
    document: Document, title: str | None, body: list[str], homepage: str | None, *, sure: bool = False
) -> Verdict:
    """Tell what kind of page this is, and why where it is no full article. A page of the kind `paywalled` is part of
    one.

    `sure`: the registry told where the text is, so that however little of it is a text.
    """
    heads = (document.title, *(shown(h) for h in islice(document.tree.iter("h1"), 2)))
    page = _Shown(
        document,
        title,
        body,
        homepage,
        sure,
        length=sum(map(len, body)),
        declared=calls_itself_article(document),
        heads=[head for head in heads if len(head) < _LONGEST_HEAD],
    )
    return next((verdict for rule in _RULES if (verdict := rule(page)) is not None), ("article", None))


def _challenge(page: _Shown) -> Verdict | None:
    """A page that keeps crawlers out, or wants to see a person first."""
    if not page.short or page.declared:
        return None
    if page.document.markers:
        return "challenge", min(page.document.markers)
    return ("challenge", page.titled) if any(map(is_challenge, page.heads)) else None


def _soft_404(page: _Shown) -> Verdict | None:
    """A message that nothing is at this address, which was answered as if something were."""
    if page.declared and page.length > _MESSAGE:
        return None
    # Below the message there may be teasers of many other pages. Then the title and the heading must both say it.
    titled = page.is_titled(_MISSING) if page.short else not page.sure and page.is_titled_throughout(_MISSING)
    return ("soft-404", page.titled) if titled else None


def _login_wall(page: _Shown) -> Verdict | None:
    """A page that shows its text only to those who log in."""
    if not page.short or page.declared or not page.is_titled(_LOGIN):
        return None
    password = page.document.tree.find(".//input[@type='password']") is not None
    return ("login-wall", page.titled) if password or page.length < _MESSAGE else None


def _index_page(page: _Shown) -> Verdict | None:
    """A list of other pages."""
    reason = _listing(page)
    return None if reason is None else ("index-page", reason)


def _textless(page: _Shown) -> Verdict | None:
    """A page without text: a headline alone, or nothing."""
    if page.body:
        return None
    if not (page.declared and page.title):
        return "empty", "no running text"
    closed = _free(page.document) is False
    return ("paywalled", "no text without a subscription") if closed else ("article", "headline only")


def _next_to_empty(page: _Shown) -> Verdict | None:
    """A page whose few words are no text."""
    if page.declared or page.sure:
        return None
    if page.short and len(page.body) < _FEW and asks_for_scripts(" ".join(page.body)):
        return "empty", "the page asks for JavaScript"
    return ("empty", "next to no text") if page.length < (_LEAST if page.title else 3 * _LEAST) else None


def _excerpt(page: _Shown) -> Verdict | None:
    """The part of an article that is shown to those who do not pay."""
    reason = paywalled(page.document, page.length)
    return None if reason is None else ("paywalled", reason)


_RULES: Sequence[Callable[[_Shown], Verdict | None]] = (
    _challenge,
    _soft_404,
    _login_wall,
    _index_page,
    _textless,
    _next_to_empty,
    _excerpt,
)
"""The first that has a verdict gives it. Where none has, the page is an article."""


def _listing(page: _Shown) -> str | None:
    """Why the page is taken for a list of other pages. None where it is none."""
    document, body = page.document, page.body
    sentences = sum(1 for line in body if width(line) > _LONG_LINE and _SENTENCE_END.search(line))
    if _is_homepage(page, sentences):
        return "home page"
    if page.declared or sentences > 3:
        return None
    if _are_teasers(body, document.tree):
        return "teasers of other pages"
    if not sentences and len(body) > 2 and sum(1 for line in body if _NUMBERED.match(line)) > 2:
        return "picture gallery"
    return _links(document, body, sentences)


def _links(document: Document, body: list[str], sentences: int) -> str | None:
    """Why the page is taken for a list by how much of it is linked. None where it is none."""
    linked = _linked_share(document.tree)
    if document.linked.lists and linked > _MUCH_LINKED:
        return "calls itself a list"
    parts = urlsplit(document.url)
    if linked > _MUCH_LINKED and _LISTING_PATH.search(parts.path + ("?" + parts.query if parts.query else "")):
        return "list by its address"
    if sentences <= 1 and document.links_total >= 20 and linked > 0.7 and _are_links(body, document.tree):
        return "links without running text"
    return None


def _is_homepage(page: _Shown, sentences: int) -> bool:
    """Return whether a page is a site's home page: the one that is known to be, or one whose address has no path.

    Saved pages are often read without their address. One that says it is an article, or has the text of one and few
    links, is no home page for that.
    """
    url = page.document.url
    if page.homepage is not None and url_key(page.homepage) == url_key(url):
        return True
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query:
        return False
    return not (page.declared or (sentences > 3 and _linked_share(page.document.tree) < _MUCH_LINKED))


def _are_teasers(body: list[str], tree: Element) -> bool:
    """Return whether every line found belongs to a headline that links to another page, and there are several of
    them."""
    teasers: set[str] = set()
    headlines = 0
    for heading in tree.iter("h2", "h3", "h4"):
        link = next(heading.iter("a"), None)
        if link is None and (link := next(heading.iterancestors("a"), None)) is None:
            continue
        box = heading.getparent()
        if box is None or box.tag in ("body", "main", "article"):
            continue
        headlines += 1
        teasers.update(tidy(e.text_content()) for e in box.iter("p", "div", "span", "h2", "h3", "h4", "time", "a"))
    return headlines > 1 and bool(body) and all(line in teasers for line in body)


def _are_links(body: list[str], tree: Element) -> bool:
    """Return whether most of the lines found are nothing but links."""
    links = {tidy(link.text_content()) for link in tree.iter("a")}
    return 2 * sum(line in links for line in body) >= len(body)


def _linked_share(tree: Element) -> float:
    """The part of the visible text that is in links."""
    body = tree.find("body")
    data = sum(len(script.text or "") for script in tree.iter("script"))
    total = len(tidy((body if body is not None else tree).text_content())) - data
    return sum(len(tidy(link.text_content())) for link in tree.iter("a")) / total if total > 0 else 0.0


def _free(document: Document) -> bool | None:
    """Whether the page says that it can be read without paying. None where it says nothing about that."""
    said = [
        node["isAccessibleForFree"]
        for node in (document.linked.article, document.linked.page)
        if "isAccessibleForFree" in node
    ]
    if any(is_false(value) for value in said):
        return False
    tier = (document.meta("article:content_tier") or "").lower()
    return False if tier in ("locked", "metered") else None if not said else True


def paywalled(document: Document, length: int) -> str | None:
    """Why the text is taken for an excerpt. None where it is taken for the whole.

    A declaration alone is not enough: many pages that have one carry the whole text.
    """
    if _free(document) is not False:
        return None
    words = document.linked.article.get("wordCount")
    if isinstance(words, (int, str)) and str(words).isdigit() and int(words) > 0:
        return "isAccessibleForFree: false" if length < 3.5 * int(words) else None
    wall = any(
        _PAYWALL_CLASS.search(f"{e.get('class') or ''} {e.get('id') or ''}")
        for e in document.tree.iter("div", "section", "aside")
        if e.get("class") or e.get("id")
    )
    if length < 1_200 or (wall and length < 3_000):
        return "isAccessibleForFree: false"
    return None
