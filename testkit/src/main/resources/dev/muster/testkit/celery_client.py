"""Follows the application: evaluates Python expressions, one JSON string per line of standard
input, and answers each with one line of JSON, until the input ends.
"""
import datetime
import json
import os
import sys
import time
import traceback
import uuid

sent = {}


def send(task, *args, **options):
    """Sends a task by name and returns its id."""
    return keep(app.send_task(task, args, **options))


def keep(result):
    sent[result.id] = result
    return result.id


def publish(id, body, queue, content_type="application/json", content_encoding="utf-8", **headers):
    """Publishes bytes that no Celery client would, and expects a result all the same."""
    with app.producer_pool.acquire() as producer:
        app.backend.on_task_call(producer, id)
        producer.publish(
            body,
            exchange="",
            routing_key=queue,
            content_type=content_type,
            content_encoding=content_encoding,
            correlation_id=id,
            reply_to=app.thread_oid,
            headers=dict(headers, id=id),
        )
    return keep(app.AsyncResult(id))


def outcome(id, timeout=60):
    """What the client sees of a result."""
    result = sent.get(id) or app.AsyncResult(id)
    seen = {}
    try:
        seen["value"] = result.get(timeout=timeout)
    except Exception as error:
        seen["error"] = type(error).__name__
        seen["module"] = type(error).__module__
        seen["bases"] = [base.__name__ for base in type(error).__mro__]
        seen["args"] = error.args
    seen["status"] = result.status
    seen["traceback"] = result.traceback
    seen["done"] = result.date_done
    seen["children"] = result.children
    return seen


def call(task, *args, **options):
    """Sends a task and waits for its value."""
    id = send(task, *args, **options)
    return sent.pop(id).get(timeout=60)


def settled(result, timeout=60):
    """The value of a result that this client has not sent the task of.

    Celery subscribes to such a result and asks for it on two connections at once, and so may miss
    it when the task ends at this moment. So this looks before it waits.
    """
    end = time.monotonic() + timeout
    while not result.ready():
        if time.monotonic() > end:
            raise TimeoutError("no result of %s" % result)
        time.sleep(0.01)
    return result.get(timeout=timeout)


def stored(id):
    """The record as the store has it."""
    return app.backend.get(app.backend.get_key_for_task(id)).decode()


def plain(value):
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return repr(value)


def serve():
    # What a library prints must not stand among the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            answer = {"value": eval(json.loads(line), globals())}
        except Exception:
            answer = {"failure": traceback.format_exc()}
        answers.write(json.dumps(answer, default=plain) + "\n")
        answers.flush()


serve()
