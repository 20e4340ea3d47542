"""Demo mode: the whole desk in one process, with a shop, a mail sink and something to look at."""
