"""YAML with line numbers and limits; finding specs in files, folders and standard input."""
