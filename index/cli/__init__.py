"""The command line and the terminal, apart from the work."""
