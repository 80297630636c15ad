"""The command line: options, output and exit codes. `index.jobs` does the work."""
