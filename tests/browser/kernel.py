"""The same kernel as the page's, asked from the test: its values, and every error it published."""

from __future__ import annotations

import ast
import json
from queue import Empty
from typing import TYPE_CHECKING, Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 60

# Arrays, Series, numpy numbers, tuples and sets all arrive as plain JSON.
AS_JSON = (
    "__import__('json').dumps(({}), "
    "default=lambda v: v.tolist() if hasattr(v, 'tolist') else list(v))"
)


class KernelError(AssertionError):
    """An expression that a test asked for raised in the kernel."""


class Kernel:
    """A second client of a running kernel.

    Parameters
    ----------
    connection_file : Path
        As written by the Jupyter server.
    """

    def __init__(self, connection_file: Path) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        # A drag of a slider publishes thousands of messages, and we read only now and then.
        self._context.setsockopt(zmq.RCVHWM, 0)
        self._client = BlockingKernelClient(
            connection_file=str(connection_file), context=self._context
        )
        self._client.load_connection_file()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=SECONDS)
        self.errors: list[str] = []
        """Errors published on behalf of anyone: cells, widget callbacks, ourselves."""
        self.stderr: list[str] = []
        """Text that anyone wrote to stderr: warnings, logging's last resort, progress bars."""

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the notebook's namespace, as plain JSON types."""
        request = self._client.execute(
            "",
            silent=True,
            store_history=False,
            user_expressions={"value": AS_JSON.format(expression)},
        )
        reply = self._client.get_shell_msg(timeout=SECONDS)
        while reply["parent_header"].get("msg_id") != request:
            reply = self._client.get_shell_msg(timeout=SECONDS)
        self._listen_until_idle(request)
        value = reply["content"]["user_expressions"]["value"]
        if value["status"] != "ok":
            raise KernelError(f"{expression}: {value['ename']}: {value['evalue']}")
        return json.loads(ast.literal_eval(value["data"]["text/plain"]))

    def run(self, statements: str) -> None:
        """Run statements in the notebook's namespace; raise `KernelError` if they raise."""
        reply = self._client.execute_interactive(
            statements, store_history=False, timeout=SECONDS, output_hook=self._keep
        )
        if reply["content"]["status"] != "ok":
            raise KernelError("\n".join(reply["content"]["traceback"]))

    def catch_up(self) -> None:
        """Take in everything that the kernel has published so far."""
        self.evaluate("None")

    def close(self) -> None:
        """Let go of the kernel; it goes on running."""
        self._client.stop_channels()
        self._context.destroy(linger=0)

    def _listen_until_idle(self, request: str) -> None:
        """Read the public channel up to the end of our own request: all before it comes first."""
        while True:
            try:
                message = self._client.get_iopub_msg(timeout=SECONDS)
            except Empty:
                raise KernelError("the kernel published nothing") from None
            self._keep(message)
            ours = message["parent_header"].get("msg_id") == request
            if ours and message["content"].get("execution_state") == "idle":
                return

    def _keep(self, message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "error":
            self.errors.append("\n".join(content["traceback"]) or content["ename"])
        elif message["msg_type"] == "stream" and content["name"] == "stderr":
            self.stderr.append(content["text"])
