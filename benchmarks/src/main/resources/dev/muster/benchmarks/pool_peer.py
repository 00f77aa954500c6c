"""Python's side of the comparison of process pools: measures ProcessPoolExecutor and prints JSON lines."""
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

FIB = 28
FIB_RUNS = 10


def inc(n):
    return n + 1


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def report(name, value):
    print(json.dumps({"name": name, "value": value}), flush=True)


def submit_all(pool, calls):
    futures = [pool.submit(inc, n) for n in range(calls)]
    assert sum(future.result() for future in futures) == calls * (calls + 1) // 2


def map_all(pool, calls, chunk):
    assert sum(pool.map(inc, range(calls), chunksize=chunk)) == calls * (calls + 1) // 2


def one_by_one(pool, calls):
    times = []
    for n in range(calls):
        start = time.perf_counter()
        assert pool.submit(inc, n).result() == n + 1
        times.append(time.perf_counter() - start)
    return sorted(times)


def seconds(body):
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def measure(workers, calls, latencies, chunk):
    start = time.perf_counter()
    pool = ProcessPoolExecutor(workers)
    pool.submit(inc, 0).result()
    report("start", (time.perf_counter() - start) * 1000)

    submit_all(pool, calls)
    map_all(pool, calls, chunk)
    report("submit", calls / seconds(lambda: submit_all(pool, calls)))
    report("map", calls / seconds(lambda: map_all(pool, calls, 1)))
    report("chunks", calls / seconds(lambda: map_all(pool, calls, chunk)))

    times = one_by_one(pool, latencies)
    report("p50", times[len(times) // 2] * 1e6)
    report("p99", times[len(times) * 99 // 100] * 1e6)

    alone = min(seconds(lambda: list(pool.map(fib, [FIB]))) for _ in range(FIB_RUNS))
    together = min(seconds(lambda: list(pool.map(fib, [FIB] * workers))) for _ in range(FIB_RUNS))
    report("efficiency", alone / together)
    pool.shutdown()


if __name__ == "__main__":
    measure(*[int(word) for word in sys.argv[1:]])
