"""From the typed text to a plan that an engine runs."""
