"""A Celery application with the tasks that CeleryWorkflowTasks has in Java, and ways to put them
together.

It is preceded by a line that sets PREFIX, which keeps the queues of one test class apart from those
of others on the same broker.
"""
import itertools

import celery.exceptions
from celery import Celery, chain, chord, chunks, group, xmap
from kombu import Exchange, Queue


def direct(name):
    return Queue(PREFIX + name, Exchange(PREFIX + name), routing_key=PREFIX + name)


app = Celery("workflows")
app.conf.update(
    task_default_queue=PREFIX + "python",
    task_queues=[direct("python"), direct("java")],
    worker_prefetch_multiplier=1,
)


@app.task(name="w.add")
def add(a, b):
    return a + b


def total(numbers):
    return sum(total(n) if isinstance(n, list) else n for n in numbers)


app.task(name="w.sum")(total)


@app.task(name="w.echo")
def echo(value):
    return value


@app.task(name="w.fail")
def fail(value):
    raise ValueError("no %s" % value)


# With two positional parameters, Python would take it for an error callback of the new style.
@app.task(name="w.note")
def note(value, *, path):
    with open(path, "a") as file:
        file.write("%s\n" % value)


@app.task(name="w.twice", bind=True)
def twice(self, number):
    raise self.replace(s("add", number, number))


@app.task(name="w.spread", bind=True)
def spread(self, number):
    raise self.replace(group(s("add", n, n) for n in range(number)))


@app.task(name="w.bring", bind=True)
def bring(self, number):
    self.add_to_chord(s("echo", number * 10))
    return number


@app.task(name="w.again", bind=True)
def again(self, value):
    if self.request.retries == 0:
        # Not at once: another process of this worker could store the value before this one stores
        # that there is a retry, which Celery then lets stand for ever.
        raise self.retry(countdown=1)
    return value


# Two positional parameters: an error callback of the new style, called where the task has failed.
@app.task(name="w.blame")
def blame(request, error, traceback, *, path):
    with open(path, "a") as file:
        file.write("%s %s\n" % (request.id, error))


@app.task(name="w.where", bind=True)
def where(self, _):
    return [self.request.id, self.request.root_id, self.request.parent_id, self.request.group_index]


sides = itertools.cycle(["python"])


def s(name, *args, **kwargs):
    """A signature for the next of the sides."""
    queue = PREFIX + next(sides)
    return app.signature("w." + name, args=args, kwargs=kwargs).set(queue=queue)


def built(where, build):
    """Builds a workflow whose tasks go to the sides in turn."""
    global sides
    sides = itertools.cycle(where.split(","))
    return build()


def value(where, build):
    result = built(where, build).apply_async()
    try:
        return result.get(timeout=20)
    except celery.exceptions.TimeoutError:
        # Celery's client misses an answer now and then, as settled() tells; it is in the store then.
        return settled(result)


def dictionary(where, build):
    return json.loads(json.dumps(built(where, build)))
