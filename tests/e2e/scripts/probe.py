"""``probe.py reach ADDRESS...``: print what became of each attempt; ``listen``: then answer others.

An address is PROTOCOL:HOST:PORT; what is printed for it is empty if somebody answered there.
"""

import json
import socket
import socketserver
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def reach(address: str) -> str:
    protocol, host, port = address.split(":")
    with socket.socket(type=KINDS[protocol]) as made:
        # TCP tries again after one second, and after three.
        made.settimeout(5)
        try:
            made.connect((host, int(port)))
            if protocol == "udp":
                made.sendall(b"?")
                made.recv(1)
        except OSError as error:
            return error.strerror or str(error)
    return ""


class Echo(socketserver.BaseRequestHandler):
    """Sends what comes in back, line by line."""

    def handle(self) -> None:
        if isinstance(self.request, tuple):
            data, answering = self.request
            answering.sendto(data, self.client_address)
        else:
            while data := self.request.recv(1024):
                self.request.sendall(data)


def listen() -> None:
    servers = [
        *(socketserver.ThreadingTCPServer(("", port), Echo) for port in (8080, 8081, 9001, 9002)),
        socketserver.UDPServer(("", 5300), Echo),
    ]
    for each in servers:
        threading.Thread(target=each.serve_forever).start()


with ThreadPoolExecutor(max_workers=20) as pool:
    how, *addresses = sys.argv[1:]
    print(json.dumps(dict(zip(addresses, pool.map(reach, addresses), strict=True))), flush=True)
if how == "listen":
    listen()
