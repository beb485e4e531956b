"""A process of the portal, and its own read API."""

import json
import os
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent.parent


def build(*options):
    """Builds the portal. Returns its program."""
    command = ["cargo", "build", "--quiet", "--locked", "--package", "opencensus-portal", "--message-format", "json"]
    built = subprocess.run([*command, *options], cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    return next(message["executable"] for message in messages if message.get("executable"))


class Portal:
    """A portal on a free port with a new database and a new state folder, until the `with` block ends."""

    def __init__(self, program, folder):
        environment = {**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
        command = [program, "--listen", "127.0.0.1:0", "--db", str(folder / "portal.db")]
        self.folder = folder
        self.errors = open(folder / "portal.log", "wb")
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http://"):
            self.stop()
            raise RuntimeError(f"the portal did not start: {(folder / 'portal.log').read_text()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()
        self.errors.close()

    def endpoint(self, tls, slash):
        """The address that a client sends to. Certificates are made for `localhost`."""
        port = urllib.parse.urlsplit(self.url).port
        return (f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}") + ("/" if slash else "")

    def certificate(self):
        """The certificate that the portal made at its start."""
        return self.folder / "state" / "opencensus-portal" / "certificate.pem"

    def get(self, path, **query):
        address = f"{self.url.rstrip('/')}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=10) as response:
            return json.load(response)

    def count(self, **query):
        return self.get("/api/v1/count", **query)["count"]
