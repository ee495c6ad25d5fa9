"""Sub-commands of the archive room: modules with `register(app)`, which the front door loads when they are asked for."""
