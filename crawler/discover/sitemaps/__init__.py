"""Sitemaps and their indexes (sitemaps.org), news sitemaps included."""
