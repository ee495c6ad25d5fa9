"""The page as a tree: decoding, the document, its blocks, links, structured data and directives. Pure."""
