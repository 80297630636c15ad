"""Steps that need the whole archive: stories, labels of persons, boilerplate; and the worker processes."""
