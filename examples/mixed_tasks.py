"""The Python half of Mixed.java. See there."""
import statistics

from celery import Celery

# The variables CELERY_BROKER_URL and CELERY_RESULT_BACKEND say otherwise.
app = Celery("mixed_tasks", broker="redis://localhost:6379/0", backend="redis://localhost:6379/0")


@app.task(name="mixed.describe")
def describe(numbers):
    return {"mean": statistics.mean(numbers), "median": statistics.median(numbers)}


@app.task(name="mixed.title")
def title(text):
    return text.title()
