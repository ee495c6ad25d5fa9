"""Pages of a small site, in the states that they had."""

from __future__ import annotations

SITE = "press.example"


def page(name: str, state: str, day: str = "2024-03-04", head: str = "") -> bytes:
    """An article of the site. `state`: what sets one state of its text apart from others."""
    words = f"The ministers of the two republics signed a treaty on {name} on Monday in the town hall of Lorne"
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A treaty on {name} | Press</title>{head}
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "A treaty on {name}", "datePublished": "{day}T15:30:00+01:00"}}</script></head>
<body><header><a href="/">Press</a></header><main><article><h1>A treaty on {name}</h1><div class="story-body">
<p>{words}, and both sides say that it was time.</p>
<p>Both sides will publish the levels of their reservoirs every morning, beginning with the month of {state}.</p>
<p>A commission of six engineers meets twice a year, once on each bank of the river, and reports to both parliaments.</p>
<p>Farmers downstream had asked for a minimum flow in the summer months, and the treaty grants it to them.</p>
</div></article></main><footer><p>© Press. All rights reserved.</p></footer></body></html>""".encode()
