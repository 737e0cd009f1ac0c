#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fake_lambda_fuzz::json::run(data));
