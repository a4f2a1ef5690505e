"""Our own scenario traces under the shipped policy: who must be told, who may be, who must not."""

import json
import subprocess

ONSETS = ("victim-onset", "suspect-onset", "self-inflicted")


def speaks(event, mark):
    """Whether an event is of a mark's VM and one of its signals."""
    fields = event["fields"]
    return fields.get("QUELL_VM") == mark["vm"] and any(fields.get("QUELL_SIGNAL", "").startswith(s) for s in mark["signals"])


def run(binaries, work):
    """For each scenario what was told, what of it rightly, and what was missed."""
    folder = work / "traces"
    subprocess.run([binaries / "TraceBench", "traces", folder], check=True)
    counts = {}
    for trace in json.loads((folder / "scenarios.json").read_text()):
        command = [binaries / "quell", "replay", folder / trace["file"], "--json"]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        count = counts.setdefault(trace["name"], dict.fromkeys(("traces", "told", "right", "wanted", "found", "blamed", "wrong"), 0))
        count["traces"] += 1
        count.setdefault("false", set())
        onsets = [event for event in answer["events"] if event["kind"] in ONSETS]
        for event in onsets:
            count["told"] += 1
            if any(speaks(event, mark) for mark in trace["may"]):
                count["right"] += 1
            else:
                count["false"].add(f"{event['fields'].get('QUELL_RULE', '?')} of {event['fields'].get('QUELL_VM', '?')}")
        for mark in trace["must"]:
            count["wanted"] += 1
            count["found"] += any(speaks(event, mark) for event in onsets)
        blames = [event["text"] for event in answer["events"] if event["kind"] == "culprit-named"]
        culprit = trace.get("culprit")
        wrong = [text for text in blames if culprit is None or f"blamed: {culprit} " not in text]
        count["blamed"] += len(blames)
        count["wrong"] += len(wrong)
        if trace["mustBlame"]:
            count["wanted"] += 1
            count["found"] += len(blames) > len(wrong)
    return counts


def share(part, whole):
    """A share, where there is a whole."""
    return f"{part / whole:.3f}" if whole else "–"


def table(counts):
    """The counts as Markdown."""
    yield "| scenario | traces | onsets told | precision | must be told | recall | blamed | wrongly | false alarms |"
    yield "|---|---|---|---|---|---|---|---|---|"
    total = dict.fromkeys(("traces", "told", "right", "wanted", "found", "blamed", "wrong"), 0)
    for name, c in counts.items():
        for key in total:
            total[key] += c[key]
        false = ", ".join(sorted(c["false"])) or "none"
        yield (
            f"| {name} | {c['traces']} | {c['told']} | {share(c['right'], c['told'])} | {c['wanted']} "
            f"| {share(c['found'], c['wanted'])} | {c['blamed']} | {c['wrong']} | {false} |"
        )
    c = total
    yield (
        f"| **all** | {c['traces']} | {c['told']} | {share(c['right'], c['told'])} | {c['wanted']} "
        f"| {share(c['found'], c['wanted'])} | {c['blamed']} | {c['wrong']} | |"
    )
