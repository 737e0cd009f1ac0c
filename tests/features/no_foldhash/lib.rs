//! Nothing: with its feature `std`, serde_json hashes with the standard library.
