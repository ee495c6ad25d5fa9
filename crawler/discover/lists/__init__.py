"""Lists on web pages and in JSON: what is on them, and how they are turned."""
