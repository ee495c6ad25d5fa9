"""Templates of sites, learnt from pages that were read before: where the fields stand, which lines recur. Pure."""
