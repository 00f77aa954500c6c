"""Runs a command on a terminal of its own. Orders come as lines of JSON on standard input: {"keys": "jk"} and
{"size": [columns, rows]}. What the command prints goes to standard output, and when it has ended a last line says
whether it has left the terminal as it was, and its exit status."""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios


def resize(columns, rows):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))


master, slave = pty.openpty()
resize(80, 24)
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for stream in 0, 1, 2:
        os.dup2(slave, stream)
    os.close(master)
    os.execvpe(sys.argv[1], sys.argv[1:], dict(os.environ, TERM='xterm-256color'))

status = None
pending = b''
while status is None:
    ready, _, _ = select.select([master, 0], [], [], 0.1)
    if master in ready:
        os.write(1, os.read(master, 65536))
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            os.kill(pid, 9)
        pending += data
        *lines, pending = pending.split(b'\n')
        for line in lines:
            order = json.loads(line)
            if 'keys' in order:
                os.write(master, order['keys'].encode())
            else:
                resize(*order['size'])
    if not ready:
        ended, code = os.waitpid(pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if ended else None

restored = termios.tcgetattr(slave)[:4] == before[:4]
os.write(1, b'\nrestored: %s, exit: %d\n' % (str(restored).encode(), status))
