"""Makes the calls it reads from standard input with boto3 as it comes and prints one JSON line for each answer.

What is expected is not known here: `main.rs` decides. Endpoint, region and credentials come from the environment alone.
"""

import json
import signal
import sys
import time

# No call hangs its test.
signal.alarm(120)
# botocore itself decides which calls it retries, how often, and what that costs; only the wait before a retry is skipped.
time.sleep = lambda _seconds: None

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ARGUMENTS = ["FunctionName", "Qualifier", "InvocationType", "LogType", "ClientContext"]


def payload_of(call):
    """The text as it is, or a JSON string of `PayloadBytes` bytes."""
    if "PayloadBytes" in call:
        return b'"' + b"x" * (call["PayloadBytes"] - 2) + b'"'
    return call["Payload"].encode()


def answer_to(call):
    # A client of its own for each call: clients have a quota of retries.
    client = boto3.client("lambda")
    arguments = {name: call[name] for name in ARGUMENTS if name in call}
    if "Payload" in call or "PayloadBytes" in call:
        arguments["Payload"] = payload_of(call)
    try:
        output = client.invoke(**arguments)
    except ClientError as error:
        response = error.response
        metadata = response.pop("ResponseMetadata")
        code = response["Error"].pop("Code")
        typed = getattr(client.exceptions, code, None)
        return {
            "status": metadata["HTTPStatusCode"],
            "attempts": metadata["RetryAttempts"] + 1,
            "request_id": metadata.get("RequestId"),
            "code": code,
            "message": response["Error"].pop("Message"),
            "class": type(error).__name__,
            "is_typed": typed is not None and type(error) is typed,
            # Includes the members under `Error`, which have the names that were sent.
            "members": {**response.pop("Error"), **response},
        }
    metadata = output["ResponseMetadata"]
    return {
        "status": output["StatusCode"],
        "attempts": metadata["RetryAttempts"] + 1,
        "request_id": metadata.get("RequestId"),
        "function_error": output.get("FunctionError"),
        "log_result": output.get("LogResult"),
        "executed_version": output.get("ExecutedVersion"),
        "payload": output["Payload"].read().decode(),
    }


def reaction_to(call):
    """A short description of what the caller gets from a call that may fail in any way. `Patience` is the timeout of the reply in
    seconds; with `Again`, the call is the second one of its client."""
    config = Config(read_timeout=call["Patience"]) if "Patience" in call else None
    client = boto3.client("lambda", config=config)
    if call["Again"]:
        client.invoke(FunctionName=call["FunctionName"])["Payload"].read()
    try:
        output = client.invoke(FunctionName=call["FunctionName"])
    except ClientError as error:
        name, code = type(error).__name__, error.response["Error"].get("Code")
        return name if name == code else f"{name}, code {code}"
    except Exception as error:
        return type(error).__name__
    try:
        return f"{output['StatusCode']} {output['Payload'].read().decode()}".strip()
    except Exception as error:
        return f"{output['StatusCode']}, then {type(error).__name__} from read()"


def stream_of(call):
    """What the caller gets from a stream, event by event, until its end or its first error. `Patience` is the timeout of each
    read in seconds."""
    config = Config(read_timeout=call["Patience"]) if "Patience" in call else None
    client = boto3.client("lambda", config=config)
    arguments = {name: call[name] for name in ARGUMENTS if name in call}
    words = []
    try:
        output = client.invoke_with_response_stream(**arguments)
        for event in output["EventStream"]:
            for name, members in event.items():
                if name == "PayloadChunk":
                    words.append(json.dumps(members["Payload"].decode(errors="replace")))
                else:
                    code = f", {members['ErrorCode']}" if "ErrorCode" in members else ""
                    log = " with a log" if "LogResult" in members else ""
                    words.append(f"{name}{code}{log}")
        words.append("end")
    except ClientError as error:
        words.append(f"{type(error).__name__}, code {error.response['Error'].get('Code')!r}")
    except Exception as error:
        words.append(type(error).__name__)
    return "; ".join(words)


def printed(call):
    if call.get("Stream"):
        return {"got": stream_of(call)}
    return {"got": reaction_to(call)} if call.get("Reaction") else answer_to(call)


for call in json.load(sys.stdin):
    answer = printed(call)
    print(json.dumps(answer), flush=True)
