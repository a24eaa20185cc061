"""Model clients, and the configurations that name them."""
