//! Calls by an SDK in its own process, and their results there and in the journal.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::FakeLambda;
use serde_json::Value;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sdk {
    Boto3,
    JavaScript,
}

impl Sdk {
    /// Makes the calls one after the other. Each call is an object with members of Invoke's input;
    /// `PayloadBytes` in place of `Payload` is the length of a payload.
    ///
    /// Every answer reports what its client got. Id, status and number of attempts are compared
    /// with the journal here; a log tail is decoded, and the id inside it or inside a payload
    /// becomes `<request-id>`.
    #[track_caller]
    pub(crate) fn answers(self, lambda: &FakeLambda, calls: &[Value]) -> Vec<Value> {
        let printed = self.run(lambda, &Value::from(calls).to_string());
        let mut answers: Vec<Value> = printed
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line is JSON"))
            .collect();
        let journal = lambda.calls();
        assert_eq!(
            (answers.len(), journal.len()),
            (calls.len(), calls.len()),
            "answers and calls in the journal:\n{printed}\n{}",
            lambda.journal()
        );
        for (answer, call) in answers.iter_mut().zip(&journal) {
            let attempts = call.attempts();
            let last = attempts.last().expect("a call has an attempt");
            let id = answer
                .as_object_mut()
                .expect("an object")
                .remove("request_id");
            let sent_id = last.invocation().request_id();
            assert_eq!(id, Some(sent_id.into()), "{answer}");
            if let Some(tail) = answer["log_result"].as_str() {
                let tail = STANDARD.decode(tail).expect("the tail is base64");
                let tail = String::from_utf8(tail).expect("the tail is UTF-8");
                answer["log_result"] = tail.replace(sent_id, "<request-id>").into();
            }
            if let Some(payload) = answer["payload"].as_str() {
                answer["payload"] = payload.replace(sent_id, "<request-id>").into();
            }
            assert_eq!(
                answer["status"],
                last.status().unwrap_or_default(),
                "{answer}"
            );
            assert_eq!(answer["attempts"], attempts.len(), "{answer}");
            for (number, attempt) in (1..).zip(attempts) {
                let invocation = attempt.invocation();
                assert_eq!(
                    (invocation.attempt(), invocation.max_attempts()),
                    (Some(number), Some(3))
                );
            }
        }
        answers
    }

    /// A short description of the result at the caller, for calls that can fail in any way.
    #[track_caller]
    pub(crate) fn reactions(self, lambda: &FakeLambda, calls: &[Value]) -> Vec<String> {
        let printed = self.run(lambda, &Value::from(calls).to_string());
        let got = |line: &str| {
            let answer: Value = serde_json::from_str(line).expect("a line is JSON");
            answer["got"]
                .as_str()
                .expect("a reaction is text")
                .to_owned()
        };
        printed.lines().map(got).collect()
    }

    #[track_caller]
    fn run(self, lambda: &FakeLambda, calls: &str) -> String {
        let installed = PathBuf::from(std::env::var_os("FAKE_LAMBDA_INTEROP").expect(
            "no FAKE_LAMBDA_INTEROP: these tests are run by `tests/interop/run`, \
             which installs the SDKs",
        ));
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/interop");
        let (program, script) = match self {
            Self::Boto3 => (installed.join("venv/bin/python"), "boto3_client.py"),
            Self::JavaScript => (PathBuf::from("node"), "js_client.mjs"),
        };
        let mut child = Command::new(program)
            .arg(here.join(script))
            .current_dir(installed)
            .envs(lambda.env())
            .env_remove("AWS_PROFILE")
            // The defaults are under test here.
            .env_remove("AWS_MAX_ATTEMPTS")
            .env_remove("AWS_RETRY_MODE")
            // The JavaScript SDK warns about Node.js versions that it will stop supporting.
            .env("NODE_NO_WARNINGS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the client starts");
        let mut input = child.stdin.take().expect("stdin is piped");
        input
            .write_all(calls.as_bytes())
            .expect("the client reads its calls");
        drop(input);
        let output = child.wait_with_output().expect("the client ends");
        assert!(output.status.success(), "{self:?}: {}", output.status);
        String::from_utf8(output.stdout).expect("the client prints UTF-8")
    }
}
