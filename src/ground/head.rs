//! The head of one HTTP request: its bytes as received, and the position of each part in them.
//!
//! The bytes are kept, so names keep the casing that the client sent and nothing is copied twice.
//! The server decides the length of the body and whether the connection stays open; `invocation`
//! decides what the request means for Lambda.

use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};

/// The most header fields of a request. AWS publishes no limit; SDKs send fewer than 20.
const MAX_FIELDS: usize = 128;

/// The beginning, in any casing, of a request target that also names the host.
const SCHEME: &str = "http://";

/// The number of bytes that are shown of an unreadable head.
const BEGINNING: usize = 64;

/// The method, the request target and the header fields of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    bytes: Bytes,
    method: Span,
    target: Span,
    minor_version: u8,
    fields: Box<[(Span, Span)]>,
    slots: Slots,
}

/// For each [slot](slot_of), the number of fields up to the first one whose name has that slot; 0
/// if there is none. Most lookups are for names that are not there, and end at a 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Slots([u8; 64]);

impl Default for Slots {
    fn default() -> Self {
        Self([0; 64])
    }
}

/// The position of a part in the head's bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

impl Head {
    /// Takes one complete head from the front of `buffer`; `None` if it is not complete yet.
    pub(crate) fn take(buffer: &mut BytesMut) -> Result<Option<Self>, httparse::Error> {
        let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let mut parsed = httparse::Request::new(&mut []);
        let length = match parsed.parse_with_uninit_headers(buffer, &mut fields)? {
            httparse::Status::Complete(length) => length,
            httparse::Status::Partial => return Ok(None),
        };
        let base = buffer.as_ptr() as usize;
        let span = |part: &[u8]| {
            let start = part.as_ptr() as usize - base;
            Span {
                start: start as u32,
                end: (start + part.len()) as u32,
            }
        };
        let mut head = Self {
            bytes: Bytes::new(),
            method: span(parsed.method.unwrap_or_default().as_bytes()),
            target: span(parsed.path.unwrap_or_default().as_bytes()),
            minor_version: parsed.version.unwrap_or(1),
            fields: parsed
                .headers
                .iter()
                .map(|field| (span(field.name.as_bytes()), span(field.value)))
                .collect(),
            slots: Slots::default(),
        };
        // A copy of exactly this length: a part of the buffer would keep all of it in memory.
        head.bytes = Bytes::copy_from_slice(&buffer[..length]);
        buffer.advance(length);
        head.fill_slots();
        Ok(Some(head))
    }

    /// The head of a request that another server has read, with its bytes written again as
    /// HTTP/1.1.
    #[cfg(feature = "wiremock")]
    pub(crate) fn of_parts<'a>(
        method: &str,
        target: &str,
        fields: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Self {
        let mut bytes = BytesMut::new();
        let mut put = |part: &[u8], separator: &[u8]| {
            let start = bytes.len() as u32;
            bytes.extend_from_slice(part);
            let end = bytes.len() as u32;
            bytes.extend_from_slice(separator);
            Span { start, end }
        };
        let method = put(method.as_bytes(), b" ");
        let target = put(target.as_bytes(), b" HTTP/1.1\r\n");
        let fields: Box<[_]> = fields
            .map(|(name, value)| (put(name.as_bytes(), b": "), put(value, b"\r\n")))
            .collect();
        put(b"", b"\r\n");
        let mut head = Self {
            bytes: bytes.freeze(),
            method,
            target,
            minor_version: 1,
            fields,
            slots: Slots::default(),
        };
        head.fill_slots();
        head
    }

    /// A head that could not be parsed: only its bytes are known.
    pub(crate) fn unreadable(bytes: Bytes) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    /// The first bytes of the first line that is not empty, in printable form. The total number is
    /// not shown, because it depends on the packets.
    pub(crate) fn beginning(&self) -> String {
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let breaks = self.bytes.iter().take_while(|byte| is_break(byte)).count();
        let bytes = &self.bytes[breaks..];
        let line = bytes.split(|byte| *byte == b'\n').next();
        let line = line.unwrap_or_default().trim_ascii_end();
        let shown = &line[..line.len().min(BEGINNING)];
        let more = if shown.len() < bytes.len() { "…" } else { "" };
        format!("{}{more}", shown.escape_ascii())
    }

    /// The number of bytes of the head on the wire.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Its size in memory.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.fields)
    }

    pub(crate) fn method(&self) -> &str {
        std::str::from_utf8(self.part(self.method)).unwrap_or_default()
    }

    /// The request target as sent: path and query, still percent-encoded.
    pub(crate) fn target(&self) -> &str {
        std::str::from_utf8(self.part(self.target)).unwrap_or_default()
    }

    /// The two parts of the request target as sent; the query without its question mark.
    pub(crate) fn path_and_query(&self) -> (&str, &str) {
        let target = self.target();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        // A client that uses the fake as a proxy also sends the host.
        let path = match path.split_at_checked(SCHEME.len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => {
                rest.find('/').map_or("/", |start| &rest[start..])
            }
            Some(_) | None => path,
        };
        (path, query)
    }

    /// Returns `true` if the client speaks HTTP/1.1, and `false` for HTTP/1.0.
    pub(crate) fn is_http_11(&self) -> bool {
        self.minor_version == 1
    }

    /// Returns `true` if the client asks to close the connection after this request.
    pub(crate) fn asks_to_close(&self) -> bool {
        let asks_for = |word: &str| {
            let mut words = self
                .values("connection")
                .flat_map(|value| value.split(|byte| *byte == b','));
            words.any(|part| part.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
        };
        if self.is_http_11() {
            asks_for("close")
        } else {
            !asks_for("keep-alive")
        }
    }

    /// The header fields in the order and with the casing in which they were sent.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields.iter().map(|(name, value)| {
            (
                std::str::from_utf8(self.part(*name)).unwrap_or_default(),
                self.part(*value),
            )
        })
    }

    /// The first field with this name, in any casing.
    #[inline]
    pub(crate) fn field(&self, name: &str) -> Option<&[u8]> {
        match self.slots.0[slot_of(name.as_bytes())] {
            0 => None,
            first => self.first_of(&self.fields[usize::from(first) - 1..], name),
        }
    }

    /// The values of all fields with this name, in any casing.
    #[inline]
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let fields = match self.slots.0[slot_of(name.as_bytes())] {
            0 => &[],
            first => &self.fields[usize::from(first) - 1..],
        };
        fields
            .iter()
            .filter(move |(own, _)| self.is_named(*own, name))
            .map(|(_, value)| self.part(*value))
    }

    fn first_of(&self, fields: &[(Span, Span)], name: &str) -> Option<&[u8]> {
        let mut fields = fields.iter();
        let (_, value) = fields.find(|(own, _)| self.is_named(*own, name))?;
        Some(self.part(*value))
    }

    /// Returns `true` if a field's name is this one, in any casing. Nearly all clients send the
    /// casing that is looked for.
    fn is_named(&self, own: Span, name: &str) -> bool {
        if own.len() != name.len() {
            return false;
        }
        let (own, name) = (self.part(own), name.as_bytes());
        own == name || own.eq_ignore_ascii_case(name)
    }

    fn fill_slots(&mut self) {
        // Backwards, so that the first of several fields remains.
        for (index, (name, _)) in self.fields.iter().enumerate().rev() {
            // Another server accepts more fields than ours: all from the 255th on have one number.
            self.slots.0[slot_of(self.part(*name))] = u8::try_from(index + 1).unwrap_or(u8::MAX);
        }
    }

    fn part(&self, span: Span) -> &[u8] {
        &self.bytes[span.start as usize..span.end as usize]
    }
}

/// A number below 64, which depends on the length of a name and its first and last letter, in any
/// casing. The factor gives the fields of SDKs different numbers.
#[inline]
fn slot_of(name: &[u8]) -> usize {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return 0;
    };
    let outer = (first | 0x20).wrapping_mul(62) ^ (last | 0x20);
    (usize::from(outer) ^ name.len()) % 64
}

/// A number in a header field: only digits, although `parse` would also accept a sign.
pub(crate) fn whole_number(value: &[u8]) -> Option<u64> {
    let (first, rest) = value.split_first()?;
    rest.iter().try_fold(digit(*first)?, |number, byte| {
        number.checked_mul(10)?.checked_add(digit(*byte)?)
    })
}

fn digit(byte: u8) -> Option<u64> {
    byte.is_ascii_digit().then(|| u64::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use bytes::BytesMut;
    use rstest::rstest;

    use super::{Head, slot_of, whole_number};

    #[cfg(feature = "wiremock")]
    #[test]
    fn a_field_is_found_after_many_others() {
        let names: Vec<String> = (0..400).map(|index| format!("x-{index:03}")).collect();
        let fields = names.iter().map(|name| (&**name, name.as_bytes()));
        let head = Head::of_parts("GET", "/", fields);
        for name in &names {
            assert_eq!(head.field(name), Some(name.as_bytes()));
            assert_eq!(head.values(name).count(), 1);
        }
        assert_eq!(head.field("x-400"), None);
    }

    #[test]
    fn a_head_is_taken_from_the_front_and_the_rest_stays() {
        let mut buffer = BytesMut::from(
            &b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Amz-Log-Type: Tail\r\n\r\nbody"[..],
        );
        let head = Head::take(&mut buffer).unwrap().unwrap();
        assert_eq!(
            (head.method(), head.target(), head.is_http_11()),
            ("POST", "/a?b=c", true)
        );
        assert_eq!(
            head.fields().collect::<Vec<_>>(),
            [("Host", &b"x"[..]), ("X-Amz-Log-Type", &b"Tail"[..])]
        );
        assert_eq!(head.field("x-amz-log-type"), Some(&b"Tail"[..]));
        assert_eq!(&buffer[..], b"body");
    }

    #[cfg(feature = "wiremock")]
    #[test]
    fn a_head_made_of_parts_is_the_head_of_its_bytes() {
        let fields = [
            ("host", &b"x"[..]),
            ("x-amz-log-type", b"Tail"),
            ("x-raw", b"\xff "),
        ];
        let head = Head::of_parts("POST", "/a?b=c", fields.into_iter());
        let taken = Head::take(&mut BytesMut::from(&head.bytes[..]))
            .unwrap()
            .unwrap();
        assert_eq!(head.bytes, taken.bytes);
        assert_eq!(
            (head.method(), head.target(), head.is_http_11()),
            ("POST", "/a?b=c", true)
        );
        assert_eq!(head.fields().collect::<Vec<_>>(), fields);
        assert_eq!(head.slots, taken.slots);
    }

    #[rstest]
    #[case::with_a_host("http://h/a/b?c=d", "/a/b", "c=d")]
    #[case::with_an_upper_case_scheme("HTTP://h/a/b?c=d", "/a/b", "c=d")]
    #[case::with_a_host_alone("Http://h", "/", "")]
    #[case::with_a_query_after_the_host("http://h?c=/a/b", "/", "c=/a/b")]
    #[case::with_an_empty_query("http://h?", "/", "")]
    #[case::with_a_scheme_in_the_query("/a?c=http://h/b", "/a", "c=http://h/b")]
    #[case::without_a_host("/a/b?c?d", "/a/b", "c?d")]
    #[case::with_another_scheme("ftp://h/a", "ftp://h/a", "")]
    fn a_target_has_a_path_and_a_query(
        #[case] target: &str,
        #[case] path: &str,
        #[case] query: &str,
    ) {
        let bytes = format!("GET {target} HTTP/1.1\r\n\r\n");
        let head = Head::take(&mut BytesMut::from(bytes.as_bytes()))
            .unwrap()
            .unwrap();
        assert_eq!(head.path_and_query(), (path, query));
    }

    #[test]
    fn an_incomplete_head_is_not_taken() {
        let mut buffer = BytesMut::from(&b"POST /a HTTP/1.1\r\nHost: x\r\n"[..]);
        assert!(Head::take(&mut buffer).unwrap().is_none());
        assert_eq!(buffer.len(), 27);
    }

    #[test]
    fn bytes_that_are_not_http_are_an_error() {
        assert!(
            Head::take(&mut BytesMut::from(
                &b"\x16\x03\x01\x02\x00 not http\r\n\r\n"[..]
            ))
            .is_err()
        );
    }

    #[test]
    fn the_fields_of_an_sdk_have_slots_of_their_own() {
        let names = [
            "content-type",
            "content-length",
            "user-agent",
            "x-amz-user-agent",
            "x-amz-date",
            "x-amz-security-token",
            "x-amz-client-context",
            "x-amz-invocation-type",
            "x-amz-log-type",
            "authorization",
            "amz-sdk-request",
            "amz-sdk-invocation-id",
            "host",
        ];
        let slots: HashSet<usize> = names.iter().map(|name| slot_of(name.as_bytes())).collect();
        assert_eq!(slots.len(), names.len());
    }

    #[test]
    fn a_whole_number_is_digits_alone() {
        assert_eq!(whole_number(b"0"), Some(0));
        assert_eq!(whole_number(b"00042"), Some(42));
        assert_eq!(whole_number(b"18446744073709551615"), Some(u64::MAX));
        for not_a_number in ["", "+1", "-1", " 1", "1 ", "0x1", "18446744073709551616"] {
            assert_eq!(
                whole_number(not_a_number.as_bytes()),
                None,
                "{not_a_number:?}"
            );
        }
    }
}
