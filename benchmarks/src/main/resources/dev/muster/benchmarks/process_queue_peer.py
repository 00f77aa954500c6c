"""What Python's multiprocessing does in the comparison of queues between processes.

    process_queue_peer.py NAME queue SENDERS RECEIVERS VALUES number|text
    process_queue_peer.py NAME pipe VALUES

Prints values, or round trips, per second after the first fifth, as a JSON line with that name.
"""

import json
import multiprocessing
import sys
import time

CAPACITY = 1_000
TEXT = "x" * 100


def send(queue, values, kind):
    for number in range(values):
        queue.put(number if kind == "number" else TEXT)


def receive(queue, first, rates):
    count = 0
    start = last = time.monotonic()
    for _ in iter(queue.get, None):
        count += 1
        if count == first:
            start = time.monotonic()
    last = time.monotonic()
    rates.put((count - first) / (last - start))


def echo(end):
    for message in iter(end.recv, None):
        end.send(message)


def run_queue(senders, receivers, values, kind):
    queue = multiprocessing.Queue(CAPACITY)
    rates = multiprocessing.Queue()
    each = values // senders
    first = values // receivers // 5
    taking = [
        multiprocessing.Process(target=receive, args=(queue, first, rates)) for _ in range(receivers)
    ]
    putting = [multiprocessing.Process(target=send, args=(queue, each, kind)) for _ in range(senders)]
    for process in taking + putting:
        process.start()
    for process in putting:
        process.join()
    for _ in taking:
        queue.put(None)
    tell(sum(rates.get() for _ in taking))
    for process in taking:
        process.join()


def run_pipe(values):
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=echo, args=(there,))
    process.start()
    start = time.monotonic()
    for number in range(values):
        here.send(number)
        here.recv()
        if number == values // 5:
            start = time.monotonic()
    tell((values - values // 5) / (time.monotonic() - start))
    here.send(None)
    process.join()


def tell(rate):
    print(json.dumps({"name": sys.argv[1], "value": rate}))


if __name__ == "__main__":
    if sys.argv[2] == "queue":
        run_queue(int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), sys.argv[6])
    else:
        run_pipe(int(sys.argv[3]))
