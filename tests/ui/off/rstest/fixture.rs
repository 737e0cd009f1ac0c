//! The fixture of the feature `rstest`: the compiler itself names the feature.

use fake_lambda::fixtures::lambda;

fn main() {
    lambda();
}
