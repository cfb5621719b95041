"""One tab of a browser, without the browser: it speaks with the app as Streamlit's page does.

What it sends has the form that was recorded from Chromium with Streamlit 1.67: the first message
names the page and the query of its address; every other one the page's hash, the fragment that
has to run, the changed widget, and which large messages of the server the tab still holds.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

HELD_RUNS = 2
"""Streamlit's page forgets a large message that no run has shown for so many runs."""
PATIENCE_S = 60


@dataclass(frozen=True)
class Arrival:
    """A message of the server."""

    at: float
    """When it came, by ``time.perf_counter()``."""
    data: bytes
    """As it came."""
    message: ForwardMsg
    """What it says."""


@dataclass
class Component:
    """A browser component of our own, as the server last sent it."""

    id: str
    """The widget's name."""
    fragment: str
    """The part of the page that runs when its state changes."""


@dataclass
class Tab:
    """A page of the app that somebody has open."""

    url: str
    """The app's address."""
    page: str = ""
    """The page's name in the address, empty for the first one."""
    query: str = ""
    """What stands after the question mark."""
    on_arrival: Callable[["Tab", Arrival], None] = lambda tab, arrival: None
    """Called with every message of the server."""
    components: dict[str, Component] = field(default_factory=dict)
    """What the server has mounted, by the component's name."""
    runs: int = 0
    """Runs of the page that have finished."""
    received: int = 0
    """Bytes that have come."""
    reruns: int = 0
    """Runs that the page asked for by itself, because it shows something live."""
    _socket: ClientConnection | None = None
    _page_hash: str = ""
    _held: dict[str, int] = field(default_factory=dict)
    _timers: dict[str, asyncio.Task] = field(default_factory=dict)
    _reader: asyncio.Task | None = None
    _finished: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        """Open the page and wait until it has been shown once.

        Raises:
            TimeoutError: If that takes longer than a minute.
        """
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await websockets.connect(
            address,
            subprotocols=[websockets.Subprotocol("streamlit")],
            origin=websockets.Origin(self.url),
            max_size=None,
            compression=None,
        )
        self._reader = asyncio.create_task(self._read())
        await self._send(fragment="")
        await asyncio.wait_for(self._finished.wait(), PATIENCE_S)

    async def close(self) -> None:
        """Leave the page."""
        for task in (*self._timers.values(), self._reader):
            if task is not None:
                task.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def set_state(self, component: str, **values: Any) -> float:
        """Send a component's state as its page does; return when it was sent."""
        mounted = self.components[component]
        return await self._send(mounted.fragment, mounted.id, json_value=compact(values))

    async def trigger(self, component: str, event: str, value: Any) -> float:
        """Send something that happened once in a component; return when it was sent."""
        mounted = self.components[component]
        name = f"$$STREAMLIT_INTERNAL_KEY_{mounted.id}__events"
        happened = compact([{"event": event, "value": value}])
        return await self._send(mounted.fragment, name, json_trigger_value=happened)

    async def _send(
        self, fragment: str, widget: str = "", auto: bool = False, **value: str
    ) -> float:
        """Ask for a run of the page or of a fragment; return when that was sent."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._page_hash
        state.page_name = "" if self._page_hash else self.page
        state.fragment_id = fragment
        state.is_auto_rerun = auto
        state.widget_states.SetInParent()
        if widget:
            state.widget_states.widgets.add(id=widget, **value)
        state.cached_message_hashes.extend(self._held)
        context = state.context_info
        context.timezone, context.locale, context.color_scheme = "UTC", "en-US", "light"
        context.url = f"{self.url}/{self.page}"
        assert self._socket is not None
        data = message.SerializeToString()
        sent_at = time.perf_counter()
        await self._socket.send(data)
        return sent_at

    async def _read(self) -> None:
        """Take in what the server sends, until one of both ends the connection."""
        assert self._socket is not None
        async for data in self._socket:
            arrived_at = time.perf_counter()
            assert isinstance(data, bytes)
            self.received += len(data)
            arrival = Arrival(arrived_at, data, ForwardMsg.FromString(data))
            self._take(arrival.message)
            self.on_arrival(self, arrival)

    def _take(self, message: ForwardMsg) -> None:
        """Keep of a message what the next ones that are sent depend on."""
        if message.metadata.cacheable:
            self._held[message.hash] = self.runs
        match message.WhichOneof("type"):
            case "ref_hash":
                self._held[message.ref_hash] = self.runs
            case "new_session":
                if not message.metadata.run.fragment_ids:
                    self._stop_timers()
            case "navigation":
                self._page_hash = message.navigation.page_script_hash
            case "delta":
                self._take_element(message)
            case "auto_rerun":
                timer = message.auto_rerun
                if timer.fragment_id not in self._timers:
                    ticking = self._tick(timer.fragment_id, timer.interval)
                    self._timers[timer.fragment_id] = asyncio.create_task(ticking)
            case "stop_auto_rerun":
                self._stop_timers()
            case "script_finished":
                self.runs += 1
                held = self._held.items()
                self._held = {key: run for key, run in held if self.runs - run <= HELD_RUNS}
                self._finished.set()

    def _take_element(self, message: ForwardMsg) -> None:
        """Keep a mounted component of our own."""
        delta = message.delta
        if delta.new_element.WhichOneof("type") == "bidi_component":
            shown = delta.new_element.bidi_component
            mounted = Component(shown.id, delta.fragment_id)
            self.components[shown.component_name] = mounted

    async def _tick(self, fragment: str, interval_s: float) -> None:
        """Ask for a run of a fragment again and again, as the page does for one that is live."""
        while True:
            await asyncio.sleep(interval_s)
            await self._send(fragment, auto=True)
            self.reruns += 1

    def _stop_timers(self) -> None:
        """Let go of what was live; a run of the whole page names it anew."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


def compact(value: Any) -> str:
    """Return JSON as a browser writes it."""
    return json.dumps(value, separators=(",", ":"))
