"""The presets: ordinary saved documents, one JSON file each, found by being here."""
