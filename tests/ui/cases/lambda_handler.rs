//! Wrong arguments of a macro.

use fake_lambda::lambda_handler;

fn main() {
    let _ = lambda_handler!();
    let _ = lambda_handler!(service);
    let _ = lambda_handler!("lambda_runtime", service);
    let _ = lambda_handler!(lambda_runtime, service, 1);
}
