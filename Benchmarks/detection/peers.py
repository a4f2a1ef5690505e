"""The detectors of others, each as it is documented, in one causal pass and with one fixed setting."""

import collections
import math

import numpy


def ewma(alpha=0.01, floor=1e-6):
    """The deviation from an exponentially weighted mean, in weighted standard deviations."""
    state = {"mean": None, "variance": 0.0}

    def score(value):
        if state["mean"] is None:
            state["mean"] = value
            return 0.0
        off = value - state["mean"]
        result = abs(off) / (math.sqrt(state["variance"]) + floor * max(1.0, abs(state["mean"])))
        state["mean"] += alpha * off
        state["variance"] = (1 - alpha) * (state["variance"] + alpha * off * off)
        return result

    return score


def gaussian():
    """river's GaussianScorer over the last 500 values."""
    from river import anomaly

    scorer = anomaly.GaussianScorer(window_size=500, grace_period=100)

    def score(value):
        result = scorer.score_one(None, value)
        scorer.learn_one(None, value)
        return result

    return score


def trees():
    """river's HalfSpaceTrees behind its running MinMaxScaler, as its documentation has it."""
    from river import anomaly, preprocessing

    scaler = preprocessing.MinMaxScaler()
    forest = anomaly.HalfSpaceTrees(n_trees=25, height=8, window_size=250, seed=1)

    def score(value):
        point = {"value": value}
        scaler.learn_one(point)
        point = scaler.transform_one(point)
        result = forest.score_one(point)
        forest.learn_one(point)
        return result

    return score


def spot(calibration=500, depth=50):
    """libspot on both sides of the deviation from the mean of the last 50 values (DSPOT, the paper's algorithm 3).

    The score is decades of improbability; the first 500 deviations are the calibration.
    """
    import libspot

    recent = collections.deque(maxlen=depth)
    seen = []
    tails = []

    def score(value):
        off = value - (sum(recent) / len(recent) if recent else value)
        recent.append(value)
        if len(seen) < calibration:
            seen.append(off)
            if len(seen) == calibration:
                for sign in (1, -1):
                    tail = libspot.Spot(q=1e-4, level=0.98, max_excess=200)
                    try:
                        tail.fit([sign * off for off in seen])
                        tails.append((sign, tail))
                    except Exception:  # a constant beginning has no tail
                        pass
            return 0.0
        result = 0.0
        for sign, tail in tails:
            try:
                probability = tail.probability(sign * off)
                tail.step(sign * off)
            except Exception:
                continue
            if math.isfinite(probability):
                result = max(result, -math.log10(min(1, max(probability, 1e-300))))
        return result

    return score


def cut_forest(trees=10, size=128, shingle=4):
    """rrcf's collusive displacement as its documentation streams it, in deviations from its own running mean.

    The trees are fewer and smaller than the documentation's 40 of 256, which would take an hour; without the running mean
    one threshold for all files does worse.
    """
    import rrcf

    forest = []
    for index in range(trees):
        try:
            forest.append(rrcf.RCTree(random_state=index))
        except TypeError:
            forest.append(rrcf.RCTree())
    recent = []
    state = {"index": 0}
    usual = ewma(alpha=0.002, floor=1e-3)

    def score(value):
        recent.append(value)
        if len(recent) < shingle:
            return 0.0
        point = numpy.array(recent[-shingle:])
        del recent[:-shingle]
        index = state["index"]
        total = 0.0
        for tree in forest:
            if len(tree.leaves) > size:
                tree.forget_point(index - size)
            tree.insert_point(point, index=index)
            total += tree.codisp(index) / trees
        state["index"] += 1
        return usual(total)

    return score


SERIES = {
    "EWMA z-score": ewma,
    "river GaussianScorer": gaussian,
    "river HalfSpaceTrees": trees,
    "libspot": spot,
    "rrcf (10 trees of 128)": cut_forest,
}


def rows_ewma(rows, alpha=0.002, floor=0.02):
    """Each counter's EWMA z-score; the row's score is their mean."""
    mean = rows[0].copy()
    variance = numpy.zeros(rows.shape[1])
    deviations = numpy.zeros_like(rows)
    for index, row in enumerate(rows):
        off = row - mean
        deviations[index] = numpy.abs(off) / numpy.sqrt(variance + floor * floor)
        mean += alpha * off
        variance = (1 - alpha) * (variance + alpha * off * off)
    return deviations.mean(axis=1), deviations


def rows_trees(rows):
    """river's HalfSpaceTrees over all counters, which are within 0 and 1 as they are."""
    from river import anomaly

    forest = anomaly.HalfSpaceTrees(n_trees=25, height=8, window_size=250, seed=1)
    scores = numpy.zeros(len(rows))
    for index, row in enumerate(rows.tolist()):
        point = dict(enumerate(row))
        scores[index] = forest.score_one(point)
        forest.learn_one(point)
    return scores, None
