"""The command line: ``sawhorse`` and its subcommands."""
