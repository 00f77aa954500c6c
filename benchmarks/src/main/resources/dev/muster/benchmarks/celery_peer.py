"""Celery's side of the comparison: the application, and a client that measures and prints JSON lines."""
import json
import os
import sys
import time

from celery import Celery

app = Celery("celery_peer", broker=os.environ["BROKER"], backend=os.environ["RESULTS"])
app.conf.update(
    worker_prefetch_multiplier=int(os.environ.get("PREFETCH", "4")),
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    task_default_queue="celery-bench",
)


@app.task(name="bench.noop")
def noop():
    return None


def measure(count, latencies):
    noop.delay().get(timeout=60)

    def ignored():
        start = time.perf_counter()
        for _ in range(count):
            noop.apply_async(ignore_result=True)
        noop.delay().get(timeout=600)
        return count / (time.perf_counter() - start)

    print(json.dumps({"name": "first", "value": ignored()}), flush=True)
    print(json.dumps({"name": "ignored", "value": ignored()}), flush=True)

    # One by one is the only way that it has; to a queue that nobody reads, as the others.
    start = time.perf_counter()
    for _ in range(count):
        noop.apply_async(ignore_result=True, queue="celery-unread")
    sending = count / (time.perf_counter() - start)
    for name in ("send", "send one by one"):
        print(json.dumps({"name": name, "value": sending}), flush=True)
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge("celery-unread")

    start = time.perf_counter()
    results = [noop.delay() for _ in range(count)]
    for result in results:
        result.get(timeout=600)
    print(json.dumps({"name": "kept", "value": count / (time.perf_counter() - start)}), flush=True)

    times = []
    for _ in range(latencies):
        start = time.perf_counter()
        noop.delay().get(timeout=60)
        times.append(time.perf_counter() - start)
    times.sort()
    print(json.dumps({"name": "p50", "value": times[len(times) // 2] * 1000}))
    print(json.dumps({"name": "p99", "value": times[len(times) * 99 // 100] * 1000}), flush=True)


if __name__ == "__main__":
    measure(int(sys.argv[1]), int(sys.argv[2]))
