"""Certificate authorities for tests, by openssl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.commands import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Authority"]

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_DAYS = ("-days", "2")


class Authority:
    """A certificate authority in a folder, with all that it signs: ``NAME.crt``, ``NAME.key``."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made yet."""
        self.folder = folder
        self.certificate = folder / "ca.crt"
        self._key = folder / "ca.key"

    def create(self, name: str) -> None:
        """Make its own certificate and key."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        run(
            *("openssl", "req", "-x509", *_KEY, *_DAYS, "-subj", f"/CN={name}"),
            *("-keyout", str(self._key), "-out", str(self.certificate)),
        )

    def sign(
        self, name: str, subject: str, dns_names: Sequence[str] = (), addresses: Sequence[str] = ()
    ) -> tuple[Path, Path]:
        """Make a certificate and its key, good for servers and clients; give their paths."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        alternatives = [f"DNS:{each}" for each in dns_names] + [f"IP:{each}" for each in addresses]
        extensions = ["extendedKeyUsage=serverAuth,clientAuth", "basicConstraints=CA:FALSE"]
        if alternatives:
            extensions.append(f"subjectAltName={','.join(alternatives)}")
        run(
            *("openssl", "req", "-x509", *_KEY, *_DAYS, "-subj", subject),
            *("-CA", str(self.certificate), "-CAkey", str(self._key)),
            *("-keyout", str(key), "-out", str(certificate)),
            *(word for extension in extensions for word in ("-addext", extension)),
        )
        return certificate, key
