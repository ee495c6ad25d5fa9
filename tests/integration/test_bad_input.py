"""Bad input of every kind: each gives a named outcome in the summary, and the other sources finish (exit status 1 only for
sources that failed wholly)."""

from __future__ import annotations

import gzip
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support import hostile
from support.crawled import Crawled, crawl
from support.endless import ENDLESS
from support.hostile import HTML, XML, Server, http, rss

from archive.config import Settings
from archive.query import find
from archive.storage.session import open_archive


def bodies(crawled: Crawled, source: str) -> list[str]:
    archive = open_archive(Settings(home=crawled.home))
    try:
        return [hit.title or "" for hit in find(archive, source=[source])]
    finally:
        archive.engine.dispose()


def test_every_trouble_has_a_name_and_stops_nobody_else(server: Server, tmp_path: Path) -> None:
    troubles: dict[str, tuple[bytes | Any, str, str]] = {
        # what the article's address answers: outcome column, reason
        "e500": (http("500 Internal Server Error", b"oops"), "failed", "HTTP 500"),
        "endless": (hostile.endless, "failed", "too-large"),
        "silent": (hostile.silent, "failed", "timeout"),
        "cut": (hostile.cut, "failed", "connection-lost"),
        "bomb": (hostile.bomb(), "failed", "too-large"),
        "shortgzip": (hostile.truncated_gzip("http://x.example/a"), "failed", "truncated-gzip"),
        "brotli": (http("200 OK", b"\x0b\x02\x80ab", HTML, "Content-Encoding: br"), "failed", "unknown-coding"),
        "loop": (http("302 Found", b"", "Location: /a"), "failed", "redirect-loop"),
        "inside": (http("302 Found", b"", "Location: http://10.1.2.3/secret"), "failed", "robots-unreachable"),
        "metadata": (http("302 Found", b"", "Location: http://169.254.169.254/latest"), "failed", "robots-unreachable"),
        "script": (http("302 Found", b"", "Location: javascript:alert(1)"), "failed", "redirect-not-http"),
        "pdf": (http("200 OK", b"%PDF-1.7 ...", "Content-Type: application/pdf"), "excluded", "not-html"),
        "gone": (http("410 Gone", b"gone", HTML), "excluded", "HTTP 410"),
        "forbidden": (http("403 Forbidden", b"no", HTML), "excluded", "HTTP 403"),
    }
    hosts: dict[str, str] = {}
    for name, (answer, _, _) in troubles.items():
        host = f"{name}.example"
        server.site(host, "/a")
        server.routes[host, "/a"] = answer
        hosts[name] = server.url(host, "/feed")
    server.site("good.example", "/1", "/2")
    hosts["good"] = server.url("good.example", "/feed")
    hosts["down"] = "http://down.example:1/feed"
    crawled = crawl(tmp_path, hosts, DATELINE_TIMEOUT="8s")  # one that is silent costs so much
    for name, (_, column, reason) in troubles.items():
        row = crawled.sources[name]
        assert list(row[column]) == [reason], (name, row)
        if column == "failed":
            assert row["problems"], name
            assert row["problems"][0].startswith(("http://", "https://")), row["problems"]
    assert "connection-refused" in crawled.sources["down"]["problems"][0]
    assert "10.1.2.3 is not a public address" in crawled.sources["inside"]["problems"][0]
    assert crawled.sources["good"]["new"] == 2
    assert crawled.exit_code == 1, crawled.stderr  # `down` failed wholly
    assert not [request for request in server.requests if "10.1.2.3" in request[0]]


def test_feeds_that_are_no_feeds(server: Server, tmp_path: Path) -> None:
    feeds: dict[str, tuple[bytes | Any, str]] = {
        "html": (http("200 OK", b"<!doctype html><html><body>Welcome</body></html>", HTML), "not-a-feed"),
        "empty": (http("200 OK", b"", XML), "not-a-feed"),
        "entities": (http("200 OK", hostile.ENTITY_BOMB, XML), "forbidden-entities"),
        "missing": (http("404 Not Found", b"", HTML), "HTTP 404"),
        "broken": (http("500 Oops", b"", HTML), "HTTP 500"),
        "bomb": (hostile.bomb(), "too-large"),
    }
    hosts = {}
    for name, (answer, _) in feeds.items():
        server.site(f"{name}.example")
        server.routes[f"{name}.example", "/feed"] = answer
        hosts[name] = server.url(f"{name}.example", "/feed")
    server.site("good.example", "/1")
    hosts["good"] = server.url("good.example", "/feed")
    crawled = crawl(tmp_path, hosts)
    for name, (_, reason) in feeds.items():
        assert list(crawled.sources[name]["failed"]) == [reason], (name, crawled.sources[name])
        assert crawled.sources[name]["polls_failed"] == 1
    assert crawled.sources["good"]["new"] == 1
    assert crawled.exit_code == 1


def test_odd_pages_are_read_all_the_same(server: Server, tmp_path: Path) -> None:
    server.site(
        "odd.example", "/charset", "/huge", "/nul", "/deep", "javascript:alert(1)", "mailto:a@b.example", "/flat"
    )
    russian = "Министры иностранных дел встретились в понедельник и обсудили совместное патрулирование пролива. " * 4
    page = hostile.ARTICLE.format(url="", title="Министры встретились", body=f"<p>{russian}</p>").replace(
        '<meta charset="utf-8">', ""
    )
    server.routes["odd.example", "/charset"] = http(
        "200 OK", page.encode("windows-1251"), "Content-Type: text/html; charset=utf-8"
    )
    sentence = "The ministers met again and spoke about the cables that cross the strait between the two states. "
    server.page("odd.example", "/huge", [sentence * 20_000])  # 2 MB
    server.page("odd.example", "/nul", [p.replace("the ", "the\0 ", 1) for p in hostile.PARAGRAPHS])
    deep = hostile.article(server.url("odd.example", "/deep"), "Deep").replace(
        b"<article>", b"<article>" + b"<div>" * 5000
    )
    server.routes["odd.example", "/deep"] = http("200 OK", deep, HTML)
    flat = hostile.article(server.url("odd.example", "/flat"), "Flat").replace(
        b"</article>", b"<i></i>" * 100_000 + b"</article>"
    )
    server.routes["odd.example", "/flat"] = http("200 OK", gzip.compress(flat), HTML, "Content-Encoding: gzip")
    crawled = crawl(tmp_path, {"odd": server.url("odd.example", "/feed")})
    row = crawled.sources["odd"]
    # 5,000 nested elements are more than the parser goes into: such a page has no text, by name
    assert (row["new"], row["failed"], row["excluded"]) == (4, {}, {"empty": 1}), (row, crawled.stderr)
    assert crawled.exit_code == 0
    assert "Министры встретились" in bodies(crawled, "odd")


NEVER_READ = {"program": "support.endless", "DATELINE_EXTRACT_TIMEOUT": "0.3s"}
"""Pages of `ENDLESS` addresses are read until that time is over."""


def test_a_page_that_takes_too_long_to_read_fails_alone(server: Server, tmp_path: Path) -> None:
    server.site("slow.example", f"{ENDLESS}/1", f"{ENDLESS}/2")
    crawled = crawl(tmp_path, {"slow": server.url("slow.example", "/feed")}, **NEVER_READ)
    row = crawled.sources["slow"]
    assert row["failed"] == {"extraction": 2}
    assert crawled.exit_code == 0  # its feed was read


def _certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tls.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with hostile.serve(_certificate(tmp_path)) as server:
        crawled = crawl(tmp_path, {"tls": f"https://tls.example:{server.port}/feed"})
    assert "tls-failure" in crawled.sources["tls"]["problems"][0], crawled.sources
    assert crawled.exit_code == 1


def test_without_leave_no_private_address_is_asked(server: Server, tmp_path: Path) -> None:
    server.site("good.example", "/1")
    crawled = crawl(tmp_path, {"good": server.url("good.example", "/feed")}, DATELINE_ALLOW_NETWORKS="")
    assert "127.0.0.1 is not a public address" in crawled.sources["good"]["problems"][0]
    assert server.requests == []


def test_retry_after_is_obeyed_by_the_next_crawl_too(server: Server, tmp_path: Path) -> None:
    server.site("busy.example", "/1", "/2", "/3")
    server.routes["busy.example", "/2"] = http("429 Too Many Requests", b"", "Retry-After: 600")
    hosts = {"busy": server.url("busy.example", "/feed")}
    first = crawl(tmp_path, hosts).sources["busy"]
    assert first["new"] == 1
    assert first["postponed"] == {"HTTP 429 with Retry-After": 2}
    server.requests.clear()
    second = crawl(tmp_path, hosts).sources["busy"]
    assert server.requests == []
    assert second["postponed"]


def test_links_to_other_sites_and_other_schemes_are_not_this_sources(server: Server, tmp_path: Path) -> None:
    server.site("press.example", "/own")
    server.routes["press.example", "/feed"] = http(
        "200 OK",
        rss(server.url("press.example", ""), "/own", "http://elsewhere.invalid/a", "javascript:x", "ftp://a.example/b"),
        XML,
    )
    crawled = crawl(tmp_path, {"press": server.url("press.example", "/feed")})
    row = crawled.sources["press"]
    assert (row["found"], row["new"], row["excluded"]) == (1, 1, {"other-site": 1})


def test_a_full_disk_stops_the_crawl_before_it_begins(server: Server, tmp_path: Path) -> None:
    server.site("good.example", "/1")
    hosts = {"good": server.url("good.example", "/feed")}
    with pytest.raises(AssertionError, match="are to stay free"):
        crawl(tmp_path, hosts, DATELINE_MIN_FREE="100000T")
    assert server.requests == []
    assert crawl(tmp_path, hosts).sources["good"]["new"] == 1


def test_redirects_that_lead_nowhere_lose_nothing(server: Server, tmp_path: Path) -> None:
    hosts = {}
    for name, location in {"port": "https://port.example:port/", "bracket": "http://[bad/"}.items():
        server.site(f"{name}.example", "/1")
        server.routes[f"{name}.example", "/robots.txt"] = http("302 Found", b"", f"Location: {location}")
        hosts[name] = server.url(f"{name}.example", "/feed")
    server.site("pages.example", "/1", "/2", "/3")
    for path in ("/1", "/2"):
        server.routes["pages.example", path] = http("302 Found", b"", "Location: https://pages.example:port/x")
    hosts["pages"] = server.url("pages.example", "/feed")
    crawled = crawl(tmp_path, hosts)
    for name in ("port", "bracket"):
        assert crawled.sources[name]["failed"] == {"robots-unreachable": 1}, crawled.sources[name]
    assert crawled.sources["pages"]["new"] == 1
    assert crawled.sources["pages"]["failed"] == {"redirect-not-http": 2}


def test_an_address_beyond_ascii_is_followed(server: Server, tmp_path: Path) -> None:
    server.site("viet.example", "/1")
    server.routes["viet.example", "/1"] = http("302 Found", b"").replace(
        b"\r\n\r\n", "\r\nLocation: /bài-viết\r\n\r\n".encode()
    )
    server.page("viet.example", "/b%C3%A0i-vi%E1%BA%BFt")
    crawled = crawl(tmp_path, {"viet": server.url("viet.example", "/feed")})
    assert crawled.sources["viet"]["new"] == 1, crawled.sources


def test_a_canonical_address_that_all_pages_share_merges_nothing(server: Server, tmp_path: Path) -> None:
    server.site("template.example", "/1", "/2", "/3")
    for path in ("/1", "/2", "/3"):
        body = hostile.article(server.url("template.example", "/news/template"), f"Report number {path[1:]}")
        server.routes["template.example", path] = http(
            "200 OK", body.replace(b"Monday", b"day " + path[1:].encode()), HTML
        )
    crawled = crawl(tmp_path, {"template": server.url("template.example", "/feed")})
    assert (crawled.sources["template"]["new"], crawled.sources["template"]["revised"]) == (3, 0), crawled.sources
    assert sorted(bodies(crawled, "template")) == [f"Report number {n}" for n in (1, 2, 3)]


def test_a_page_that_may_not_be_kept_is_not_kept_when_it_cannot_be_read(server: Server, tmp_path: Path) -> None:
    path = f"{ENDLESS}/1"
    server.site("closed.example", path)
    page = hostile.article(server.url("closed.example", path), "Closed")
    server.routes["closed.example", path] = http("200 OK", page, HTML, "X-Robots-Tag: noarchive")
    crawled = crawl(tmp_path, {"closed": server.url("closed.example", "/feed")}, **NEVER_READ)
    assert crawled.sources["closed"]["failed"] == {"extraction": 1}
    stored = b"".join(gzip.decompress(path.read_bytes()) for path in (crawled.home / "warc").glob("*.gz"))
    assert b"Closed" not in stored
    assert b"/feed" in stored
