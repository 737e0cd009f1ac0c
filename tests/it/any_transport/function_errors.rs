//! The answers of failed functions, byte for byte, compared with the facts about AWS.

use std::time::Duration;

use fake_lambda::{FunctionError, Runtime, sdk_client};
use rstest::rstest;
use serde_json::{Value, json};

use crate::panics::caught;
use crate::raw::{self, Reply};
use crate::transport::FakeLambda;

const FACTS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/aws/function_errors.json"
));

fn facts() -> Vec<Value> {
    let mut facts: Value = serde_json::from_str(FACTS).unwrap();
    facts["payloads"]
        .as_array_mut()
        .map(std::mem::take)
        .unwrap()
}

/// The payload of a fact; `<request-id>` and `<stack-trace>` replace what changes and what was
/// masked.
#[track_caller]
fn recorded(case: &str) -> String {
    let fact = facts().into_iter().find(|fact| fact["case"] == case);
    let fact = fact.unwrap_or_else(|| panic!("no fact `{case}`"));
    fact["payload"].as_str().unwrap().to_owned()
}

fn new(runtime: Runtime, error_type: &str, message: &str) -> FunctionError {
    FunctionError::new(error_type, message).runtime(runtime)
}

fn answered(error: FunctionError) -> Reply {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(error);
    raw::invoke(&lambda, "f", &[], "{}")
}

fn body(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

#[rstest]
#[case::python_raises("python_raises", new(Runtime::Python, "Exception", "Handler fails").stack(["  File \"/var/task/lambda_handler_error.py\", line 2, in handler\n    raise Exception(\"Handler fails\")\n"]), "")]
#[case::python_raises_with_log_tail("python_raises_with_log_tail", new(Runtime::Python, "Exception", "Test exception (this is intentional)").stack(["  File \"/var/task/handler.py\", line 55, in handler\n    raise Exception(\"Test exception (this is intentional)\")\n"]), "")]
#[case::python_raises_in_a_state_machine("python_raises_in_a_state_machine", new(Runtime::Python, "Exception", "Some exception was raised.").stack(["  File \"/var/task/handler.py\", line 2, in handler\n    raise Exception(\"Some exception was raised.\")\n"]), "")]
#[case::python_uncaught("python_uncaught", new(Runtime::Python, "Exception", "Failed: some_error_msg").stack(["a\n", "b\n"]), r#"["a\n", "b\n"]"#)]
#[case::python_usual_stack("python_usual_stack", new(Runtime::Python, "ValueError", "boom"), "")]
#[case::python_cannot_marshal(
    "python_cannot_marshal",
    new(
        Runtime::Python,
        "Runtime.MarshalError",
        "Unable to marshal response: Object of type float32 is not JSON serializable"
    ),
    ""
)]
#[case::python_cannot_import("python_cannot_import", new(Runtime::Python, "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'requests'").at_init(), "")]
#[case::python_has_no_such_handler("python_has_no_such_handler", new(Runtime::Python, "Runtime.HandlerNotFound", "Handler 'x' missing on module 'app'").at_init(), "")]
#[case::python_raises_at_init("python_raises_at_init", new(Runtime::Python, "ValueError", "boom").at_init(), "")]
#[case::java_uncaught("java_uncaught", new(Runtime::Java, "java.lang.RuntimeException", "Error: some_error_msg").stack(["a", "b"]), r#"["a","b"]"#)]
#[case::java_usual_stack(
    "java_usual_stack",
    new(Runtime::Java, "java.lang.RuntimeException", "boom"),
    ""
)]
#[case::java_with_a_cause("java_with_a_cause", new(Runtime::Java, "java.lang.RuntimeException", "boom").cause(new(Runtime::Java, "java.io.IOException", "connection reset").stack(["example.Orders.read(Orders.java:40)", "example.Handler.handleRequest(Handler.java:11)"])), "")]
#[case::java_class_not_found("java_class_not_found", new(Runtime::Java, "java.lang.ClassNotFoundException", "Class not found: example.Handler").at_init(), "")]
#[case::nodejs_uncaught("nodejs_uncaught", new(Runtime::Node, "Error", "Error: some_error_msg").stack(["    at a"]), r#"["Error: Error: some_error_msg","    at a"]"#)]
#[case::nodejs_usual_stack("nodejs_usual_stack", new(Runtime::Node, "Error", "boom"), "")]
#[case::nodejs_cannot_import("nodejs_cannot_import", new(Runtime::Node, "Runtime.ImportModuleError", "Error: Cannot find module 'compareFacesHandler'\nRequire stack:\n- /var/runtime/index.mjs").at_init(), "")]
#[case::nodejs_has_no_such_handler("nodejs_has_no_such_handler", new(Runtime::Node, "Runtime.HandlerNotFound", "index.handler is undefined or not exported").at_init().stack(["    at Object.UserFunction.js.module.exports.load (file:///var/runtime/index.mjs:1038:15)", "    at async start (file:///var/runtime/index.mjs:1200:23)", "    at async file:///var/runtime/index.mjs:1206:1"]), "")]
#[case::nodejs_rejects("nodejs_rejects", new(Runtime::Node, "Runtime.UnhandledPromiseRejection", "ReferenceError: PAGE_ACCESS_TOKEN is not defined").stack(["    at process.<anonymous> (file:///var/runtime/index.mjs:1276:17)", "    at process.emit (node:events:518:28)", "    at emitUnhandledRejection (node:internal/process/promises:252:13)", "    at throwUnhandledRejectionsMode (node:internal/process/promises:388:19)", "    at processPromiseRejections (node:internal/process/promises:475:17)", "    at process.processTicksAndRejections (node:internal/process/task_queues:106:32)"]), "")]
#[case::go_returns_an_error(
    "go_returns_an_error",
    new(Runtime::Go, "errorString", "Error: some_error_msg"),
    ""
)]
#[case::go_panics("go_panics", new(Runtime::Go, "string", "boom").stack(["fn/main.go:12 handler", "runtime/panic.go:792 gopanic"]), "")]
#[case::dotnet_throws("dotnet_throws", new(Runtime::DotNet, "Exception", "boom"), "")]
#[case::dotnet_has_no_such_handler("dotnet_has_no_such_handler", new(Runtime::DotNet, "LambdaException", "Invalid lambda function handler: 'http://this.is.not.a.valid.handler/'. The valid format is 'ASSEMBLY::TYPE::METHOD'.").at_init(), "")]
#[case::dotnet_throws_in_a_constructor("dotnet_throws_in_a_constructor", new(Runtime::DotNet, "LambdaException", "An exception was thrown when the constructor for type 'LambdaExceptionTestFunction.ThrowExceptionInConstructor' was invoked. Check inner exception for more details.").at_init().cause(new(Runtime::DotNet, "TargetInvocationException", "Exception has been thrown by the target of an invocation.").stack(["   at System.Activator.CreateInstance(Type type, Boolean nonPublic)\n   at System.Activator.CreateInstance(Type type)\n"])), "")]
#[case::ruby_raises("ruby_raises", new(Runtime::Ruby, "TypeError", "no implicit conversion of String into Integer").stack(["/var/task/function.rb:3:in `first'", "/var/task/function.rb:3:in `handler'"]), "")]
#[case::ruby_usual_stack("ruby_usual_stack", new(Runtime::Ruby, "RuntimeError", "boom"), "")]
#[case::ruby_raises_at_init("ruby_raises_at_init", new(Runtime::Ruby, "RuntimeError", "boom").at_init(), "")]
#[case::rust_returns_an_error(
    "rust_returns_an_error",
    new(
        Runtime::Rust,
        "&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>",
        "Error: \"some_error_msg\""
    ),
    ""
)]
#[case::custom_runtime(
    "custom_runtime",
    FunctionError::bytes("{ \"reason\": \"as posted\",  \"at\": [ 1 ] }\n"),
    ""
)]
#[case::timed_out("timed_out", FunctionError::timed_out(Duration::from_secs(1)), "")]
#[case::init_that_hangs(
    "init_that_hangs",
    FunctionError::timed_out(Duration::from_secs(30)),
    ""
)]
#[case::exited_with_zero("exited_with_zero", FunctionError::exited(0), "")]
#[case::exited_with_a_code("exited_with_a_code", FunctionError::exited(42), "")]
#[case::out_of_memory("out_of_memory", FunctionError::out_of_memory(), "")]
#[case::response_too_large("response_too_large", FunctionError::response_too_large(), "")]
#[case::missing_entrypoint("missing_entrypoint", FunctionError::invalid_entrypoint(), "")]
#[case::entrypoint_that_does_not_start(
    "entrypoint_that_does_not_start",
    FunctionError::platform(
        "Runtime.InvalidEntrypoint",
        "fork/exec /var/task/bootstrap: no such file or directory"
    ),
    ""
)]
#[case::missing_working_directory(
    "missing_working_directory",
    FunctionError::platform("Runtime.InvalidWorkingDir", "chdir /x: no such file or directory"),
    ""
)]
#[case::extension_that_does_not_start(
    "extension_that_does_not_start",
    FunctionError::platform(
        "Extension.LaunchError",
        "fork/exec /opt/extensions/x: exec format error"
    ),
    ""
)]
#[case::extension_that_ends_at_its_start(
    "extension_that_ends_at_its_start",
    FunctionError::extension_exited("apm", 0),
    ""
)]
#[case::extension_that_exits(
    "extension_that_exits",
    FunctionError::platform("Extension.Crash", "exit status 1"),
    ""
)]
fn the_payload_equals_that_of_the_fact(
    #[case] fact: &str,
    #[case] error: FunctionError,
    #[case] masked_stack: &str,
) {
    let reply = answered(error);
    let id = reply.field("x-amzn-RequestId").unwrap();
    let payload = recorded(fact).replace("<request-id>", id);
    assert_eq!(body(&reply), payload.replace("<stack-trace>", masked_stack));
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert_eq!(reply.status(), 200);
}

#[rstest]
#[case::python_3_8("python_3_8", [2020, 2021], new(Runtime::Python, "Exception", "Failed: some_error_msg").stack(["a\n"]), r#"["a\n"]"#)]
#[case::python_3_7("python_3_7", [2017, 2019], new(Runtime::Python, "ValueError", "boom").stack(["  File \"/var/task/app.py\", line 15, in lambda_handler\n    raise ValueError(\"boom\")\n"]), "")]
#[case::node_8("node_8", [2017, 2019], new(Runtime::Node, "Error", "an error occurred."), "")]
fn the_era_selects_the_form_of_the_payload(
    #[case] fact: &str,
    #[case] years: [u16; 2],
    #[case] error: FunctionError,
    #[case] masked_stack: &str,
) {
    for year in years {
        let lambda = FakeLambda::start_with(|builder| builder.era(year));
        lambda.on("f").reply(error.clone());
        let reply = raw::invoke(&lambda, "f", &[], "{}");
        let payload = recorded(fact).replace("<stack-trace>", masked_stack);
        assert_eq!(body(&reply), payload, "{year}");
    }
}

#[rstest]
#[case::python_3_7(2019, new(Runtime::Python, "E", "m"), r#"{"stackTrace": [["/var/task/app.py", 2, "handler", "raise E(\"m\")"]], "errorType": "E", "errorMessage": "m"}"#)]
#[case::frame_of_another_form(2019, new(Runtime::Python, "E", "m").stack(["main"]), r#"{"stackTrace": ["main"], "errorType": "E", "errorMessage": "m"}"#)]
#[case::frame_without_source(2019, new(Runtime::Python, "E", "m").stack(["  File \"a.py\", line 1, in f\n"]), r#"{"stackTrace": [["a.py", 1, "f", ""]], "errorType": "E", "errorMessage": "m"}"#)]
#[case::python_3_8_at_init(2021, new(Runtime::Python, "Runtime.E", "m").at_init(), r#"{"errorMessage": "m", "errorType": "Runtime.E", "stackTrace": []}"#)]
#[case::python_3_9(2022, new(Runtime::Python, "Runtime.E", "m").at_init(), r#"{"errorMessage": "m", "errorType": "Runtime.E", "requestId": "", "stackTrace": []}"#)]
#[case::node_8_with_a_stack(2019, new(Runtime::Node, "E", "m").stack(["    at f (a.js:1:2)", "g"]), r#"{"errorMessage":"m","errorType":"E","stackTrace":["f (a.js:1:2)","g"]}"#)]
#[case::node_8_at_init(2019, new(Runtime::Node, "E", "m").at_init(), r#"{"errorMessage":"m","errorType":"E","stackTrace":[]}"#)]
#[case::node_10(2020, new(Runtime::Node, "E", "m").stack([]), r#"{"errorType":"E","errorMessage":"m","trace":["E: m"]}"#)]
fn a_payload_of_an_earlier_year_has_these_bytes(
    #[case] year: u16,
    #[case] error: FunctionError,
    #[case] payload: &str,
) {
    let lambda = FakeLambda::start_with(|builder| builder.era(year));
    lambda.on("f").reply(error);
    assert_eq!(body(&raw::invoke(&lambda, "f", &[], "{}")), payload);
}

#[test]
fn every_fact_has_its_case() {
    let mut cases = include_str!("function_errors.rs").to_owned();
    cases.retain(|character| !character.is_whitespace());
    let missing: Vec<Value> = facts()
        .into_iter()
        .map(|mut fact| fact["case"].take())
        .filter(|name| !cases.contains(&format!("#[case::{}({name},", name.as_str().unwrap())))
        .collect();
    assert_eq!(missing, [Value::Null; 0]);
}

#[test]
fn the_default_payload_is_that_of_the_rust_runtime() {
    let error = FunctionError::new("ValueError", "no \"such\" order");
    let plain = answered(error.clone());
    assert_eq!(
        body(&plain),
        r#"{"errorType":"ValueError","errorMessage":"no \"such\" order"}"#
    );
    assert_eq!(body(&plain), body(&answered(error.runtime("rust"))));
}

#[rstest]
#[case::of_a_runtime(new(Runtime::Python, "E", "m"), "\"requestId\": \"<id>\"")]
#[case::of_the_platform(FunctionError::exited(1), "\"RequestId: <id> Error: Runtime exited")]
fn each_attempt_has_its_own_request_id_in_header_and_payload(
    #[case] error: FunctionError,
    #[case] part: &str,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(error);
    let replies = [(); 2].map(|()| raw::invoke(&lambda, "f", &[], "{}"));
    let ids = replies
        .each_ref()
        .map(|reply| reply.field("x-amzn-RequestId").unwrap());
    assert_ne!(ids[0], ids[1]);
    for (reply, id) in replies.iter().zip(ids) {
        let part = part.replace("<id>", id);
        assert!(body(reply).contains(&part), "{part} in {reply}");
    }
}

#[rstest]
#[case::nodejs(new(Runtime::Node, "Error", "").stack([]), r#"{"errorType":"Error","errorMessage":"","trace":["Error"]}"#)]
#[case::java(new(Runtime::Java, "E", "m").stack([]), r#"{"errorMessage":"m","errorType":"E","stackTrace":[]}"#)]
#[case::go(new(Runtime::Go, "E", "m").stack([]), r#"{"errorMessage":"m","errorType":"E"}"#)]
#[case::dotnet(new(Runtime::DotNet, "E", "m").stack([]), "{\n  \"errorType\": \"E\",\n  \"errorMessage\": \"m\"\n}\n")]
#[case::ruby(new(Runtime::Ruby, "Runtime<E>", "m").stack([]), r#"{"errorMessage":"m","errorType":"Runtime<E>","stackTrace":[]}"#)]
fn an_empty_stack_is_written_as_the_runtime_does(
    #[case] error: FunctionError,
    #[case] payload: &str,
) {
    assert_eq!(body(&answered(error)), payload);
}

#[test]
fn dotnet_truncates_an_exception_over_256_kb() {
    let truncated = r#"{"errorMessage": "Exception exceeded maximum payload size of 256KB."}"#;
    let around = body(&answered(new(Runtime::DotNet, "E", "").stack([]))).len();
    let fits = "m".repeat(256 * 1024 - around);
    let error = |message: &str| new(Runtime::DotNet, "E", message).stack([]);
    assert_eq!(answered(error(&fits)).body.len(), 256 * 1024);
    assert_eq!(body(&answered(error(&(fits.clone() + "m")))), truncated);
    let caused = answered(error("m").cause(error(&fits)));
    let payload = format!(
        "{{\n  \"errorType\": \"E\",\n  \"errorMessage\": \"m\",\n  \"cause\": {truncated}\n}}\n"
    );
    assert_eq!(body(&caused), payload);
}

#[rstest]
#[case::python(new(Runtime::Python, "ValueError", "no such order"), json!({"errorMessage": "no such order", "errorType": "ValueError", "stackTrace": ["  File \"/var/task/app.py\", line 2, in handler\n    raise ValueError(\"no such order\")\n"]}))]
#[case::dotnet(new(Runtime::DotNet, "Exception", "no such order").stack([]), json!({"errorMessage": "no such order", "errorType": "Exception"}))]
#[case::platform(FunctionError::timed_out(Duration::from_secs(3)), json!({"errorMessage": "RequestId: <id> Error: Task timed out after 3.00 seconds", "errorType": "Sandbox.Timedout"}))]
#[tokio::test]
async fn the_sdk_sees_a_success_with_a_function_error(
    #[case] error: FunctionError,
    #[case] payload: Value,
) {
    use aws_sdk_lambda::operation::RequestId as _;

    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(error);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let output = client.invoke().function_name("pay").send().await.unwrap();
    assert_eq!(output.function_error(), Some("Unhandled"));
    let text = std::str::from_utf8(output.payload().unwrap().as_ref()).unwrap();
    let id = output.request_id().unwrap();
    let mut seen: Value = serde_json::from_str(&text.replace(id, "<id>")).unwrap();
    if let Some(seen_id) = seen.as_object_mut().unwrap().remove("requestId") {
        assert_eq!(seen_id, "<id>");
    }
    assert_eq!(seen, payload);
    script.assert_attempts(1);
}

#[rstest]
#[case::runtime_unknown(|| new_in("pyton"), "error: unknown runtime `pyton`\n  help: did you mean `python`?")]
#[case::runtime_with_a_version(|| new_in("nodejs22.x"), "error: unknown runtime `nodejs22.x`\n  help: did you mean `nodejs`?")]
#[case::custom_runtime(|| new_in("provided.al2023"), "error: unknown runtime `provided.al2023`\n  help: use `dotnet`, `go`, `java`, `nodejs`, `python`, `ruby` or `rust`")]
#[case::runtime_twice(|| new_in("python").runtime("go"), "error: the error already has the runtime `python`, got `go`\n  help: keep one of the two")]
#[case::runtime_of_the_platform(|| FunctionError::out_of_memory().runtime("go"), "error: this error has no `runtime`: its payload is the same on every runtime\n  help: remove `.runtime(..)`, or start with `FunctionError::new`")]
#[case::runtime_of_a_payload(|| FunctionError::payload(json!(1)).runtime("go"), "error: this error has no `runtime`: its payload is the same on every runtime\n  help: remove `.runtime(..)`, or start with `FunctionError::new`")]
#[case::init_of_no_runtime(|| FunctionError::new("E", "m").at_init(), "error: an error of init needs a runtime, which decides whether it is sent\n  help: call `.runtime(..)` before this method")]
#[case::init_of_go(|| new_in("go").at_init(), "error: `go` sends no error at init: its process exits\n  help: use `FunctionError::exited(1)`")]
#[case::init_of_the_platform(|| FunctionError::exited(1).at_init(), "error: this error has no `at_init`: its payload is the same on every runtime\n  help: remove `.at_init()`, or start with `FunctionError::new`")]
#[case::stack_of_no_runtime(|| FunctionError::new("E", "m").stack(["a"]), "error: a stack needs a runtime, which decides whether it is sent\n  help: call `.runtime(..)` before this method")]
#[case::stack_of_rust(|| new_in("rust").stack(["a"]), "error: `rust` sends no stack\n  help: remove `.stack(..)`, or use another runtime")]
#[case::stack_of_go_without_a_line(|| new_in("go").stack(["main.go handler"]), "error: `main.go handler` is not a valid stack frame of `go`\n  help: use `path:line label`, as in `main.go:12 handler`")]
#[case::stack_of_go_without_a_label(|| new_in("go").stack(["main.go:12 handler", "main.go:12"]), "error: `main.go:12` is not a valid stack frame of `go`\n  help: use `path:line label`, as in `main.go:12 handler`")]
#[case::stack_of_java_at_init(|| new_in("java").at_init().stack(["a"]), "error: `java` sends neither stack nor cause of an error at init\n  help: remove them, or remove `.at_init()`")]
#[case::cause_twice(|| new_in("java").cause(FunctionError::new("A", "m")).cause(FunctionError::new("B", "m")), "error: the error already has the cause `A`\n  help: call `.cause(..)` on that cause, or keep one of the two")]
#[case::cause_of_no_runtime(|| FunctionError::new("E", "m").cause(FunctionError::new("E", "m")), "error: a cause needs a runtime, which decides whether it is sent\n  help: call `.runtime(..)` before this method")]
#[case::cause_of_python(|| new_in("python").cause(FunctionError::new("E", "m")), "error: `python` sends no cause\n  help: remove `.cause(..)`, or use the runtime `dotnet` or `java`")]
#[case::cause_of_another_runtime(|| new_in("java").cause(new_in("dotnet")), "error: an error of `java` cannot be caused by an error of `dotnet`\n  help: use one runtime for both")]
#[case::cause_at_init(|| new_in("java").cause(new_in("java").at_init()), "error: a cause cannot have `.at_init()`\n  help: call `.at_init()` on the error that it caused")]
#[case::cause_of_the_platform(|| new_in("java").cause(FunctionError::exited(1)), "error: FunctionError({\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: <request-id> Error: Runtime exited with error: exit status 1\"}) cannot be a cause\n  help: create the cause with `FunctionError::new`")]
#[case::timeout_of_zero(|| FunctionError::timed_out(Duration::ZERO), "error: `0ns` is not a valid timeout of a function\n  help: use a duration above zero, up to 15 minutes")]
#[case::timeout_over_the_longest(|| FunctionError::timed_out(Duration::from_secs(901)), "error: `901s` is not a valid timeout of a function\n  help: use a duration above zero, up to 15 minutes")]
#[case::exit_code_below_zero(|| FunctionError::exited(-9), "error: `-9` is not a valid exit code\n  help: use 0 to 255")]
#[case::extension_without_a_name(|| FunctionError::extension_exited("", 1), "error: `` is not a valid name of an extension\n  help: use the name of its file, without line breaks and tabs")]
#[case::extension_of_two_lines(|| FunctionError::extension_exited("a\nb", 1), "error: `a\\nb` is not a valid name of an extension\n  help: use the name of its file, without line breaks and tabs")]
#[case::exit_code_of_an_extension(|| FunctionError::extension_exited("apm", 256), "error: `256` is not a valid exit code\n  help: use 0 to 255")]
#[case::exit_code_over_a_byte(|| FunctionError::exited(256), "error: `256` is not a valid exit code\n  help: use 0 to 255")]
fn an_invalid_argument_panics_in_the_callers_file(
    #[case] run: fn() -> FunctionError,
    #[case] text: &str,
) {
    let caught = caught(run);
    assert_eq!(caught.text, text);
    assert!(
        caught.file.ends_with("function_errors.rs"),
        "{}",
        caught.file
    );
}

fn new_in(runtime: &str) -> FunctionError {
    FunctionError::new("E", "m").runtime(runtime)
}
