"""Numbers that a visitor enters and a worker factorizes."""
