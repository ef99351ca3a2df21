"""HTTP shapes, one per purpose, and the shape of the directory file."""
