"""The clients: which library each one uses, how it is started, and what it sends."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("CLIENTS_HOME", HERE.parent.parent / "target" / "clients")).resolve()
LONGEST = 120  # seconds that a client may take

# Clients report their own use to their vendor unless these are set.
QUIET = {
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATION_INSIGHTS_NO_STATSBEAT": "true",
}


@dataclass(frozen=True)
class Client:
    """A row of `clients.json`."""

    name: str
    package: str  # the folder of its program and its manifest
    library: str
    program: str
    sends: str
    tls: bool = False  # whether its library accepts no other scheme than https
    arguments: list = field(default_factory=list)
    exact: dict = field(default_factory=dict)  # items by kind
    least: dict = field(default_factory=dict)
    named: list = field(default_factory=list)  # kind and name of items among them

    def version(self):
        """The pinned version of the library, or that of an installed program."""
        for manifest in [HERE / self.package / "requirements.txt", HERE / self.package / "package.json"]:
            pin = re.compile(rf'(?m)^\W*{re.escape(self.library)}(?:==|": ")([^"\n]+)')
            if manifest.exists() and (found := pin.search(manifest.read_text())):
                return found[1]
        return subprocess.run([self.library, "--version"], capture_output=True, text=True).stdout.split()[1]

    def is_installed(self):
        manifests = [HERE / self.package / name for name in ["requirements.txt", "package.json"]]
        return not any(map(Path.exists, manifests)) or (HOME / self.package / "installed").exists()

    def command(self):
        interpreter = {".py": HOME / self.package / "bin" / "python", ".js": "node", ".sh": "sh"}
        return [str(interpreter[Path(self.program).suffix]), self.program, *self.arguments]

    def send(self, endpoint, certificate, log):
        """Runs the client until it ends. Returns what is wrong with its end, or `None`."""
        key = "00000000-0000-4000-8000-000000000001"
        environment = {
            **os.environ,
            **QUIET,
            "CONNECTION_STRING": f"InstrumentationKey={key};IngestionEndpoint={endpoint};LiveEndpoint={endpoint}",
            "NODE_EXTRA_CA_CERTS": str(certificate or ""),
            "NODE_PATH": str(HOME / self.package / "node_modules"),
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        }
        with open(log, "wb") as output:
            try:
                end = subprocess.run(
                    self.command(),
                    cwd=HERE / self.package,
                    env=environment,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=LONGEST,
                )
            except subprocess.TimeoutExpired:
                return f"it ran longer than {LONGEST} s"
        return f"it ended with {end.returncode}" if end.returncode else None


def clients(names):
    """The clients with these names, or all of them."""
    known = {row["name"]: Client(**row) for row in json.loads((HERE / "clients.json").read_text())}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"unknown client {unknown[0]}; known are: {', '.join(known)}")
    return [known[name] for name in names or known]
