//! Pseudo-random numbers that follow from their inputs: the same in every run, on every machine.

/// How far a sum of shares can be over 1, because `0.1 + 0.2` is not `0.3`.
pub(crate) const ROUNDING: f64 = 1e-9;

/// FNV-1a: short, and the same on every machine and with every compiler.
pub(crate) fn hashed(texts: &[&str]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    texts
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// splitmix64: every bit of the input affects every bit of the output.
pub(crate) fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A number from 0 up to, but not including, 1.
pub(crate) fn share(number: u64) -> f64 {
    // A float stores the upper 53 bits exactly.
    (number >> 11) as f64 / (1_u64 << 53) as f64
}
