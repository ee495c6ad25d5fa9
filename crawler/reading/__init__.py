"""A page's bytes to an article: extraction, what was learnt of the site, and normalisation, put together. Pure.

`read` is the way in, `page` holds what goes in and comes out, `reader` reads one page, `dates` and `authors`
choose among what it says of its times and its authors.
"""
