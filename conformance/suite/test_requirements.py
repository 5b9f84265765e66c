"""One pytest item for each master requirement; the plugin makes them when it meets this file."""
