"""A world played from its first look to its last, with the product crawling it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.world.case import Scores
from benchmarks.world.history import look_time
from benchmarks.world.product import Product, Start, in_a_process
from benchmarks.world.score import score
from benchmarks.world.server import World, listening, serving


def play(
    seed: int, sites: int, looks: int, folder: Path, *, start: Start = in_a_process, say: Callable[[str], None] = print
) -> tuple[Scores, bool]:
    """The scores of a world, and whether stored captures were read again before the end."""
    with ExitStack() as stack:
        server = stack.enter_context(listening())
        world = World.make(seed, sites, looks, server.server_address[1])
        stack.enter_context(serving(world, server))
        product = Product(folder, list(world.sites.values()), start)
        product.run(look_time(0), "init")
        for look in range(looks):
            world.look = look
            began = time.monotonic()
            product.crawl(look_time(look))
            if look == 0:
                first = product.held()
            say(f"look {look + 1} of {looks}: {time.monotonic() - began:.0f} s")
        reread = product.reread(look_time(looks - 1))
        return score(world, first, product.held(), looks), reread
