"""The Server Machine Dataset: VUS-PR of each detector's row scores, and whether it names guilty counters."""

import gzip
import json
import math
import multiprocessing
import subprocess

import numpy

import peers

# The width up to which TSB-AD's volume under the surface is integrated, and its thresholds: its own defaults.
WINDOW, THRESHOLDS = 100, 250


def load(data, host):
    """A host's rows, labels and guilty counters (from 0) by event."""
    shape = json.loads((data / "smd" / "meta.json").read_text())[host]["test"]
    rows = numpy.frombuffer(gzip.open(data / "smd" / f"{host}.test.f32.gz").read(), dtype="<f4").reshape(shape)
    labels = numpy.frombuffer(gzip.open(data / "smd" / f"{host}.label.u8.gz").read(), dtype="u1").astype(int)
    events = []
    for line in (data / "smd" / f"{host}.interp.txt").read_text().split():
        span, guilty = line.split(":")
        first, last = map(int, span.split("-"))
        events.append((first, last, {int(counter) - 1 for counter in guilty.split(",")}))
    return rows.astype(float), labels, events


def vus_pr(job):
    """The volume under the precision and recall surface."""
    from TSB_AD.evaluation.basic_metrics import generate_curve

    labels, scores = job
    return generate_curve(labels, scores, WINDOW, "opt", THRESHOLDS)[-1]


def hits(scores, top, events):
    """Of the events, in how many the first three counters at the greatest score hold a guilty one; of these counters, how
    many are guilty."""
    some = guilty = 0
    for first, last, counters in events:
        row = first + int(numpy.argmax(scores[first : last + 1]))
        found = len(set(map(int, top(row))) & counters)
        some += found > 0
        guilty += found
    return some / len(events), guilty / (3 * len(events))


def chance(events, counters):
    """What three counters drawn blindly would come to."""
    some = guilty = 0.0
    for _, _, named in events:
        miss = math.comb(counters - len(named), 3) / math.comb(counters, 3)
        some += 1 - miss
        guilty += len(named) / counters
    return some / len(events), guilty / len(events)


def ours(binaries, work, hosts, data):
    """Runs our bench on plain files; each host's scores and top counters."""
    plain = work / "smd"
    plain.mkdir()
    for host in hosts:
        (plain / f"{host}.test.f32").write_bytes(gzip.open(data / "smd" / f"{host}.test.f32.gz").read())
    (plain / "meta.json").write_text((data / "smd" / "meta.json").read_text())
    out = work / "smd-out"
    subprocess.run([binaries / "DetectionBench", "smd", plain, out], check=True, stdout=subprocess.DEVNULL)
    result = {}
    for host in hosts:
        scores = numpy.loadtxt(out / f"{host}.score.txt")
        top = numpy.loadtxt(out / f"{host}.top3.txt", dtype=int) - 1
        result[host] = (scores, top)
    return result


def run(data, binaries, work):
    """For each detector the VUS-PR of each host, the mean, and the hit rates."""
    hosts = sorted(path.name.split(".")[0] for path in (data / "smd").glob("*.test.f32.gz"))
    mine = ours(binaries, work, hosts, data)
    columns = {"**Quell**": {}, "EWMA z-score, mean of the counters": {}, "river HalfSpaceTrees": {}}
    rates = {name: [] for name in columns}
    rates["three counters drawn blindly"] = []
    jobs, places = [], []
    for host in hosts:
        rows, labels, events = load(data, host)
        scores, top = mine[host]
        rates["**Quell**"].append(hits(scores, lambda row: top[row], events))
        rates["three counters drawn blindly"].append(chance(events, rows.shape[1]))
        jobs.append((labels, scores))
        places.append(("**Quell**", host))
        scores, deviations = peers.rows_ewma(rows)
        name = "EWMA z-score, mean of the counters"
        rates[name].append(hits(scores, lambda row: numpy.argsort(-deviations[row])[:3], events))
        jobs.append((labels, scores))
        places.append((name, host))
        jobs.append((labels, peers.rows_trees(rows)[0]))
        places.append(("river HalfSpaceTrees", host))
    with multiprocessing.Pool() as pool:
        for (name, host), value in zip(places, pool.map(vus_pr, jobs, chunksize=1)):
            columns[name][host] = value
    return hosts, columns, rates


def table(result):
    """The result as Markdown."""
    hosts, columns, rates = result
    yield "| SMD, VUS-PR | " + " | ".join(hosts) + " | mean | mean without 1-6 | top-3 hit rate | top-3 guilty |"
    yield "|---" * (len(hosts) + 5) + "|"
    for name in rates:
        some, guilty = (f"{numpy.mean([rate[i] for rate in rates[name]]):.2f}" if rates[name] else "–" for i in (0, 1))
        values = columns.get(name, {})
        cells = [f"{values[host]:.3f}" if host in values else "–" for host in hosts]
        mean = f"{numpy.mean(list(values.values())):.3f}" if values else "–"
        rest = [value for host, value in values.items() if not host.endswith("1-6")]
        cells += [mean, f"{numpy.mean(rest):.3f}" if rest else "–", some, guilty]
        yield f"| {name} | {' | '.join(cells)} |"
