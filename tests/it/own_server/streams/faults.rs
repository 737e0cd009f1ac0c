//! Faults between and inside frames, and faults of the whole reply.

use std::time::Duration;

use fake_lambda::{Boundaries, Chunks, FakeLambda, Fault, FunctionError, Reply, ServiceError};
use insta::assert_snapshot;
use serde_json::json;

use super::{asking, lines, read_head};
use crate::raw::End;
use crate::streams::{chunk, complete, http_chunk};
use crate::text::without_lines;

const MS: Duration = Duration::from_millis(1);

/// What follows the head of the reply to `f`, and how the connection ends.
fn rest(lambda: &FakeLambda) -> (Vec<u8>, End) {
    let mut client = asking(lambda);
    read_head(&mut client);
    client.read_out()
}

fn after_hel(fault: Fault) -> FakeLambda {
    let lambda = FakeLambda::start();
    let chunks = Chunks::new().send("Hel").fault(fault);
    let chunks = match fault {
        Fault::TruncateAfter(_) | Fault::ResetAfter(_) | Fault::StallAfter(_) => chunks.send("lo"),
        _ => chunks,
    };
    lambda.on("f").reply(Reply::stream(chunks));
    lambda
}

#[test]
fn a_fault_between_frames_ends_the_connection_there() {
    let first = http_chunk(&chunk("Hel"));
    let lambda = after_hel(Fault::Reset);
    assert_eq!(rest(&lambda), (first.clone(), End::Reset));
    let lambda = after_hel(Fault::CloseBeforeReply);
    assert_eq!(rest(&lambda), (first.clone(), End::Closed));
    let lambda = after_hel(Fault::Garbage);
    let (bytes, end) = rest(&lambda);
    assert_eq!(end, End::Closed);
    let garbage = http_chunk(b"\x00\xff\xfeSSH-2.0-fake-lambda\r\n\x00\r\n");
    assert_eq!(bytes, [first, garbage, b"0\r\n\r\n".to_vec()].concat());
    assert_snapshot!(lines(&lambda), @"closed after 109 bytes of the body (ran, lost 200 stream, 1 chunk: Hel)");
}

#[test]
fn a_fault_inside_a_frame_counts_its_bytes() {
    let first = http_chunk(&chunk("Hel"));
    let second = http_chunk(&chunk("lo"));
    let cut = |bytes: usize| [first.clone(), second[..4 + bytes].to_vec()].concat();
    let lambda = after_hel(Fault::TruncateAfter(20));
    assert_eq!(rest(&lambda), (cut(20), End::Closed));
    let lambda = after_hel(Fault::ResetAfter(0));
    assert_eq!(rest(&lambda), (first.clone(), End::Reset));
    // The last byte of the frame is never sent.
    let lambda = after_hel(Fault::ResetAfter(9_999));
    assert_eq!(rest(&lambda), (cut(chunk("lo").len() - 1), End::Reset));
    assert_snapshot!(lines(&lambda), @"reset after 216 bytes of the body (ran, lost 200 stream, 1 chunk: Hel)");
    assert!(lambda.only_call().attempts()[0].has_run());
    assert_eq!(lambda.only_call().attempts()[0].chunks(), ["Hel"]);
}

/// A chunk that is cut into events is several frames.
#[test]
fn a_fault_inside_a_frame_never_sends_a_whole_event_of_a_chunk_that_is_cut() {
    let lambda = FakeLambda::start();
    let chunks = Chunks::new().fault(Fault::ResetAfter(9_999)).send("lo");
    let chunks = chunks.boundaries(Boundaries::Every(1));
    lambda.on("f").reply(Reply::stream(chunks));
    let frames = [chunk("l"), chunk("o")].concat();
    let cut = http_chunk(&frames)[..4 + chunk("l").len() - 1].to_vec();
    assert_eq!(rest(&lambda), (cut, End::Reset));
}

#[test]
fn a_stall_waits_for_the_client() {
    for fault in [Fault::Hang, Fault::StallAfter(5)] {
        let lambda = after_hel(fault);
        let mut client = asking(&lambda);
        read_head(&mut client);
        let first = http_chunk(&chunk("Hel"));
        assert_eq!(client.read_bytes(first.len()), first);
        if let Fault::StallAfter(bytes) = fault {
            client.read_bytes(4 + bytes);
        }
        assert!(client.is_silent());
        drop(client);
        lambda.wait_for_attempts(1).block();
        let sent = chunk("Hel").len() + usize::from(fault != Fault::Hang) * 5;
        assert_eq!(
            lines(&lambda),
            format!(
                "stalled after {sent} bytes of the body (ran, lost 200 stream, 1 chunk: Hel) (abandoned by the client)"
            )
        );
    }
}

#[test]
fn a_fault_of_the_last_event_cuts_it() {
    let lambda = FakeLambda::start();
    let chunks = Chunks::new().send("Hel").fault(Fault::TruncateAfter(7));
    lambda.on("f").reply(Reply::stream(chunks));
    let (first, last) = (http_chunk(&chunk("Hel")), http_chunk(&complete("{}")));
    let cut = [first, last[..4 + 7].to_vec()].concat();
    assert_eq!(rest(&lambda), (cut, End::Closed));
}

#[test]
fn a_frame_can_be_sent_slowly_or_without_a_size() {
    let lambda = FakeLambda::start();
    let slow = Fault::Dribble {
        bytes: 7,
        every: MS,
    };
    lambda
        .on("f")
        .reply(Reply::stream(Chunks::new().fault(slow).send("Hel")))
        .then(Reply::stream(
            Chunks::new().send("Hel").fault(Fault::BadChunk).send("lo"),
        ));
    assert_eq!(
        asking(&lambda).read_reply().body,
        [chunk("Hel"), complete("{}")].concat()
    );
    let (bytes, end) = rest(&lambda);
    let second = [b"no size\r\n".to_vec(), chunk("lo"), b"\r\n".to_vec()].concat();
    assert_eq!(
        (bytes, end),
        ([http_chunk(&chunk("Hel")), second].concat(), End::Closed)
    );
}

#[test]
fn the_journal_shows_damaged_frames() {
    let lambda = FakeLambda::start();
    let hel = || Chunks::new().send("Hel");
    let odd = || {
        hel()
            .bad_checksum()
            .exception(ServiceError::ServiceException)
    };
    lambda
        .on("f")
        .reply(Reply::stream(Chunks::new().bad_checksum().send("Hel")))
        .then(Reply::stream(hel().bad_prelude().send("lo")))
        .then(Reply::stream(hel().bad_checksum()))
        .then(Reply::stream(
            hel().bad_prelude().fail(FunctionError::exited(1)),
        ))
        .then(Reply::stream(odd()))
        .then(Reply::stream(odd().send("lo")));
    (0..6).for_each(|_| drop(asking(&lambda).read_reply()));
    let text = lambda.journal().to_string();
    let answers: Vec<_> = text.lines().filter(|line| line.starts_with(' ')).collect();
    assert_snapshot!(answers.join("\n"), @r"
      attempt 1 → 200 stream, 1 chunk: Hel, chunk 1 with a wrong checksum
      attempt 1 → 200 stream, 2 chunks: Hello, chunk 2 with a wrong checksum of its lengths
      attempt 1 → 200 stream, 1 chunk: Hel, `InvokeComplete` with a wrong checksum
      attempt 1 → 200 stream, 1 chunk: Hel, then function error Runtime.TruncatedResponse, `InvokeComplete` with a wrong checksum of its lengths
      attempt 1 → 200 stream, 1 chunk: Hel, then exception ServiceException with a wrong checksum
      attempt 1 → 200 stream, 2 chunks: Hello, exception ServiceException with a wrong checksum before chunk 2
    ");
    let data = serde_json::to_value(lambda.journal()).unwrap();
    let odd = |call: usize| &data[call]["attempts"][0]["odd_frames"];
    assert_snapshot!(odd(0), @r#"[{"chunks_before":0,"damage":"wrong checksum","frame":"chunk"}]"#);
    assert_snapshot!(odd(3), @r#"[{"chunks_before":1,"damage":"wrong checksum of its lengths","frame":"end"}]"#);
    assert_snapshot!(odd(4), @r#"[{"chunks_before":1,"damage":"wrong checksum","frame":"exception","type":"ServiceException"}]"#);
}

/// The number of a fault counts the bytes of the frames, not those of the chunked encoding.
#[test]
fn a_fault_of_the_whole_reply_counts_all_frames() {
    let reply = |fault| {
        let lambda = FakeLambda::start();
        lambda
            .on("f")
            .reply(Reply::stream(["Hel", "lo"]).fault(fault));
        lambda
    };
    let (first, second) = (chunk("Hel"), chunk("lo"));
    let length = first.len();
    let lambda = reply(Fault::TruncateAfter(1));
    assert_eq!(
        rest(&lambda),
        (http_chunk(&first)[..4 + 1].to_vec(), End::Closed)
    );
    let lambda = reply(Fault::ResetAfter(length));
    assert_eq!(rest(&lambda), (http_chunk(&first), End::Reset));
    let lambda = reply(Fault::ResetAfter(length + 3));
    let cut = [http_chunk(&first), http_chunk(&second)[..4 + 3].to_vec()].concat();
    assert_eq!(rest(&lambda), (cut, End::Reset));
    assert_snapshot!(lines(&lambda), @"reset after 112 bytes of the body (ran, lost 200 stream, 1 chunk: Hel)");
    let lambda = reply(Fault::CloseAfterReply);
    let whole = [
        http_chunk(&first),
        http_chunk(&second),
        http_chunk(&complete("{}")),
        b"0\r\n\r\n".to_vec(),
    ]
    .concat();
    assert_eq!(rest(&lambda), (whole.clone(), End::Closed));
    let lambda = reply(Fault::BadChunk);
    let (bytes, end) = rest(&lambda);
    let damaged = [
        http_chunk(&first),
        b"no size\r\n".to_vec(),
        second,
        b"\r\n".to_vec(),
        http_chunk(&complete("{}")),
        b"0\r\n\r\n".to_vec(),
    ];
    assert_eq!((bytes, end), (damaged.concat(), End::Closed));
    let lambda = reply(Fault::LengthTooLong(2));
    let (bytes, end) = rest(&lambda);
    assert_eq!((bytes.len(), end), (whole.len(), End::Closed));
    assert!(bytes.starts_with(format!("{:x}\r\n", length + 2).as_bytes()));
    let lambda = reply(Fault::Dribble {
        bytes: 50,
        every: MS,
    });
    assert_eq!(
        asking(&lambda).read_reply().body,
        [chunk("Hel"), chunk("lo"), complete("{}")].concat()
    );
    let lambda = reply(Fault::SlowHead {
        bytes: 50,
        every: MS,
    });
    assert_eq!(
        asking(&lambda).read_reply().body,
        [chunk("Hel"), chunk("lo"), complete("{}")].concat()
    );
    for fault in [
        Fault::Reset,
        Fault::CloseBeforeReply,
        Fault::TruncateHead,
        Fault::ResetInHead,
    ] {
        let lambda = reply(fault);
        let (bytes, _) = asking(&lambda).read_out();
        assert!(!bytes.ends_with(b"\r\n\r\n"), "{fault:?}");
        assert!(lambda.only_call().attempts()[0].has_run(), "{fault:?}");
    }
}

#[test]
fn a_fault_beyond_the_stream_is_reported() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::stream(["Hel"]).fault(Fault::TruncateAfter(9_999)));
    assert_eq!(
        asking(&lambda).read_reply().body,
        [chunk("Hel"), complete("{}")].concat()
    );
    let report = lambda.try_verify().unwrap_err().to_string();
    assert_snapshot!(without_lines(report), @r#"
    fake-lambda (started at tests/it/own_server/streams/faults.rs:LINE#1) found 1 problem

    error: `TruncateAfter(9999)` could not fire at call 1, whose reply has 211 bytes; it was sent whole
      help: use a number below 211, or a longer reply
      rule: `f`, scripted at tests/it/own_server/streams/faults.rs:LINE#2

    journal
      1 f RequestResponse streamed (empty)
        attempt 1 → 200 stream, 1 chunk: Hel
    "#);
}

#[test]
fn a_fault_of_a_payload_damages_its_stream() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::json(json!({"ok": true})).fault(Fault::ResetAfter(5)));
    assert_eq!(
        rest(&lambda),
        (
            http_chunk(&chunk(r#"{"ok":true}"#))[..4 + 5].to_vec(),
            End::Reset
        )
    );
}

/// A caller of Invoke gets none of the chunks.
#[test]
fn a_fault_between_chunks_loses_the_whole_reply_of_invoke() {
    let cases = [
        (Fault::Reset, End::Reset),
        (Fault::CloseBeforeReply, End::Closed),
        (Fault::TruncateAfter(3), End::Closed),
    ];
    for (fault, ends) in cases {
        let lambda = after_hel(fault);
        let mut client = crate::raw::Client::connect(&lambda);
        client.send_invoke("f", &[], "");
        assert_eq!(client.read_out(), (Vec::new(), ends));
        assert!(lambda.only_call().attempts()[0].has_run());
    }
}

/// A body in chunks states no length, so the first chunk has the wrong size.
#[test]
fn a_length_can_be_too_short_only_for_the_first_frame() {
    let lambda = FakeLambda::start();
    let chunks = || Reply::stream(["Hel".to_owned(), "x".repeat(500)]);
    let length = chunk("Hel").len();
    lambda
        .on("f")
        .reply(chunks().fault(Fault::LengthTooShort(length - 1)))
        .then(chunks().fault(Fault::LengthTooShort(length)));
    let mut client = asking(&lambda);
    read_head(&mut client);
    assert_eq!(client.read_bytes(4), b"1\r\n\0");
    drop(client);
    let body = asking(&lambda).read_reply().body;
    assert_eq!(
        body,
        [chunk("Hel"), chunk("x".repeat(500)), complete("{}")].concat()
    );
    let report = lambda.try_verify().unwrap_err().to_string();
    assert_snapshot!(without_lines(report.split("\n\n").nth(1).unwrap()), @"
    error: `LengthTooShort(109)` could not fire at call 2, whose first frame has 109 bytes; it was sent whole
      help: use a number below 109, or a longer first frame
      rule: `f`, scripted at tests/it/own_server/streams/faults.rs:LINE#1
    ");
}
