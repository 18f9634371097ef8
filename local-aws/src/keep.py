"""Saves the state of the emulator in a folder, and loads it in the next run.

The file `state` has a line of JSON that describes it, and a pickle of all stores. It is written under another name and
renamed, so it is always complete. The code of functions is next to it, in files that are named by their hash. The format is
pickle because JSON has no tuples and no bytes, and because a customer could write text that ministack's own JSON reads as
bytes. The file is as trustworthy as the programs in cargo's target folder, where it is stored.

A save needs a moment without a call that changes something, a running function or a working Terraform. At the end of a run,
the emulator refuses new calls and saves in any case, unless Terraform is working. Executions may be running: they start
again in the next run, because on AWS no execution ends with a machine. If an execution takes a step while the stores are
copied, the copy is thrown away. Received messages return when their visibility timeout is over, as they do on AWS when a
function is killed.

Terraform counts as working while the lock of its state exists and it makes calls. So does `dofs local up --watch`, which takes
the same lock to replace the code of a function. A lock without calls belongs to a killed process: it does not prevent a save,
and the next run drops it.
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

# The exit code by which `Emulator` knows that the state cannot be loaded.
UNREADABLE = 3
# How long the end of a run waits for calls in progress, in seconds.
PATIENCE = 10.0
# A working Terraform makes a call at least this often, in seconds, because it polls what it waits for.
SILENCE = 60.0
# After a save, as many times as long without another one: a save of a system with many orders takes a second of
# processor time, which the functions need. At its end, the emulator saves in any case.
REST = 9
# How long it rests at most, in seconds.
LONGEST_REST = 10.0
# How often to copy the stores until no execution takes a step during the copy.
COPIES = 5

# Parts of the user agents that take the lock of a state: Terraform's, and that of bucket.rs.
LOCKING = (b"Terraform", b"local-aws")
# The suffix of a lock's key, which is next to the state.
LOCK = ".tfstate.tflock"

# Calls with these prefixes change nothing that has to be saved. A received message returns by itself.
READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "ReceiveMessage")

# The stores of S3 besides the buckets. ministack does not save them.
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
    """Saves the state in a folder. `program` is a hash of the emulator and its patches: others may not understand the state."""

    def __init__(self, folder, program):
        self.folder = Path(folder)
        self.file = self.folder / "state"
        # The old state, if this run did not load it: see `Store::put_by`.
        self.before = self.folder.with_name(self.folder.name + ".old")
        self.program = program
        self.keeping = False
        self.closed = False
        # The number of calls that changed something, and of those in progress.
        self.changes = 0
        self.running = 0
        # The value of `_moment` at the last save.
        self.saved = None
        # When `look` may save again.
        self.rested = 0.0
        # The time of Terraform's last call, and the lock that was logged last.
        self.terraform = -SILENCE
        self.named = None
        # Executions to start again once the emulator listens: account, region and ARN.
        self.begin_again = []
        # Delete unused code only after a save, because the last saved state still needs it.
        self.prune = lambda_svc._prune_orphan_code_blobs
        self.referenced = set()
        lambda_svc._prune_orphan_code_blobs = self._remember
        self.call = app.app
        app.app = self._gate
        if self.file.exists():
            app.PERSIST_STATE = True
            app._load_persisted_state = self._load

    def look(self):
        """Saves if something has changed, no call is in progress, and the last save is some time ago."""
        if self.begin_again is not None and _listens():
            self._resume()
        if self.keeping and self._has_rested() and self._moment() != self.saved and self._is_idle():
            self._save_and_rest()

    def keep(self):
        """Starts saving: the state is complete."""
        self.keeping = True
        if self._is_idle():
            self._save_and_rest()

    def end(self):
        """Saves for the last time, and refuses calls after that."""
        lambda_svc._poll_sqs = lambda: False
        until = time.monotonic() + PATIENCE
        while not self._is_idle() and time.monotonic() < until:
            time.sleep(0.05)
        self.closed = True
        while self.running and time.monotonic() < until + 2:
            time.sleep(0.05)
        # While Terraform works, the state is neither the old system nor the new one, so keep the last save.
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
        # Log each state of a lock once.
        if lock is not None and self.keeping and self.named != (lock, is_at_work):
            self.named = (lock, is_at_work)
            if is_at_work:
                print(f"not saved while Terraform works: it has the lock {lock}", flush=True)
            else:
                print(f"saved in spite of the lock {lock}: its Terraform makes no call, so it has ended", flush=True)
        return is_at_work

    def _moment(self):
        """Returns a value that changes with every call and every step of an execution."""
        executions = list(stepfunctions._executions._data.items())
        return self.changes, {key: (it["status"], len(it.get("events", ()))) for key, it in executions}

    def _remember(self, referenced):
        self.referenced = set(referenced)

    def _has_rested(self):
        return time.monotonic() >= self.rested

    def _save_and_rest(self):
        began = time.monotonic()
        self._save(is_end=False)
        ended = time.monotonic()
        self.rested = ended + min(REST * (ended - began), LONGEST_REST)

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
        """Returns the moment of the copy, the stores, and whether they are consistent."""
        # Copy Lambda first: it writes files, and other threads run meanwhile.
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
            # Do not start functions yet, because the emulator does not listen.
            ensure_poller, lambda_svc._ensure_poller = lambda_svc._ensure_poller, lambda: None
            for name, state in stores.items():
                app._get_module(app._state_map[name]).load_persisted_state(state)
            lambda_svc._ensure_poller = ensure_poller
            for bucket in objects["_buckets"]._data.values():
                for key in [it for it in bucket["objects"] if it.endswith(LOCK)]:
                    # Drop the lock: its Terraform worked with an emulator that has ended.
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
            # The state may be fine, and the problem temporary.
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
    """Returns a value that changes with the code of a function and the version of an alias."""
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
    """Returns the lock of a state, if there is one."""
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
    """Keeps other threads from running, so that a copy is consistent."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        # A thread that waits already still uses the old interval.
        time.sleep(2 * interval)
        yield
    finally:
        sys.setswitchinterval(interval)
