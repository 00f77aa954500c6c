"""Celery's side of the comparison of workflows: the application, and a client that measures and prints JSON lines."""
import json
import os
import random
import sys
import time

from celery import Celery, chain, chord, group

app = Celery("celery_workflow_peer", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.update(
    worker_prefetch_multiplier=4,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    task_default_queue="celery-bench",
)


@app.task(name="bench.same")
def same(number):
    return number


@app.task(name="bench.sum")
def total(numbers):
    return sum(numbers)


@app.task(name="bench.next")
def following(number):
    return number + 1


def merge(left, right):
    merged = []
    l = r = 0
    while l < len(left) and r < len(right):
        if left[l] <= right[r]:
            merged.append(left[l])
            l += 1
        else:
            merged.append(right[r])
            r += 1
    return merged + left[l:] + right[r:]


@app.task(name="bench.sort")
def sort(numbers):
    if len(numbers) < 2:
        return numbers
    middle = len(numbers) // 2
    return merge(sort(numbers[:middle]), sort(numbers[middle:]))


@app.task(name="bench.merge")
def merge_all(lists):
    while len(lists) > 1:
        lists.append(merge(lists.pop(0), lists.pop(0)))
    return lists[0]


def parts(numbers, count):
    return [numbers[len(numbers) * part // count:len(numbers) * (part + 1) // count] for part in range(count)]


def measure(name, workflow, expected, repeats):
    for _ in range(repeats):
        start = time.perf_counter()
        value = workflow().apply_async().get(timeout=600)
        seconds = time.perf_counter() - start
        if value != expected:
            sys.exit("a wrong value of " + name)
        print(json.dumps({"name": name, "value": seconds * 1000}), flush=True)


def run(size, steps, repeats, numbers):
    """Measures each workflow; the sort, which takes long, once, and not at all without numbers."""
    measure("group", lambda: group(same.s(n) for n in range(size)), list(range(size)), repeats)
    measure("chord", lambda: chord([same.s(n) for n in range(size)], total.s()), sum(range(size)), repeats)
    measure("chain", lambda: chain([same.s(0)] + [following.s() for _ in range(steps)]), steps, repeats)
    if numbers:
        shuffled = list(range(numbers))
        random.Random(numbers).shuffle(shuffled)
        measure("sort", lambda: chord([sort.s(part) for part in parts(shuffled, 4)], merge_all.s()), list(range(numbers)), 1)
        start = time.perf_counter()
        sort(shuffled)
        print(json.dumps({"name": "local", "value": (time.perf_counter() - start) * 1000}), flush=True)


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
