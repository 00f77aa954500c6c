"""A Celery application with the tasks that CeleryContractTasks has in Java.

It is preceded by a line that sets PREFIX, which keeps the queues of one test class apart from those
of others on the same broker.
"""
import pathlib
import time

from celery import Celery
from kombu import Exchange, Queue
from kombu.common import Broadcast


def direct(name, **options):
    return Queue(PREFIX + name, Exchange(PREFIX + name), routing_key=PREFIX + name, **options)


def topic(name, pattern):
    return Queue(PREFIX + name, Exchange(PREFIX + "topic", type="topic"), routing_key=pattern)


app = Celery("contract")
app.conf.update(
    accept_content=["json", "msgpack", "yaml"],
    task_default_queue=PREFIX + "python",
    task_queues=[
        direct("python"),
        direct("java"),
        direct("both"),
        direct("unread"),
        topic("python-topic", "python.*.#"),
        topic("java-topic", "java.*.#"),
        direct("python-urgent", max_priority=10),
        direct("java-urgent", max_priority=10),
        Broadcast(PREFIX + "news"),
    ],
    worker_prefetch_multiplier=1,
)


@app.task(name="contract.add")
def add(a, b):
    return a + b


@app.task(name="contract.echo")
def echo(value):
    return value


@app.task(name="contract.options")
def options(a, b="two", **others):
    return [a, b, others]


@app.task(name="contract.text")
def text(value):
    return repr(value)


@app.task(name="contract.nothing")
def nothing():
    return None


@app.task(name="contract.fail")
def fail(message):
    raise ValueError(message, 42)


@app.task(name="contract.language")
def language():
    time.sleep(0.005)
    return "python"


@app.task(name="contract.moment")
def moment():
    return time.time()


@app.task(name="contract.touch")
def touch(path):
    pathlib.Path(path).touch()


@app.task(name="contract.note")
def note(path, line):
    with open(path, "a") as file:
        file.write(line + "\n")


@app.task(name="contract.hear", ignore_result=True)
def hear(path):
    note(path, "python")


@app.task(name="contract.tenant", bind=True)
def tenant(self):
    return [getattr(self.request, "tenant", None), self.request.lang]


@app.task(name="contract.stubborn", bind=True, max_retries=3)
def stubborn(self, failures, delay):
    if self.request.retries < failures:
        raise self.retry(countdown=delay, exc=ValueError("not yet"))
    return [self.request.retries, self.request.id, self.request.root_id, "python"]


@app.task(name="contract.progress", bind=True)
def progress(self, path):
    self.update_state(state="PROGRESS", meta={"progress": 0.5, "message": "half"})
    pathlib.Path(path + ".started").touch()
    for _ in range(3000):
        if pathlib.Path(path).exists():
            return "done"
        time.sleep(0.02)
    raise TimeoutError(path)
