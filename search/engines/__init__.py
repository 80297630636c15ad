"""The engines, one module each; `search.engine.open_engine` imports them late, by URL."""
