"""The pages, the feeds and the integration with browsers."""
