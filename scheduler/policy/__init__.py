"""When to poll, revisit and ask again: pure functions of what happened and of now."""
