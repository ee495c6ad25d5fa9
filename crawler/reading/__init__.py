"""A page's bytes to an article: extraction, what was learnt of the site, and normalisation, put together. Pure."""
