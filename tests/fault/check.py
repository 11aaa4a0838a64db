#!/usr/bin/env python3
"""Whether the database holds what its clients were told.

usage: check.py --socket FOLDER [--database NAME] [--user NAME] [--as SYSTEM_USER] [--psql PATH]
                [--binary DOSSIERPOST --state FOLDER] JOURNAL...

Reads only the clients' own journals and, through psql, the tables custody.event and custody.log.
A journal has one JSON line before each sending, {"op": "intent", "id", "try", "shipment", "kind",
"at"}, and one after its reply, {"op": "outcome", the same, "outcome"}; a client that was lost in
between leaves an intent alone. Outcomes: recorded, exception, duplicate (acknowledged: it is there
once, as it was sent), refused, busy (it is not there), unknown or none (it is there at most once).
The hashes of the log are made again here, from the events' columns. With --binary the program's own
`verify` is called too, when it has one.

Prints one line a finding and a last line of JSON with figures; exit status 0 when nothing is wrong.
"""
import argparse
import collections
import datetime
import hashlib
import json
import os
import struct
import subprocess
import sys
import uuid

KEPT = {"recorded", "exception", "duplicate"}
NOT_KEPT = {"refused", "busy"}
EPOCH_2000 = 946684800 * 1000000

EVENTS = """select json_build_array(e.subject, e.id, e.kind, {times}, e.device, e.device_seq,
    e.actor, e.unit::text, e.outcome, e.warnings::text, e.state, e.holder_kind, e.holder_id::text,
    e.target_kind, e.target_id::text, e.container, e.refers::text, e.reason, e.next_action,
    e.data::text, encode(e.digest, 'hex'), encode(e.mac, 'hex'),
    e.kind <> 'create' and exists (select from custody.scan_kind k where k.kind = e.kind)
        and exists (select from custody.shipment s where s.number = e.subject))
    from custody.event e""".format(times=", ".join(
        f"(extract(epoch from e.{name}) * 1000000)::bigint"
        for name in ("at", "received_at", "device_at")))
LOG = """select json_build_array(position, subject, event_id, encode(prev, 'hex'),
    encode(joined, 'hex'), encode(hash, 'hex')) from custody.log order by position"""

Event = collections.namedtuple(
    "Event", "subject id kind at received_at device_at device device_seq actor unit outcome "
    "warnings state holder_kind holder_id target_kind target_id container refers reason "
    "next_action data digest mac is_scan")


class Scan:
    """One thing a client wanted written: all tries of one id with one content."""

    def __init__(self, line):
        self.id, self.shipment, self.kind = line["id"], line["shipment"], line["kind"]
        self.at = microseconds(line["at"])
        self.tries = {}

    def content(self):
        return (self.shipment, self.kind, self.at)

    def acknowledged(self):
        return any(outcome in KEPT for outcome in self.tries.values())

    def failed(self):
        return all(outcome in NOT_KEPT for outcome in self.tries.values())

    def __str__(self):
        return f"{self.id} {self.kind} {self.shipment}"


def microseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000) * 1000


def read_journal(path, scans, findings):
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    if lines.pop():
        findings.append(f"torn {path} ends in the middle of a line")
    for text in lines:
        line = json.loads(text)
        key = (line["id"], line["shipment"], line["kind"])
        turn = (path, line["try"])
        if line["op"] == "intent":
            scans.setdefault(key, Scan(line)).tries.setdefault(turn, "unknown")
        elif key not in scans or turn not in scans[key].tries:
            findings.append(f"journal {path} has an outcome without its intent: {line['id']}")
        else:
            scans[key].tries[turn] = line["outcome"]


def rows(options, sql):
    command = [options.psql, "-h", options.socket, "-U", options.user, "-d", options.database,
               "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql]
    if options.run_as:
        command = ["runuser", "-u", options.run_as, "--"] + command
    done = subprocess.run(command, capture_output=True, check=False, cwd="/")
    if done.returncode != 0:
        sys.exit(f"check.py: psql: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.decode().splitlines() if line]


def same(event, scan):
    return (event.subject, event.kind, event.device_at) == scan.content()


def swapped_with(scan, event, acknowledged):
    """The other scan whose content this event has."""
    content = (event.subject, event.kind, event.device_at)
    return [other for other in acknowledged.get(content, []) if other.id != scan.id]


def check_scan(scan, found, acknowledged):
    """Gives the finding about one intended scan, or None."""
    exact = [event for event in found if same(event, scan)]
    if len(exact) > 1:
        return f"doubled {scan} is there {len(exact)} times"
    if not scan.acknowledged():
        return f"undue {scan} was refused and is there" if exact and scan.failed() else None
    if len(exact) == 1:
        return None
    for event in found:
        others = swapped_with(scan, event, acknowledged)
        if others:
            return f"swapped {scan} has what belongs to {others[0].id}"
    if found:
        return f"edited {scan} is there as {found[0].kind} {found[0].subject}"
    return f"lost {scan} was acknowledged and is not there"


def check_scans(scans, events, findings):
    by_id, acknowledged = collections.defaultdict(list), collections.defaultdict(list)
    for event in events:
        by_id[event.id].append(event)
    for scan in scans.values():
        if scan.acknowledged():
            acknowledged[scan.content()].append(scan)
    for scan in scans.values():
        findings.append(check_scan(scan, by_id[scan.id], acknowledged))
    known = {scan.id for scan in scans.values()}
    content = {(scan.id,) + scan.content() for scan in scans.values()}
    for event in events:
        if not event.is_scan or (event.id, event.subject, event.kind, event.device_at) in content:
            continue
        twin = acknowledged.get((event.subject, event.kind, event.device_at))
        what = "edited" if event.id in known else "doubled" if twin else "unintended"
        findings.append(f"{what} {event.id} {event.kind} {event.subject} was sent by nobody")


def event_bytes(event):
    """What the chain hashes, as the header of migrations/0007e_log.sql describes it."""
    times = [moment - EPOCH_2000 for moment in (event.at, event.received_at, event.device_at)]
    head = b"\x02" + uuid.UUID(event.id).bytes + struct.pack(
        ">6q", *times, event.device, event.device_seq, event.actor)
    texts = [event.unit, event.subject, event.kind, event.outcome, event.warnings, event.state,
             event.holder_kind, event.holder_id, event.target_kind, event.target_id,
             event.container, event.refers, event.reason, event.next_action, event.data,
             event.digest, event.mac]
    parts = [b":" if text is None else b"%d:%s" % (len(text.encode()), text.encode())
             for text in texts]
    return head + b"".join(parts)


def check_chain(events, log, findings):
    by_key, heads, seen = {}, {}, set()
    for event in events:
        by_key.setdefault((event.subject, event.id), event)
    for place, (position, subject, event_id, prev, joined, digest) in enumerate(log, 1):
        key = (subject, event_id)
        if position != place:
            findings.append(f"chain position {place} is missing, {position} follows")
            return
        if key in seen:
            findings.append(f"chain {position} repeats {event_id}")
        seen.add(key)
        if prev != heads.get(subject, "00" * 32):
            findings.append(f"chain {position} does not follow the one before of {subject}")
        bag_head = heads.get(by_key[key].container) if key in by_key else None
        heads[subject] = digest
        if key not in by_key:
            findings.append(f"chain {position} names {event_id} of {subject}, which is not there")
            continue
        event = by_key[key]
        if joined != (bag_head or "00" * 32 if event.container else None):
            findings.append(f"chain {position} is not joined to that of {event.container}")
        if digest != hashlib.sha256(
                bytes.fromhex(prev + (joined or "")) + event_bytes(event)).hexdigest():
            findings.append(f"chain {position}: {event_id} of {subject} is not what was hashed")


def check_program(options, findings):
    """The program's own verdict. Gives whether it has one."""
    if not options.binary:
        return False
    listed = subprocess.run([options.binary, "help"], capture_output=True, check=False)
    if b"verify" not in listed.stdout + listed.stderr:
        return False
    env = dict(os.environ, DOSSIERPOST_STATE_DIR=options.state)
    done = subprocess.run([options.binary, "verify"], capture_output=True, check=False, env=env)
    if done.returncode != 0:
        findings.append(f"verify ended with {done.returncode}: "
                        + (done.stdout + done.stderr).decode(errors="replace")[-2000:])
    return True


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--socket", required=True)
    parser.add_argument("--database", default="dossierpost")
    parser.add_argument("--user", default="dossierpost_owner")
    parser.add_argument("--as", dest="run_as")
    parser.add_argument("--psql", default="psql")
    parser.add_argument("--binary")
    parser.add_argument("--state")
    parser.add_argument("journals", nargs="+")
    options = parser.parse_args()
    scans, findings = {}, []
    for path in options.journals:
        read_journal(path, scans, findings)
    # First the log: an event of it must be among the events read after it.
    log = rows(options, LOG)
    events = [Event(*row) for row in rows(options, EVENTS)]
    check_scans(scans, events, findings)
    check_chain(events, log, findings)
    asked = check_program(options, findings)
    findings = [finding for finding in findings if finding]
    for finding in findings[:50]:
        print(finding)
    every = scans.values()
    print(json.dumps({
        "findings": len(findings), "scans": len(every),
        "acknowledged": sum(scan.acknowledged() for scan in every),
        "failed": sum(scan.failed() for scan in every),
        "unknown": sum(not scan.acknowledged() and not scan.failed() for scan in every),
        "tries": sum(len(scan.tries) for scan in every),
        "events": len(events), "chained": len(log), "uncovered": len(events) - len(log),
        "verify": asked}))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
