"""Speed, ours and the peers', one after the other on the same values."""

import ctypes
import json
import subprocess
import time

import numpy

import peers

COUNT = 1_000_000
CALIBRATION = 2_000
ROUNDS = 9


def libspot_core(work, values, excesses):
    """Nanoseconds a step of libspot's C core, and how its steps came out."""
    import libspot

    core = ctypes.PyDLL(libspot.__file__)
    loop = ctypes.CDLL(str(work / "spot_loop.so"))
    loop.spin.restype = ctypes.c_double
    core.spot_init.argtypes = [
        ctypes.c_void_p, ctypes.c_double, ctypes.c_int, ctypes.c_int, ctypes.c_double, ctypes.c_void_p,
        ctypes.c_ulong,
    ]  # fmt: skip
    core.spot_fit.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong]
    data = (ctypes.c_double * len(values))(*values)
    address = ctypes.addressof(data)
    spot = ctypes.create_string_buffer(4_096)
    room = (ctypes.c_double * excesses)()
    # Risk 1e-4, upper tail, alarms not learned, tail from the 0.98 quantile, its peaks in our memory (version 3).
    if core.spot_init(spot, 1e-4, 0, 1, 0.98, room, excesses) != 0 or core.spot_fit(spot, address, CALIBRATION) != 0:
        raise RuntimeError("libspot refuses")
    counts = (ctypes.c_int64 * 4)()
    step = ctypes.cast(core.spot_step, ctypes.c_void_p)
    count = len(values) - CALIBRATION
    seconds = loop.spin(step, spot, ctypes.c_void_p(address + 8 * CALIBRATION), ctypes.c_int64(count), counts)
    return seconds / count * 1e9, list(counts)


def ours(binaries, *arguments):
    """The lines of our own benchmark."""
    command = [binaries / "DetectionBench", "speed", *arguments]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [(line["name"], line["ns"], line["unit"]) for line in map(json.loads, text.splitlines())]


def python_cost(make, values):
    """Nanoseconds a value of a detector in Python."""
    detector = make()
    for value in values[:600]:
        detector(value)
    begin = time.perf_counter()
    for value in values[600:]:
        detector(value)
    return (time.perf_counter() - begin) / (len(values) - 600) * 1e9


def run(binaries, work, skip):
    """Lines of the table: what, nanoseconds, remark."""
    values = numpy.random.default_rng(7).standard_normal(COUNT)
    path = work / "normal.f64"
    path.write_bytes(values.astype("<f8").tobytes())
    lines = ours(binaries, path)
    values = values.tolist()
    # In turns, so that whatever else the machine does is the same for both; the best of each counts.
    spot, cores = lines[0], {}
    for _ in range(ROUNDS):
        spot = min(spot, ours(binaries, path, "spot")[0], key=lambda line: line[1])
        for excesses in (64, 200):
            cores[excesses] = min(cores.get(excesses, (float("inf"), None)), libspot_core(work, values, excesses))
    lines[0] = spot
    for excesses, (ns, outcomes) in cores.items():
        lines.append((f"libspot's C core, {excesses} peaks, {outcomes[1]} of them in the run", ns, "a value"))
    for name, make in peers.SERIES.items():
        if name.split()[0] in skip or name == "libspot":
            continue
        lines.append((f"{name}, in Python", python_cost(make, values[:2_000]), "a value"))
    rows = numpy.random.default_rng(7).random((1_000, 38))
    begin = time.perf_counter()
    peers.rows_trees(rows)
    lines.append(("river HalfSpaceTrees over 38 counters, in Python", (time.perf_counter() - begin) / len(rows) * 1e9, "a row"))
    return lines


def table(lines):
    """The lines as Markdown."""
    yield "| speed | ns | for |"
    yield "|---|---|---|"
    for name, ns, unit in lines:
        yield f"| {name} | {ns:.0f} | {unit} |" if ns >= 100 else f"| {name} | {ns:.1f} | {unit} |"
    mine = [ns for name, ns, _ in lines if name.startswith("**Spot")]
    for name, ns, _ in lines:
        if mine and name.startswith("libspot's C core"):
            yield f"| our Spot to {name.rsplit(',', 1)[0]} | {mine[0] / ns:.2f} | ratio |"
