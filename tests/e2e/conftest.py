"""Fixtures: each test has its own servers, on ports that the kernel chose."""

import contextlib

import pytest
from harness import FirstRelay, Gateway, Node, Simulator, relay_settings
from upstream import Upstream, answer_well


@pytest.fixture
def servers(tmp_path):
    """Starts servers and sees to it that all of them end well."""
    with contextlib.ExitStack() as stack:

        class Servers:
            count = 0

            def simulator(self, *arguments):
                self.count += 1
                server = Simulator(tmp_path / f"simulator-{self.count}", arguments)
                stack.callback(server.stop)
                return server

            def gateway(self, upstream=None, *arguments, folder=None, **environment):
                self.count += 1
                url = upstream if upstream is None or isinstance(upstream, str) else upstream.url
                folder = folder or tmp_path / f"gateway-{self.count}"
                server = Gateway(folder, url, arguments, **environment)
                stack.callback(server.stop)
                return server

            def relay(self, **more):
                """A gateway that has nothing but relay nodes."""
                return self.gateway("http://127.0.0.1:9", **(relay_settings() | more))

            def first_relay(self):
                self.count += 1
                server = FirstRelay(tmp_path / f"relay-{self.count}")
                stack.callback(server.stop)
                return server

            def node(self, relay, upstream, *arguments, **environment):
                self.count += 1
                folder = tmp_path / f"node-{self.count}"
                server = Node(folder, relay, upstream, arguments, **environment)
                stack.callback(server.stop)
                return server

            def upstream(self, respond=answer_well, certificate=None):
                return stack.enter_context(Upstream(respond, certificate))

        yield Servers()


@pytest.fixture
def simulator(servers):
    return servers.simulator()


@pytest.fixture
def gateway(servers, simulator):
    """A gateway whose upstream is the simulator."""
    return servers.gateway(simulator)
