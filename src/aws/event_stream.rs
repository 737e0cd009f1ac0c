//! The frames of `application/vnd.amazon.eventstream`, in which the service sends an answer in
//! chunks.
//!
//! ```text
//! u32 length | u32 length of the headers | u32 CRC-32 of these 8 bytes
//! headers, each: u8 length of the name | name | 7 | u16 length of the value | value
//! payload
//! u32 CRC-32 of everything before
//! ```
//!
//! All numbers are big-endian. The layout is that of the Smithy specification; the headers and
//! their order are those of the service model.

use std::fmt;

use serde_json::Value;

/// The most bytes of a payload in one frame; the specification allows 24 MiB.
pub(crate) const LONGEST_PAYLOAD: usize = 16 * 1024 * 1024;

/// The most bytes of a header's value. The specification allows strings of 1 to 2^15-1 bytes,
/// although the length has 16 bits.
pub(crate) const LONGEST_VALUE: usize = i16::MAX as usize;

/// The type of a header whose value is a string.
const TEXT: u8 = 7;

/// The length of the prelude: two lengths and their checksum.
const PRELUDE: usize = 12;

/// The part of a frame that is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FrameDamage {
    /// The checksum of the two lengths.
    Prelude,
    /// The checksum of the whole frame.
    Message,
}

/// The damage as the journal prints it.
impl fmt::Display for FrameDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prelude => "wrong checksum of its lengths",
            Self::Message => "wrong checksum",
        })
    }
}

/// Appends a frame.
pub(crate) fn write_frame(out: &mut Vec<u8>, headers: &[(&str, &str)], payload: &[u8]) {
    let begin = out.len();
    let lengths = headers
        .iter()
        .map(|(name, value)| 4 + name.len() + value.len());
    let headers_length: usize = lengths.sum();
    let length = PRELUDE + headers_length + payload.len() + 4;
    let number = |length: usize| u32::try_from(length).expect("a frame is shorter than 4 GiB");
    out.reserve(length);
    out.extend_from_slice(&number(length).to_be_bytes());
    out.extend_from_slice(&number(headers_length).to_be_bytes());
    out.extend_from_slice(&crc32(&out[begin..]).to_be_bytes());
    for (name, value) in headers {
        let name_length = u8::try_from(name.len()).expect("the names are short");
        let value_length = u16::try_from(value.len()).expect("the values are short");
        out.push(name_length);
        out.extend_from_slice(name.as_bytes());
        out.push(TEXT);
        out.extend_from_slice(&value_length.to_be_bytes());
        out.extend_from_slice(value.as_bytes());
    }
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32(&out[begin..]).to_be_bytes());
}

/// Appends an event with these bytes of the function's answer.
pub(crate) fn write_chunk(out: &mut Vec<u8>, payload: &[u8]) {
    let headers = [
        (":event-type", "PayloadChunk"),
        (":content-type", "application/octet-stream"),
        (":message-type", "event"),
    ];
    write_frame(out, &headers, payload);
}

/// Appends an event with a JSON payload.
pub(crate) fn write_event(out: &mut Vec<u8>, event_type: &str, payload: &[u8]) {
    let headers = [
        (":event-type", event_type),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    write_frame(out, &headers, payload);
}

/// Appends the event that ends an answer. A member without a value is absent.
pub(crate) fn write_end(out: &mut Vec<u8>, error: Option<(&str, Option<&str>)>, log: Option<&str>) {
    let (code, details) = error.unzip();
    let members = [
        ("ErrorCode", code),
        ("ErrorDetails", details.flatten()),
        ("LogResult", log),
    ];
    let members = members
        .into_iter()
        .filter_map(|(name, text)| Some(format!("\"{name}\":{}", Value::String(text?.to_owned()))));
    let payload = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    write_event(out, "InvokeComplete", payload.as_bytes());
}

/// Damages the first frame of these bytes.
pub(crate) fn damage(frame: &mut [u8], damage: FrameDamage) {
    let index = match damage {
        FrameDamage::Prelude => PRELUDE - 1,
        FrameDamage::Message => length_of_first(frame) - 1,
    };
    frame[index] ^= 0xff;
}

/// The length of the first of these frames.
pub(crate) fn length_of_first(frames: &[u8]) -> usize {
    let length = frames
        .first_chunk()
        .expect("a frame begins with its length");
    u32::from_be_bytes(*length) as usize
}

/// The table of CRC-32 with the reversed polynomial, one entry for each byte.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            let low = value & 1;
            value >>= 1;
            if low == 1 {
                value ^= 0xedb8_8320;
            }
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8)
    })
}

#[cfg(test)]
mod tests {
    use super::{FrameDamage, crc32, damage, write_chunk, write_end, write_frame};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        write_frame(&mut out, headers, payload);
        out
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    /// The two published messages without a header.
    #[test]
    fn frames_are_those_of_the_specification() {
        assert_eq!(hex(&frame(&[], b"")), "000000100000000005c248eb7d98c8ff");
        assert_eq!(
            hex(&frame(&[], b"{'foo':'bar'}")),
            "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936"
        );
    }

    #[test]
    fn a_frame_is_appended() {
        let mut out = b"before".to_vec();
        write_chunk(&mut out, b"Hel");
        let mut alone = Vec::new();
        write_chunk(&mut alone, b"Hel");
        assert_eq!(out, [b"before".as_slice(), &alone].concat());
    }

    #[test]
    fn the_end_has_only_the_members_that_have_a_value() {
        let payload = |error, log| {
            let mut out = Vec::new();
            write_end(&mut out, error, log);
            let text = String::from_utf8_lossy(&out).into_owned();
            let begin = text.find('{').unwrap();
            text[begin..=text.rfind('}').unwrap()].to_owned()
        };
        assert_eq!(payload(None, None), "{}");
        assert_eq!(payload(None, Some("YQ==")), r#"{"LogResult":"YQ=="}"#);
        assert_eq!(
            payload(Some(("Runtime.TruncatedResponse", None)), None),
            r#"{"ErrorCode":"Runtime.TruncatedResponse"}"#
        );
        assert_eq!(
            payload(Some(("Unhandled", Some("{\"a\":1}"))), Some("YQ==")),
            r#"{"ErrorCode":"Unhandled","ErrorDetails":"{\"a\":1}","LogResult":"YQ=="}"#
        );
    }

    #[test]
    fn only_the_checksum_of_the_first_frame_is_damaged() {
        let mut whole = frame(&[], b"first");
        let first = whole.len();
        write_frame(&mut whole, &[], b"second");
        for (what, index) in [
            (FrameDamage::Prelude, 11),
            (FrameDamage::Message, first - 1),
        ] {
            let mut damaged = whole.clone();
            damage(&mut damaged, what);
            let differs = |at: &usize| damaged[*at] != whole[*at];
            assert_eq!(
                (0..whole.len()).filter(differs).collect::<Vec<_>>(),
                [index]
            );
        }
    }
}
