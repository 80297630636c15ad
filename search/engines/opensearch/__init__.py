"""The engine opensearch://HOST:PORT/NAME, on a cluster."""
