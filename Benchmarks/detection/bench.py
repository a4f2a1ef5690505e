"""The benchmark of the detectors, as Markdown on standard output."""

import argparse
import pathlib
import platform
import subprocess
import sys

import nab
import scenarios
import smd
import speed

PARTS = ("nab", "smd", "scenarios", "replay", "speed")


def main():
    """Runs the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "bin", "work"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="the parts to run")
    parser.add_argument("--skip", nargs="+", default=[], help="peers to leave out, by their first word: rrcf takes minutes")
    options = parser.parse_args()
    tables = {
        "nab": lambda: nab.table(nab.run(options.data, options.bin, options.work, options.skip)),
        "smd": lambda: smd.table(smd.run(options.data, options.bin, options.work)),
        "scenarios": lambda: scenarios.table(scenarios.run(options.bin, options.work)),
        "replay": lambda: subprocess.run(
            [options.bin / "TraceBench", "replay"], check=True, capture_output=True, text=True
        ).stdout.splitlines(),
        "speed": lambda: speed.table(speed.run(options.bin, options.work, options.skip)),
    }
    failed = []
    for part in PARTS:
        if part not in options.only:
            continue
        print(f"{part} …", file=sys.stderr, flush=True)
        try:
            text = "\n".join(tables[part]())
        except (OSError, subprocess.CalledProcessError, KeyError) as error:
            failed.append(part)
            text = f"{part}: not measured, {error}"
        print(text + "\n", flush=True)
    print(f"On {platform.machine()}, {platform.release()}; one core for each speed.")
    sys.exit(1 if failed else 0)


main()
