//! The report as JSON, and what one cell shows.

use fake_lambda::sweep::Modes;
use fake_lambda::{Fault, ServiceError, sweep};
use insta::{assert_json_snapshot, assert_snapshot};

use super::{correct, two_functions};

#[test]
fn a_report_as_json() {
    let modes = Modes::from(ServiceError::KmsDisabledException).and(Fault::ResetAfter(1));
    let report = sweep(two_functions, correct).modes(modes).on(["pay"]).run();
    assert_json_snapshot!(report.to_json(), @r#"
    {
      "cells": [
        {
          "attempts": 2,
          "calls_after_failure": 0,
          "elapsed_ms": 831.0,
          "executions": 1,
          "extra_executions": 0,
          "function": "pay",
          "golden_attempts": 1,
          "mode": "KMSDisabledException",
          "nature": "permanent",
          "ok": true,
          "persistence": "once",
          "result": "Ok(\"paid 42\")",
          "verdict": "recovers"
        },
        {
          "attempts": 3,
          "calls_after_failure": 0,
          "elapsed_ms": 1681.0,
          "executions": 0,
          "extra_executions": 0,
          "function": "pay",
          "golden_attempts": 1,
          "mode": "KMSDisabledException",
          "nature": "permanent",
          "ok": false,
          "persistence": "always",
          "result": "Err(\"pay cannot be called: service error\")",
          "verdict": "wastes"
        },
        {
          "attempts": 2,
          "calls_after_failure": 0,
          "elapsed_ms": 831.0,
          "executions": 2,
          "extra_executions": 1,
          "function": "pay",
          "golden_attempts": 1,
          "mode": "ResetAfter",
          "nature": "ambiguous",
          "ok": true,
          "persistence": "once",
          "result": "Ok(\"paid 42\")",
          "verdict": "repeats"
        },
        {
          "attempts": 3,
          "calls_after_failure": 0,
          "elapsed_ms": 1681.0,
          "executions": 3,
          "extra_executions": 2,
          "function": "pay",
          "golden_attempts": 1,
          "mode": "ResetAfter",
          "nature": "ambiguous",
          "ok": false,
          "persistence": "always",
          "result": "Err(\"pay cannot be called: response error\")",
          "verdict": "repeats"
        }
      ],
      "golden": {
        "functions": [
          {
            "attempts": 1,
            "executions": 1,
            "name": "price"
          },
          {
            "attempts": 1,
            "executions": 1,
            "name": "pay"
          }
        ],
        "result": "Ok(\"paid 42\")"
      }
    }
    "#);
}

#[test]
fn a_cell_shows_its_journal_with_times() {
    let report = sweep(two_functions, correct)
        .modes(Fault::ResetAfter(1))
        .on(["pay"])
        .run();
    assert_snapshot!(report.cells()[0].timeline(), @r#"
    2 calls, 3 attempts, in 831.0 ms (on tokio's clock)
    1 |#                                       | price RequestResponse null
      0.0 ms + 0.0 ms: attempt 1/3, 4 bytes in, 13 out → 200 {"amount":42}
    2 |#......................................#| pay RequestResponse {"amount":42}
      0.0 ms + 0.0 ms: attempt 1/3, 13 bytes in, 13 out → reset after 1 byte of the body (ran, lost 200 {"paid":true}) (chaos: window 1)
      waited 831.0 ms
      831.0 ms + 0.0 ms: attempt 2/3, 13 bytes in, 13 out → 200 {"paid":true} (ran twice: attempt 1/3 had run it)
    "#);
}
