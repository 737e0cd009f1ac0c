//! Request ids as AWS writes them.

/// The id AWS gives one attempt: a lower-case UUID.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) struct RequestId([u8; 36]);

impl RequestId {
    pub(crate) const NONE: Self = Self(*b"00000000-0000-0000-0000-000000000000");

    /// A version 4 UUID made of 128 bits.
    pub(crate) fn from_bits(high: u64, low: u64) -> Self {
        let high = high & !0xf000 | 0x4000;
        let low = low & !(0x3 << 62) | 0x2 << 62;
        let mut text = [b'-'; 36];
        // The digits are in groups of 8, 4, 4, 4 and 12.
        for (places, bits, shift) in [
            (0..8, high, 64),
            (9..13, high, 32),
            (14..18, high, 16),
            (19..23, low, 64),
            (24..36, low, 48),
        ] {
            let mut shift = shift;
            for byte in &mut text[places] {
                shift -= 4;
                *byte = b"0123456789abcdef"[(bits >> shift) as usize & 0xf];
            }
        }
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a request id is ASCII")
    }
}
