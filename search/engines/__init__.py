"""The engines, one folder each. `search.engine.open_engine` imports the engine that the URL of the index names."""
