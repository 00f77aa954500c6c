"""Reads each body of the file as a Celery worker would, writes it again, and prints it in hex."""

import sys

from kombu import serialization

serialization.enable_insecure_serializers(['json', 'msgpack', 'yaml'])
name, content_type, encoding, file = sys.argv[1:]
for line in open(file):
    value = serialization.loads(bytes.fromhex(line), content_type, encoding, accept={content_type})
    body = serialization.dumps(value, serializer=name)[2]
    print((body.encode('utf-8') if isinstance(body, str) else body).hex())
