# SPDX-License-Identifier: Apache-2.0
# Compresses a file in four threads that wait for work with a timeout, and writes it back. The
# interpreter itself hands its lock over by condition variables with timeouts, in every thread, all
# the time.
import queue
import sys
import threading
import zlib

PIECE = 20000

with open(sys.argv[1], "rb") as source:
    data = source.read()
tasks = queue.Queue(3)
results = {}
lock = threading.Lock()


def work():
    while True:
        try:
            task = tasks.get(timeout=0.05)
        except queue.Empty:
            continue
        if task is None:
            return
        packed = zlib.compress(task[1], 1)
        with lock:
            results[task[0]] = packed


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
count = 0
for at in range(0, len(data), PIECE):
    tasks.put((count, data[at:at + PIECE]))
    count += 1
for _ in threads:
    tasks.put(None)
for thread in threads:
    thread.join()
for number in range(count):
    sys.stdout.buffer.write(zlib.decompress(results[number]))
