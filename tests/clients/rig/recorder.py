"""An endpoint that accepts everything, over TLS and not, and keeps the bodies of all posts."""

import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TLS_HANDSHAKE = b"\x16"


class Recorder:
    """An endpoint on a free port, until the `with` block ends. `posts` are pairs of a path and a body."""

    def __init__(self, folder):
        self.certificate, key = folder / "certificate.pem", folder / "key.pem"
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        files = ["-keyout", key, "-out", self.certificate]
        subprocess.run(["openssl", "req", "-x509", *curve, *files, *names], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.posts = []
        self.server = server(self.posts, context)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def endpoint(self, tls):
        port = self.server.server_address[1]
        return f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"


def server(posts, context):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            posts.append((self.path, self.body()))
            is_otlp = self.path.startswith("/v1/")
            self.respond(b"" if is_otlp else b'{"itemsReceived":1,"itemsAccepted":1,"errors":[]}')

        def body(self):
            if "content-length" in self.headers:
                return self.rfile.read(int(self.headers["content-length"]))
            body = b""
            while length := int(self.rfile.readline(), 16):
                body += self.rfile.read(length + 2)[:-2]
            self.rfile.readline()
            return body

        def do_OPTIONS(self):
            self.respond(b"")

        def do_GET(self):
            self.respond(b"")

        def respond(self, body):
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.send_header("access-control-allow-origin", self.headers.get("origin", "*"))
            self.send_header("access-control-allow-headers", "*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def finish_request(self, connection, address):
            if connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                connection = context.wrap_socket(connection, server_side=True)
            super().finish_request(connection, address)

    return Server(("127.0.0.1", 0), Handler)
