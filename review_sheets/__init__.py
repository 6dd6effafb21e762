"""Score sheets that come with the product: data only, read by ``evidence.sheet``."""
