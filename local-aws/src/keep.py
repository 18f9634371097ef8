"""What the emulator holds, kept in a folder from one run to the next.

`state` is a line of JSON that says what it is, and a pickle of all stores. It is written under another name and then
renamed, so it is there as a whole or not at all. The code of functions lies beside it, in files that are named by
their hash. Pickle, because JSON has no tuples and no bytes, and because a customer could write what ministack's own
JSON reads as bytes. The file is as trustworthy as the programs in cargo's target folder, in which it lies.

A state is taken when nothing is under way: no call that changes something, no function, no execution and no
Terraform. Only at the end of a run is it taken where executions still run, after every call has been refused. Those
executions begin again with the next run, as no execution on AWS ends with the machine that it ran on. Messages that
were received come back when their visibility timeout is over, as they do on AWS when a function is killed.
"""

import contextlib
import hashlib
import json
import os
import pickle
import socket
import sys
import threading
import time
from pathlib import Path

from ministack import app
from ministack.core.responses import request_scope
from ministack.services import lambda_svc, s3, stepfunctions

# What `Emulator` takes for: the state cannot be loaded.
UNREADABLE = 3
# How long the end of a run waits for what is under way.
PATIENCE = 10.0

# Calls of these names change nothing that would be missed. A message that was received comes back.
READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "ReceiveMessage")

# What S3 holds for each object, beside the buckets themselves: ministack leaves all of it out.
OBJECTS = (
    "_object_tags",
    "_object_acl",
    "_object_annotations",
    "_object_versions",
    "_object_retention",
    "_object_legal_hold",
    "_multipart_uploads",
)


class Keeper:
    """Keeps one folder. `program` names the emulator and its patches: another one may read a state otherwise."""

    def __init__(self, folder, program):
        self.folder = Path(folder)
        self.file = self.folder / "state"
        self.program = program
        self.keeping = False
        self.closed = False
        # Calls that change something: how many there were, how many are under way, how many were there at the last save.
        self.changes = 0
        self.running = 0
        self.saved = -1
        # Executions that begin again once somebody answers them, as account, region and ARN.
        self.begin_again = []
        # The files that the last state names must outlive the next one until that is there.
        self.prune = lambda_svc._prune_orphan_code_blobs
        self.referenced = set()
        lambda_svc._prune_orphan_code_blobs = self._remember
        self.call = app.app
        app.app = self._gate
        if self.file.exists():
            app.PERSIST_STATE = True
            app._load_persisted_state = self._load

    def look(self):
        """Saves where something has changed and nothing is under way."""
        if self.begin_again is not None and _listens():
            self._resume()
        if self.keeping and self.changes != self.saved and self._is_idle():
            self._save(is_end=False)

    def keep(self):
        """From now on, what is there may be kept."""
        self.keeping = True
        if self._is_idle():
            self._save(is_end=False)

    def end(self):
        """Saves for the last time. Nothing is answered after that."""
        lambda_svc._poll_sqs = lambda: False
        until = time.monotonic() + PATIENCE
        while not self._is_idle() and time.monotonic() < until:
            time.sleep(0.05)
        self.closed = True
        while self.running and time.monotonic() < until + 2:
            time.sleep(0.05)
        # A Terraform in the middle of its work: what is there now is neither the old system nor the new one.
        if self.keeping and not _is_locked():
            self._save(is_end=True)

    async def _gate(self, scope, receive, send):
        if scope["type"] != "http" or _is_read(scope):
            return await self.call(scope, receive, send)
        if self.closed:
            headers = [(b"content-type", b"application/json"), (b"retry-after", b"5")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            return await send({"type": "http.response.body", "body": b'{"__type":"ServiceUnavailable"}'})
        self.changes += 1
        self.running += 1
        try:
            await self.call(scope, receive, send)
        finally:
            self.running -= 1

    def _is_idle(self):
        executions = list(stepfunctions._executions._data.values())
        return not (
            self.running
            or lambda_svc._inflight
            or lambda_svc._esm_inflight
            or any(it["status"] == "RUNNING" for it in executions)
            or _is_locked()
        )

    def _remember(self, referenced):
        self.referenced = set(referenced)

    def _save(self, is_end):
        began = time.monotonic()
        changes = self.changes
        try:
            # First: it writes files, in which time others have their turn. Code changes by Terraform alone.
            stores = {"lambda": lambda_svc.get_state()}
            with _alone():
                services = app._build_persistence_save_dict().items()
                stores.update({name: get() for name, get in services if name not in stores})
                stores["objects"] = {"_buckets": s3._buckets, **{it: getattr(s3, it) for it in OBJECTS}}
                payload = pickle.dumps(stores)
                is_whole = is_end or (changes == self.changes and self._is_idle())
            if not is_whole:
                return
            about = {"program": self.program, "saved": time.time(), "is_end": is_end}
            about["port"] = int(app._resolve_port())
            about["sha256"] = hashlib.sha256(payload).hexdigest()
            draft = self.file.with_suffix(".draft")
            draft.write_bytes(json.dumps(about).encode() + b"\n" + payload)
            os.replace(draft, self.file)
            self.prune(self.referenced)
        except Exception as error:  # Whatever it is, the emulator works on, and what was saved last is still there.
            print(f"the state cannot be saved: {error!r}", flush=True)
            return
        self.saved = changes
        print(f"saved {len(payload)} bytes in {time.monotonic() - began:.2f} s", flush=True)

    def _load(self):
        try:
            about, payload = self.file.read_bytes().split(b"\n", 1)
            if hashlib.sha256(payload).hexdigest() != json.loads(about)["sha256"]:
                raise ValueError("it is not what was saved")
            stores = pickle.loads(payload)
            _has_all_code(stores["lambda"])
            objects = stores.pop("objects")
            running = [key for key, it in stores["stepfunctions"]["executions"]._data.items() if it["status"] == "RUNNING"]
            # Functions that start now would find nobody who answers.
            ensure_poller, lambda_svc._ensure_poller = lambda_svc._ensure_poller, lambda: None
            for name, state in stores.items():
                app._get_module(app._state_map[name]).load_persisted_state(state)
            lambda_svc._ensure_poller = ensure_poller
            for name, store in objects.items():
                getattr(s3, name)._data.update(store._data)
            for key in running:
                execution = stepfunctions._executions._data[key]
                execution.update(status="RUNNING", stopDate=None, events=execution["events"][:1])
                execution.pop("error", None)
                execution.pop("cause", None)
            self.begin_again = running
        except Exception as error:
            print(f"the state {self.file} cannot be loaded: {error!r}", flush=True)
            os._exit(UNREADABLE)

    def _resume(self):
        running, self.begin_again = self.begin_again, None
        if lambda_svc._esms.has_any():
            lambda_svc._ensure_poller()
        for account, region, arn in running:
            threading.Thread(target=_run, args=(account, region, arn), daemon=True).start()


def _run(account, region, arn):
    with request_scope(account, region):
        stepfunctions._run_execution(arn)


def _is_read(scope):
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return True
    target = dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1")
    return target.rpartition(".")[2].startswith(READS)


def _is_locked():
    """Whether Terraform is at work: it has the lock of a state."""
    buckets = list(s3._buckets._data.values())
    return any(key.endswith(".tflock") for bucket in buckets for key in list(bucket["objects"]))


def _listens():
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(app._resolve_port()))) == 0


def _has_all_code(state):
    for function in state["functions"]._data.values():
        for record in [function, *function.get("versions", {}).values()]:
            code = record.get("code_zip")
            if not code:
                continue
            name = code[lambda_svc._BLOB_REF_KEY]
            if hashlib.sha256(lambda_svc._read_code_blob(name) or b"").hexdigest() != name:
                raise ValueError(f"the code {name} of a function is gone, or is another one")


@contextlib.contextmanager
def _alone():
    """No other thread takes a turn of its own accord: what is copied belongs together."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
