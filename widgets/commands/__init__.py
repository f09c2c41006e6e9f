"""Subcommands that need Qt, one file each; see `playground.commands`."""
