#!/usr/bin/env python3
"""Runs a command and writes `seconds peak_mb` (by the clock; largest resident set) to a file: measured.py FILE COMMAND…"""
import resource
import subprocess
import sys
import time

begun = time.monotonic()
status = subprocess.run(sys.argv[2:]).returncode
seconds = time.monotonic() - begun
peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
with open(sys.argv[1], "w", encoding="utf-8") as out:
    out.write(f"{seconds:.3f} {peak_mb}\n")
sys.exit(status)
