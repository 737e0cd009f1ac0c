//! The fixture of the feature `rstest`: the compiler itself says where it is.

use fake_lambda::fixtures::lambda;

fn main() {
    lambda();
}
