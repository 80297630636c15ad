"""The read side: the model, the analyzer, the query language, snippets and the engines."""
