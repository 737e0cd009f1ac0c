// Makes the calls it reads from standard input with the JavaScript SDK as it comes and prints one JSON line for each answer.
//
// What is expected is not known here: `main.rs` decides. Endpoint, region and credentials come from the environment alone.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The SDK is installed in the working directory, not beside this file.
const sdk = createRequire(`${process.cwd()}/`)("@aws-sdk/client-lambda");

// No call hangs its test.
setTimeout(() => process.exit(3), 120_000).unref();

const ARGUMENTS = ["FunctionName", "Qualifier", "InvocationType", "LogType", "ClientContext"];
// What every error of the SDK has, whatever the service said.
const ITS_OWN = ["name", "message", "$fault", "$metadata", "$response", "$retryable"];

/** The text as it is, or a JSON string of `PayloadBytes` bytes. */
function payloadOf(call) {
  return "PayloadBytes" in call ? `"${"x".repeat(call.PayloadBytes - 2)}"` : call.Payload;
}

async function clientThatWaitsForNothing(configuration = {}) {
  // A client of its own for each call: clients have a quota of retries.
  const client = new sdk.LambdaClient(configuration);
  // The SDK's own strategy decides which calls are sent again, how often, and what that costs; only its wait is left out.
  const strategy = await client.config.retryStrategy();
  if (typeof strategy.retryBackoffStrategy?.computeNextBackoffDelay !== "function") {
    throw new Error("the default retry strategy does not have the shape that this file expects");
  }
  strategy.retryBackoffStrategy.computeNextBackoffDelay = () => 0;
  return client;
}

async function answerTo(call) {
  const client = await clientThatWaitsForNothing();
  const input = Object.fromEntries(ARGUMENTS.filter((name) => name in call).map((name) => [name, call[name]]));
  if ("Payload" in call || "PayloadBytes" in call) {
    input.Payload = payloadOf(call);
  }
  try {
    const output = await client.send(new sdk.InvokeCommand(input));
    return {
      status: output.StatusCode,
      attempts: output.$metadata.attempts,
      request_id: output.$metadata.requestId,
      function_error: output.FunctionError ?? null,
      log_result: output.LogResult ?? null,
      executed_version: output.ExecutedVersion ?? null,
      payload: output.Payload?.transformToString() ?? "",
    };
  } catch (error) {
    const typed = sdk[error.name];
    return {
      status: error.$metadata?.httpStatusCode,
      attempts: error.$metadata?.attempts,
      request_id: error.$metadata?.requestId,
      code: error.name,
      message: error.message,
      class: error.constructor.name,
      is_typed: typed !== undefined && error.constructor === typed,
      members: Object.fromEntries(
        Object.entries(error).filter(([name, value]) => !ITS_OWN.includes(name) && value !== undefined),
      ),
    };
  } finally {
    client.destroy();
  }
}

/** A client with every timeout that the SDK has, if the call has a `Patience`, in seconds. */
async function clientWithTimeouts(call) {
  const patience = call.Patience * 1000;
  const requestHandler = { requestTimeout: patience, throwOnRequestTimeout: true, socketTimeout: patience };
  return clientThatWaitsForNothing("Patience" in call ? { requestHandler } : {});
}

/** The next event, or "no end" if a timeout of the SDK should have ended the wait for it. */
async function nextOf(events, call) {
  if (!("Patience" in call)) {
    return events.next();
  }
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("no end"), call.Patience * 3000);
  });
  return Promise.race([events.next(), late]).finally(() => clearTimeout(timer));
}

/** A short description of what the caller gets from a call that may fail in any way. `Patience` is the timeout of the reply in
 * seconds; with `Again`, the call is the second one of its client. */
async function reactionTo(call) {
  const client = await clientWithTimeouts(call);
  const command = new sdk.InvokeCommand({ FunctionName: call.FunctionName });
  try {
    if (call.Again) {
      await client.send(command);
    }
    const output = await client.send(command);
    return `${output.StatusCode} ${output.Payload?.transformToString() ?? ""}`.trim();
  } catch (error) {
    // An error of Node.js has a code, one of the SDK a name.
    return error.code === undefined ? error.name : `${error.name}, ${error.code}`;
  } finally {
    client.destroy();
  }
}

/** What the caller gets from a stream, event by event, until its end or its first error. */
async function streamOf(call) {
  const client = await clientWithTimeouts(call);
  const input = Object.fromEntries(ARGUMENTS.filter((name) => name in call).map((name) => [name, call[name]]));
  const words = [];
  try {
    const output = await client.send(new sdk.InvokeWithResponseStreamCommand(input));
    const events = output.EventStream[Symbol.asyncIterator]();
    for (;;) {
      const next = await nextOf(events, call);
      if (next === "no end" || next.done) {
        words.push(next.done ? "end" : next);
        break;
      }
      const event = next.value;
      if (event.PayloadChunk !== undefined) {
        words.push(JSON.stringify(new TextDecoder().decode(event.PayloadChunk.Payload)));
      } else if (event.InvokeComplete !== undefined) {
        const { ErrorCode, LogResult } = event.InvokeComplete;
        const code = ErrorCode === undefined ? "" : `, ${ErrorCode}`;
        words.push(`InvokeComplete${code}${LogResult === undefined ? "" : " with a log"}`);
      } else {
        words.push(event.$unknown?.[0] ?? Object.keys(event).join());
      }
    }
  } catch (error) {
    // An error of Node.js has a code, one of the SDK a name; one of the decoder has only a message, with the checksums.
    const [message] = error.message.split("\n");
    const isOfDecoder = error.name === "Error" && error.code === undefined;
    const name = isOfDecoder ? `Error: ${message.replace(/ ?\(\d+\)/g, "")}` : error.name;
    words.push(error.code === undefined ? name : `${error.name}, ${error.code}`);
  } finally {
    client.destroy();
  }
  return words.join("; ");
}

async function printed(call) {
  if (call.Stream) {
    return { got: await streamOf(call) };
  }
  return call.Reaction ? { got: await reactionTo(call) } : await answerTo(call);
}

for (const call of JSON.parse(readFileSync(0, "utf8"))) {
  const answer = await printed(call);
  console.log(JSON.stringify(answer));
}
