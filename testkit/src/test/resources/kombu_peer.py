"""Answers one question per line about what kombu and Python do with a value.

A question is a command and its arguments, each in base64, separated by blanks; the answer is base64 as well.
"""
import base64
import datetime
import sys
import uuid
from datetime import date, datetime as dt, time, timezone
from decimal import Decimal

from celery.utils.time import maybe_iso8601
from kombu import compression
from kombu.serialization import dumps, enable_insecure_serializers, loads

enable_insecure_serializers(['yaml', 'msgpack'])
TYPES = {'json': 'application/json', 'msgpack': 'application/x-msgpack', 'yaml': 'application/x-yaml'}


def encode(name, expression):
    body = dumps(eval(expression), serializer=name.decode())[2]
    return body if isinstance(body, bytes) else body.encode()


def decode(name, body):
    return repr(loads(body, TYPES[name.decode()], 'binary' if name == b'msgpack' else 'utf-8')).encode()


def evaluate(expression):
    return repr(eval(expression)).encode('utf-8', 'backslashreplace')


def compress(name, data):
    return compression.compress(data, name.decode())[0]


def decompress(name, data):
    return compression.decompress(data, name.decode())


def parse_time(text):
    return maybe_iso8601(text.decode()).astimezone(timezone.utc).isoformat().encode()


for line in sys.stdin:
    command, *arguments = line.split()
    try:
        answer = globals()[command](*[base64.b64decode(argument) for argument in arguments])
    except Exception as error:
        answer = f'error: {error!r}'.encode()
    print(base64.b64encode(answer).decode(), flush=True)
