"""Writes signatures.json: canvases as Celery 5.2.6 writes them, before and after they are frozen.

    python3 signatures.py > signatures.json
"""
import json

from celery import Celery, chain, chord, group, xmap
from kombu.utils import json as wire

app = Celery("golden", broker="memory://", backend="cache+memory://")


def s(*args, **kwargs):
    return app.signature("t.add", args=args, kwargs=kwargs)


def canvases():
    yield "call", s(1, 2, k="ü")
    yield "options", s(1).set(
        queue="q", priority=3, countdown=1.5, expires=60, headers={"h": [1]}, time_limit=9, custom={"x": None}
    )
    yield "immutable", s(1).set(immutable=True)
    yield "links", (lambda c: (c.link(s(2)), c.link(group(s(3))), c.link_error(s(4)), c)[-1])(s(1))
    yield "chain", chain(s(1, 1), s(2), s(3))
    yield "chain with errors", chain(s(1, 1), s(2)).on_error(s(9))
    yield "group", group(s(n) for n in range(3))
    yield "group of groups", group([s(1), group([s(2), s(3)])])
    yield "chord", chord([s(1), chain(s(2), s(3))], s(4))
    yield "chain of groups", chain(s(1), group([s(2), s(3)]), s(4), group([s(5), s(6)]))
    yield "chord in chord", chord([chord([s(1), s(2)], s(3)), s(4)], chord([s(5), s(6)], chain(s(7), s(8))))
    yield "map", xmap(s(), [1, 2])
    yield "stamped", s(1).set(stamped_headers=["order"], order=["a"])


written = {}
for name, canvas in canvases():
    written[name] = json.loads(wire.dumps(canvas))
    frozen = canvas.clone()
    frozen.freeze()
    written[name + ", frozen"] = json.loads(wire.dumps(frozen))
print(json.dumps(written, indent=1))
