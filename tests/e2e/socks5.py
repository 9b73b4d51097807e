"""A SOCKS5 proxy (RFC 1928, RFC 1929) that does what a test wants and notes what it was asked.

    with Socks5(user="me", password="secret") as proxy:
        ... f"socks5h://me:secret@127.0.0.1:{proxy.port}" ...

proxy.asked: (kind, host, port) of each request; kind is "name" or "address".
proxy.open: the connections of its clients.
"""

import ipaddress
import socket
import threading


class Socks5:
    def __init__(self, user="", password="", reply=0, broken=False):
        self.user, self.password, self.reply, self.broken = user, password, reply, broken
        self.asked = []
        self.open = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client):
        self.open.add(client)
        reader = client.makefile("rb")
        try:
            self._talk(client, reader)
        except (OSError, IndexError, AssertionError):
            pass
        finally:
            reader.close()
            client.close()
            self.open.discard(client)

    def _talk(self, client, reader):
        version, count = reader.read(2)
        methods = reader.read(count)
        assert version == 5
        if self.broken:
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        if self.user:
            if 2 not in methods:
                client.sendall(b"\x05\xff")
                return
            client.sendall(b"\x05\x02")
            assert reader.read(1) == b"\x01"
            user = reader.read(reader.read(1)[0]).decode()
            password = reader.read(reader.read(1)[0]).decode()
            good = (user, password) == (self.user, self.password)
            client.sendall(b"\x01" + (b"\x00" if good else b"\x01"))
            if not good:
                return
        else:
            client.sendall(b"\x05\x00")
        version, command, reserved, kind = reader.read(4)
        assert (version, command, reserved) == (5, 1, 0)
        if kind == 3:
            host = reader.read(reader.read(1)[0]).decode()
        else:
            host = str(ipaddress.ip_address(reader.read(4 if kind == 1 else 16)))
        port = int.from_bytes(reader.read(2))
        self.asked.append(("name" if kind == 3 else "address", host, port))
        if self.reply:
            client.sendall(bytes([5, self.reply, 0, 1]) + bytes(6))
            return
        upstream = socket.create_connection((host, port), timeout=30)
        # Byte by byte: a client must wait for as many as the answer has.
        for byte in b"\x05\x00\x00\x03\x04here\x00\x50":
            client.sendall(bytes([byte]))
        back = threading.Thread(target=self._copy, args=(upstream, client), daemon=True)
        back.start()
        self._copy(client, upstream)
        back.join(30)
        upstream.close()

    @staticmethod
    def _copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for each in (source, target):
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        # shutdown() wakes accept() where close() alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
