"""Overlays, defaults and worker defaults merged as raw values with their marks. Pure."""
