"""The pages, feeds and browser integration, apart from the REST interface."""
