"""The tasks of WorkflowTreeTasks, in Python. It is preceded by a line that sets QUEUE."""
from celery import Celery
from kombu import Exchange, Queue

app = Celery("trees")
app.conf.update(
    task_default_queue=QUEUE,
    task_queues=[Queue(QUEUE, Exchange(QUEUE), routing_key=QUEUE)],
    worker_prefetch_multiplier=1,
)


def total(value):
    if isinstance(value, list):
        return sum(total(each) for each in value) + 1
    return value


@app.task(name="trees.leaf")
def leaf(value, run, number, fails):
    with open(run, "a") as file:
        file.write("%d\n" % number)
    if fails:
        raise ValueError("leaf %d fails" % number)
    return total(value) + number


@app.task(name="trees.seed")
def seed(value):
    return value
