//! The operations of the service, identified by the method and path of a request.

use crate::aws::words::Operation;

/// The action that a request asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Requested {
    /// An operation that rules answer.
    Call(Operation),
    /// Deprecated, and not faked.
    InvokeAsync,
    /// Not an operation that this crate knows: another path, or another method.
    Unknown,
}

/// The version of the API in a path, and its last segment; the function is between them.
const PATHS: [(Requested, &str, &str); 3] = [
    (
        Requested::Call(Operation::Invoke),
        "/2015-03-31/functions/",
        "invocations",
    ),
    (
        Requested::Call(Operation::InvokeWithResponseStream),
        "/2021-11-15/functions/",
        "response-streaming-invocations",
    ),
    (
        Requested::InvokeAsync,
        "/2014-11-13/functions/",
        "invoke-async",
    ),
];

impl Requested {
    /// The operation, and the label of its function as in the path; an unknown operation has an
    /// empty label.
    pub(crate) fn of<'a>(method: &str, path: &'a str) -> (Self, &'a str) {
        let found = PATHS.into_iter().find_map(|(operation, prefix, last)| {
            let label = label_in(path, prefix, last)?;
            Some((operation, label))
        });
        match found {
            Some(found) if method == "POST" => found,
            _ => (Self::Unknown, ""),
        }
    }

    /// Returns `true` for the path of an operation with a method that reads.
    pub(crate) fn is_read(method: &str, path: &str) -> bool {
        let mut paths = PATHS.into_iter();
        matches!(method, "GET" | "HEAD")
            && paths.any(|(_, prefix, last)| label_in(path, prefix, last).is_some())
    }

    /// Returns `true` for an operation that rules answer: such requests count as calls.
    pub(crate) fn is_call(self) -> bool {
        matches!(self, Self::Call(_))
    }
}

/// The function label between an operation's prefix and its last segment. As on AWS, a trailing
/// slash is accepted.
fn label_in<'a>(path: &'a str, prefix: &str, last: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let label = rest.strip_suffix(last)?.strip_suffix('/')?;
    (!label.is_empty() && !label.contains('/')).then_some(label)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Requested;
    use crate::aws::words::Operation::{Invoke, InvokeWithResponseStream};

    #[rstest]
    #[case::invoke(
        "POST",
        "/2015-03-31/functions/f/invocations",
        Requested::Call(Invoke),
        "f"
    )]
    #[case::slash(
        "POST",
        "/2015-03-31/functions/f:7/invocations/",
        Requested::Call(Invoke),
        "f:7"
    )]
    #[case::asynchronous(
        "POST",
        "/2014-11-13/functions/f/invoke-async",
        Requested::InvokeAsync,
        "f"
    )]
    #[case::stream(
        "POST",
        "/2021-11-15/functions/f/response-streaming-invocations",
        Requested::Call(InvokeWithResponseStream),
        "f"
    )]
    #[case::method("GET", "/2015-03-31/functions/f/invocations", Requested::Unknown, "")]
    #[case::version("POST", "/2021-11-15/functions/f/invocations", Requested::Unknown, "")]
    #[case::no_function("POST", "/2015-03-31/functions//invocations", Requested::Unknown, "")]
    fn a_path_and_a_method_name_an_operation(
        #[case] method: &str,
        #[case] path: &str,
        #[case] operation: Requested,
        #[case] label: &str,
    ) {
        assert_eq!(Requested::of(method, path), (operation, label));
    }
}
