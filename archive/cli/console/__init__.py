"""What the commands share: options, output, tables, help, progress. Commands stand one folder up and import from here."""
