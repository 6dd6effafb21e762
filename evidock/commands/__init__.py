"""The verbs of the command line, one module each: ``add_to`` declares it, ``run`` does it."""
