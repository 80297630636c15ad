"""Reading a printed date, wherever it stands."""
