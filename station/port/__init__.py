"""One process for each port, which alone touches what is plugged in there."""
