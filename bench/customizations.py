"""How fast the rule engine is, and whether the JSON Schema it publishes says the same as it does.

Two validators that know nothing of the engine, one in Python and one in Rust, judge generated answers to generated
schemas. The generators are those of the tests.
"""

import os
import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from random import Random
from time import thread_time

import jsonschema
import jsonschema_rs

from bench.report import Measurement
from customizations import engine, json_schema
from customizations.tests import generated

_OPTIONS = 50
_SHARES = 40
_SCHEMAS = 50
_ANSWER_SETS = 50


def measure_engine() -> list[Measurement]:
    """Parse and evaluate schemas of 50 options; and one where everything is as long as it may be."""
    random = Random(1)
    documents = [generated.document(random, _OPTIONS) for _ in range(40)]
    parsing, evaluating = [], []
    for document in documents:
        parsing += _times(partial(engine.parse, document), 5)
        schema = engine.parse(document)
        for answers in generated.answer_sets(random, schema, 50):
            evaluating += _times(partial(engine.evaluate, schema, answers, unit_price=generated.ONE), 1)
    schema, answers = generated.longest(random, _OPTIONS)
    longest = _times(partial(engine.evaluate, schema, answers, unit_price=generated.ONE), 200)
    return [
        Measurement(f"evaluate, {_OPTIONS} options: p95", _p95(evaluating), "ms", 5),
        Measurement("evaluate, all as long as can be: p95", _p95(longest), "ms", 5),
        Measurement(f"parse, {_OPTIONS} options: p95", _p95(parsing), "ms"),
    ]


def measure_agreement() -> list[Measurement]:
    """Count the answer sets on which the engine and either validator disagree: there are none."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(compare, range(_SHARES)))
    pairs, valid, disagreements = (sum(each) for each in zip(*found, strict=True))
    return [
        Measurement("pairs of schema and answers", pairs, ""),
        Measurement("of them legal", 100 * valid / pairs, "%"),
        Measurement("disagreements", disagreements, "", 0),
    ]


def compare(seed: int) -> tuple[int, int, int]:
    """How many answer sets were judged, how many were legal, and on how many the judges disagree."""
    random = Random(seed)
    pairs = valid = disagreements = 0
    for _ in range(_SCHEMAS):
        schema = engine.parse(generated.document(random, random.randint(1, 12)))
        rules = json_schema.build(schema)
        in_python, in_rust = jsonschema.Draft202012Validator(rules), jsonschema_rs.Draft202012Validator(rules)
        for answers in generated.answer_sets(random, schema, _ANSWER_SETS):
            is_legal = generated.judge(schema, answers).is_valid
            pairs, valid = pairs + 1, valid + is_legal
            disagreements += {in_python.is_valid(answers), in_rust.is_valid(answers)} != {is_legal}
    return pairs, valid, disagreements


def _times(call: Callable[[], object], count: int) -> list[float]:
    """How many milliseconds of a processor each of ``count`` calls takes, whatever else the machine does."""
    times = []
    for _ in range(count):
        started = thread_time()
        call()
        times.append((thread_time() - started) * 1000)
    return times


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
