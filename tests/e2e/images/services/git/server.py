"""Serves the repositories below /repositories over HTTP, by Git's own http-backend."""

import os
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Hands each request to ``git http-backend`` (git-http-backend(1)), a CGI program."""

    protocol_version = "HTTP/1.1"

    def _respond(self):
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROJECT_ROOT": "/repositories",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
        }
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        command = ["git", "http-backend"]
        said = subprocess.run(command, env=environment, input=body, capture_output=True).stdout
        head, _, content = said.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _respond


ThreadingHTTPServer(("", 8080), Handler).serve_forever()
