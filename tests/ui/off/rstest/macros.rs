//! The macros of the feature `rstest`.

use fake_lambda::for_every_error;

for_every_error! {
    fn an_error_has_a_status(#[case] error: ServiceError) {
        assert!(error.status() >= 400);
    }
}

fake_lambda::for_every_documented_error! {}

fake_lambda::for_every_fault! {}

fake_lambda::for_every_function_error! {}

fn main() {}
