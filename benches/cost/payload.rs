//! The payloads that are sent, identical for every engine.

const KIB: usize = 1024;

/// The payload of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload {
    /// 256 KiB: one array of small objects, the most expensive common shape for a JSON check.
    Objects256Kib,
    /// 16 bytes: the cost is that of the call itself.
    Small,
    /// 256 KiB: one JSON string, such as a document or a Base64 text.
    String256Kib,
    /// 4 MiB: one JSON string, below the service's limit of 6 MB.
    String4Mib,
}

impl Payload {
    /// The bytes: valid JSON of exactly the stated length.
    pub(crate) fn bytes(self) -> Vec<u8> {
        match self {
            Self::Objects256Kib => array_of_objects(256 * KIB),
            Self::Small => br#"{"order": 12345}"#.to_vec(),
            Self::String256Kib => string(256 * KIB),
            Self::String4Mib => string(4 * KIB * KIB),
        }
    }
}

fn string(length: usize) -> Vec<u8> {
    const TEXT: &[u8] = b"The quick brown fox jumps over the lazy dog. ";
    let mut json = Vec::with_capacity(length);
    json.push(b'"');
    json.extend(TEXT.iter().cycle().take(length - 2));
    json.push(b'"');
    json
}

fn array_of_objects(length: usize) -> Vec<u8> {
    let mut json = String::with_capacity(length);
    json.push('[');
    for id in 10_000.. {
        let object =
            format!(r#"{{"id":{id},"sku":"A-{id}","paid":true,"total":19.99,"note":null}}"#);
        // The closing bracket needs one byte, and the comma before another object one more.
        if json.len() + object.len() + 2 > length {
            break;
        }
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&object);
    }
    // White space before the bracket is valid JSON, and gives the exact length.
    while json.len() < length - 1 {
        json.push(' ');
    }
    json.push(']');
    json.into_bytes()
}
