"""The REST API: requests, answers, routes."""
