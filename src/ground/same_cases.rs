//! The configuration of the property tests.

use proptest::test_runner::{Config, RngAlgorithm, RngSeed};

/// Returns a configuration with which each run tests the same `cases`, and no file stores failures.
pub(crate) fn same_cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(7),
        ..Config::default()
    }
}
