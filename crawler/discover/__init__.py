"""An answer's bytes to links, for each kind of channel. Pure: no network, no database, no clock.

`answer` is the way in. `feeds`, `sitemaps`, `lists` and `archives` hold the formats, `autodiscovery` finds a site's channels, and
`parsing` holds what the formats share.
"""
