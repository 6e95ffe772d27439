"""A first configuration: small, and working at once against `reconciler simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from reconciler.model.errors import ReconcilerError
from reconciler.schema import MODELINE, documents, printed

_UDESK: Final = """\
#
# Try it:  reconciler simulate udesk --port 8080 &
#          reconciler plan .
# Then put your own tenant's address and AppId below, and the credentials into the environment.
version: 1
contact_center: my-center

provider:
  type: udesk
  base_url: ${env:UDESK_URL:-http://127.0.0.1:8080}
  app_id: ${env:UDESK_APP_ID:-a54a8b77-f12d-4ac9-742d-5b2bef5c4d11}
  sid: ${env:UDESK_SID:-demo-sid}
  auth_token: ${env:UDESK_AUTH_TOKEN:-demo-token}

queues:
  sales: {id: "9001", name: Sales, timeout: 60}
  support: {id: "9002", name: Support}

agents:
  li.wei:
    id: "10031"
    work_id: "22024"
    name: Li Wei
    extensions: ["8001"]
    queues: [sales, support]

fast_routers:
  "1": {queue: sales, description: Sales}
  "2": {queue: support, description: Support}
"""
_TENCENT: Final = """\
#
# Try it:  reconciler simulate tencent --port 8080 &
#          reconciler plan .
# Then put your own SdkAppId below, take the endpoint out, and put the credentials into the environment.
version: 1
contact_center: my-center

provider:
  type: tencent
  sdk_app_id: ${env:TENCENTCLOUD_SDK_APP_ID:-1400000000}
  secret_id: ${env:TENCENTCLOUD_SECRET_ID:-demo-sid}
  secret_key: ${env:TENCENTCLOUD_SECRET_KEY:-demo-token}
  token: ${env:TENCENTCLOUD_TOKEN:-}
  endpoint: ${env:TENCENTCLOUD_ENDPOINT:-http://127.0.0.1:8080}

queues:
  sales: {name: Sales}
  support: {name: Support}

agents:
  li.wei:
    email: li.wei@example.com
    name: Li Wei
    staff_number: "22024"
    queues: {sales: {priority: 1}, support: {}}

extensions:
  "8001": {name: Desk Li Wei, agent: li.wei}
"""
TEMPLATES: Final = {"udesk": _UDESK, "tencent": _TENCENT}


def write(vendor: str, directory: str) -> tuple[str, ...]:
    """
    Write the configuration and its schema; nothing is overwritten.

    Returns:
        The paths written.

    Raises:
        ReconcilerError: The folder holds one already, or can't be written.
    """
    folder = Path(directory)
    files = {
        folder / "reconciler.yaml": MODELINE.format(f".schema/{vendor}.json") + TEMPLATES[vendor],
        folder / ".schema" / f"{vendor}.json": printed(documents()[vendor]),
    }
    for path in files:
        if path.exists() or path.is_symlink():
            raise ReconcilerError(f"{path} is there already, and nothing is overwritten", remedy="Name another folder.")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as cause:
        raise ReconcilerError(
            f"{directory} can't be written: {cause.strerror}", remedy="Name another folder."
        ) from cause
    return tuple(str(path) for path in files)
