"""What the emulator holds, kept in a folder from one run to the next.

`state` is a line of JSON that says what it is, and a pickle of all stores. It is written under another name and then
renamed, so it is there as a whole or not at all. The code of functions lies beside it, in files that are named by
their hash. Pickle, because JSON has no tuples and no bytes, and because a customer could write what ministack's own
JSON reads as bytes. The file is as trustworthy as the programs in cargo's target folder, in which it lies.

A state is taken when nothing is under way: no call that changes something, no function and no Terraform. At the end of a
run it is taken in any case but that of a Terraform, after every call has been refused. Executions may run: each begins
again with the next run, as no execution on AWS ends with the machine that it ran on, and a copy in whose time one of
them took a step is thrown away. Messages that were received come back when their visibility timeout is over, as they do
on AWS when a function is killed.

Terraform is at work while there is the lock of its state and it makes calls. So is `dofs local up --watch`, which takes
the same lock to give a function other code. A lock without calls is one whose owner was killed: it stops no save, and the
next run does not have it.
"""

import contextlib
import hashlib
import json
import os
import pickle
import shutil
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
# A Terraform that works is never without a call for so long. It asks for what it waits for every few seconds.
SILENCE = 60.0
# How many copies of the stores are made before one in which no execution took a step.
COPIES = 5

# Who takes the lock of a state, as a part of its user agent: Terraform, and bucket.rs.
LOCKING = (b"Terraform", b"local-aws")
# What the lock of a state is named, beside the state itself.
LOCK = ".tfstate.tflock"

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
        # What the run before has left, where this one did not load it: see `Store::put_by`.
        self.before = self.folder.with_name(self.folder.name + ".old")
        self.program = program
        self.keeping = False
        self.closed = False
        # Calls that change something: how many there were, and how many are under way.
        self.changes = 0
        self.running = 0
        # What `_moment` was at the last save.
        self.saved = None
        # When Terraform called last, and the lock that the log names already.
        self.terraform = -SILENCE
        self.named = None
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
        if self.keeping and self._moment() != self.saved and self._is_idle():
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
        if self.keeping and not self._is_changed_by_terraform():
            self._save(is_end=True)

    async def _gate(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.call(scope, receive, send)
        headers = dict(scope["headers"])
        if any(it in headers.get(b"user-agent", b"") for it in LOCKING):
            self.terraform = time.monotonic()
        if _is_read(scope["method"], headers):
            return await self.call(scope, receive, send)
        if self.closed:
            answer = [(b"content-type", b"application/json"), (b"retry-after", b"5")]
            await send({"type": "http.response.start", "status": 503, "headers": answer})
            return await send({"type": "http.response.body", "body": b'{"__type":"ServiceUnavailable"}'})
        self.changes += 1
        self.running += 1
        try:
            await self.call(scope, receive, send)
        finally:
            self.running -= 1

    def _is_idle(self):
        return not (
            self.running or lambda_svc._inflight or lambda_svc._esm_inflight or self._is_changed_by_terraform()
        )

    def _is_changed_by_terraform(self):
        lock = _lock()
        is_at_work = lock is not None and time.monotonic() - self.terraform < SILENCE
        # Once each: the log would be full of it.
        if lock is not None and self.keeping and self.named != (lock, is_at_work):
            self.named = (lock, is_at_work)
            if is_at_work:
                print(f"not saved while Terraform works: it has the lock {lock}", flush=True)
            else:
                print(f"saved in spite of the lock {lock}: its Terraform makes no call, so it has ended", flush=True)
        return is_at_work

    def _moment(self):
        """Differs from the one before where anything has changed: a call was made, or an execution took a step."""
        executions = list(stepfunctions._executions._data.items())
        return self.changes, {key: (it["status"], len(it.get("events", ()))) for key, it in executions}

    def _remember(self, referenced):
        self.referenced = set(referenced)

    def _save(self, is_end):
        began = time.monotonic()
        try:
            for _ in range(COPIES if is_end else 1):
                moment, payload, is_whole = self._copy(is_end)
                if is_whole:
                    break
            else:
                if is_end:
                    print("not saved: in the time of each copy, an execution took a step", flush=True)
                return
            about = {"program": self.program, "saved": time.time(), "is_end": is_end}
            about["port"] = int(app._resolve_port())
            about["sha256"] = hashlib.sha256(payload).hexdigest()
            draft = self.file.with_suffix(".draft")
            draft.write_bytes(json.dumps(about).encode() + b"\n" + payload)
            os.replace(draft, self.file)
            self.prune(self.referenced)
            shutil.rmtree(self.before, ignore_errors=True)
        except Exception as error:  # Whatever it is, the emulator works on, and what was saved last is still there.
            print(f"the state cannot be saved: {error!r}", flush=True)
            return
        self.saved = moment
        print(f"saved {len(payload)} bytes in {time.monotonic() - began:.2f} s", flush=True)

    def _copy(self, is_end):
        """All stores, the moment of which they are, and whether all of them are of that moment."""
        # First: it writes files, in which time others have their turn.
        code = _code()
        stores = {"lambda": lambda_svc.get_state()}
        with _alone():
            moment = self._moment()
            services = app._build_persistence_save_dict().items()
            stores.update({name: get() for name, get in services if name not in stores})
            stores["objects"] = {"_buckets": s3._buckets, **{it: getattr(s3, it) for it in OBJECTS}}
            payload = pickle.dumps(stores)
            is_whole = (moment, code) == (self._moment(), _code()) and (is_end or self._is_idle())
            return moment, payload, is_whole

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
            for bucket in objects["_buckets"]._data.values():
                for key in [it for it in bucket["objects"] if it.endswith(LOCK)]:
                    # The Terraform that had it worked on an emulator that has ended.
                    del bucket["objects"][key]
            for name, store in objects.items():
                getattr(s3, name)._data.update(store._data)
            for key in running:
                execution = stepfunctions._executions._data[key]
                execution.update(status="RUNNING", stopDate=None, events=execution["events"][:1])
                execution.pop("error", None)
                execution.pop("cause", None)
            self.begin_again = running
        except (OSError, MemoryError) as error:
            # It says nothing about the state, and may be over when it is tried again.
            print(f"the state {self.file} cannot be read now: {error!r}", flush=True)
            os._exit(1)
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


def _code():
    """Differs from the one before where a function has other code, or an alias another version."""
    functions = list(lambda_svc._functions._data.items())
    return {
        key: (it["config"].get("RevisionId"), len(it["versions"]), [a.get("RevisionId") for a in it["aliases"].values()])
        for key, it in functions
    }


def _is_read(method, headers):
    if method in ("GET", "HEAD", "OPTIONS"):
        return True
    target = headers.get(b"x-amz-target", b"").decode("latin-1")
    return target.rpartition(".")[2].startswith(READS)


def _lock():
    """The lock of a state that Terraform has, if it has one."""
    buckets = list(s3._buckets._data.values())
    return next((key for bucket in buckets for key in list(bucket["objects"]) if key.endswith(LOCK)), None)


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
            try:
                found = Path(lambda_svc.CODE_BLOB_DIR, f"{name}.zip").read_bytes()
            except FileNotFoundError:
                found = b""
            if hashlib.sha256(found).hexdigest() != name:
                raise ValueError(f"the code {name} of a function is gone, or is another one")


@contextlib.contextmanager
def _alone():
    """No other thread takes a turn of its own accord: what is copied belongs together."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        # One that waits for its turn already does so for as long as it was before.
        time.sleep(2 * interval)
        yield
    finally:
        sys.setswitchinterval(interval)
