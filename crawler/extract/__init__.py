"""A page to the fields of an article: title, authors, dates, lead, body, captions, kind. Pure.

`markup` holds what the fields are read from. From here, import `normalise`.
"""
