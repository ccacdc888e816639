"""Frames of /sync made by hand from PROTOCOL.md, so that the server is tried with what no client of ours would send."""

import json
import os
import struct

from support import run

WELCOME, POKE, QUERY_FAILED, PONG, FAILURE = range(5)  # kinds of what the server sends
NO_FIELD = NO_COLLECTION = 0xFFFF
_schema = None


def schema():
    global _schema
    if _schema is None:
        _schema = json.loads(run("schema").stdout)
    return _schema


def collection_id(module, name):
    return next(each["id"] for each in schema()["collections"] if (each["module"], each["name"]) == (module, name))


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<I", len(data)) + data


def hello(token, client=None, protocol=2, schema_hash=None):
    known = int(schema()["hash"]) if schema_hash is None else schema_hash
    no_cursor = bytes(16) + struct.pack("<Q", 0)
    return (b"\x00" + struct.pack("<IQ", protocol, known) + (client or os.urandom(16)) + struct.pack("<I", 0)
            + text(token) + no_cursor)


def reauthenticate(token):
    return b"\x01" + text(token)


def predicate(kind=0, children=b"", count=0):
    """`children`: `count` encoded predicates. Kind 0 selects everything, 5 is a negation."""
    return struct.pack("<BHBBII", kind, NO_FIELD, 0, 0, 0, count) + children + struct.pack("<H", NO_COLLECTION)


def subscribe(query_id, collection, where=predicate()):
    order, limit, after, includes, aggregate, held = struct.pack("<I", 0), struct.pack("<I", 10), b"\x00", bytes(4), b"\x00", bytes(4)
    return b"\x02" + struct.pack("<IH", query_id, collection) + where + order + limit + after + includes + aggregate + held


def push(mutations):
    """Each mutation: (client, sequence, name), without arguments."""
    data = b"\x04" + struct.pack("<I", len(mutations))
    for client, sequence, name in mutations:
        arguments, bases, created_at = bytes(4), bytes(4), struct.pack("<q", 0)
        data += client + struct.pack("<Q", sequence) + text(name) + arguments + bases + created_at
    return data


def ping(nonce):
    return b"\x05" + struct.pack("<Q", nonce)
