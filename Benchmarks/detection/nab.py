"""The Numenta Anomaly Benchmark: each detector's scores, through the scorer that lies beside the data."""

import csv
import json
import multiprocessing
import pathlib
import re
import subprocess
import sys

import peers

# Their own scores on this half of the benchmark, standard profile, as the data's README states them.
PUBLISHED = [
    ("ARTime", 75.1, "no: given each file's range beforehand"),
    ("CAD OSE", 70.9, "no: given each file's range beforehand"),
    ("Numenta HTM", 70.7, "no: given each file's range beforehand"),
    ("KNN-CAD", 58.3, "as published"),
    ("streamad SPOT", 52.2, "yes"),
    ("Random Cut Forest", 52.0, "as published"),
    ("EWMA z-score", 48.5, "yes"),
    ("Windowed Gaussian", 47.4, "as published"),
    ("Twitter ADVec", 45.6, "as published"),
]


def score_file(job):
    """Runs one detector over one file."""
    name, source, target = job
    detector = peers.SERIES[name]()
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(source) as rows, open(target, "w") as out:
        out.write("timestamp,anomaly_score\n")
        for row in csv.DictReader(rows):
            value = detector(float(row["value"]))
            out.write(f"{row['timestamp']},{value if value == value else 0.0:.9g}\n")


def judge(data, root):
    """The three profiles' scores of a folder of scores."""
    command = [sys.executable, data / "nab_score.py", root, "--windows", data / "nab" / "windows.json"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: float(score) for name, score in re.findall(r"^(\S+)\s+score=(\S+)", text, re.M)}


def run(data, binaries, work, skip):
    """Every line of the table: name, standard, low FP, low FN, causal, whose figure."""
    series = sorted(json.loads((data / "nab" / "windows.json").read_text()))
    lines = []
    ours = work / "nab" / "quell"
    quell = [binaries / "quell", "detect", "--root", data / "nab" / "data", "--out-root", ours]
    subprocess.run(quell, check=True, stdout=subprocess.DEVNULL)
    lines.append(("**Quell**", judge(data, ours), "yes", "this run"))
    names = [name for name in peers.SERIES if name.split()[0] not in skip]
    jobs = [
        (name, data / "nab" / "data" / file, work / "nab" / re.sub(r"\W+", "-", name) / file)
        for name in names
        for file in series
    ]
    with multiprocessing.Pool() as pool:
        for _ in pool.imap_unordered(score_file, jobs, chunksize=1):
            pass
    for name in names:
        lines.append((name, judge(data, work / "nab" / re.sub(r"\W+", "-", name)), "yes", "this run"))
    for name, score, causal in PUBLISHED:
        lines.append((name, {"standard": score}, causal, "published"))
    return sorted(lines, key=lambda line: -line[1]["standard"])


def table(lines):
    """The lines as Markdown."""
    yield "| NAB, shared half | standard | low FP | low FN | causal | figure |"
    yield "|---|---|---|---|---|---|"
    for name, scores, causal, origin in lines:
        cells = [f"{scores[p]:.1f}" if p in scores else "–" for p in ("standard", "reward_low_FP_rate", "reward_low_FN_rate")]
        yield f"| {name} | {' | '.join(cells)} | {causal} | {origin} |"
