"""Sub-commands of the scheduler room: modules with `register(app)`, which the front door loads when they are asked for."""
