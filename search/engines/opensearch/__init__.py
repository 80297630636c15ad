"""The engine for OpenSearch clusters: `opensearch://HOST:PORT/NAME`."""
