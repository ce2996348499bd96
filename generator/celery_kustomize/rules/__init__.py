"""Checks across fields, each a small function with the reason it exists. Pure."""
