// Nothing to call: see futex.c.
