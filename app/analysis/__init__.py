"""What feedback says: its language, how it feels, what it is about, how urgent it is, and nobody's name."""

import os

# One text keeps one core busy, and a worker is one process among several. With a thread for each core the small
# products of its arrays wait for each other: on a busy machine five times as long, for six times the work. NumPy reads
# this when it is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
