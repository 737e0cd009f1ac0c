//! The operations of the service, identified by the method and path of a request.

/// The operation that a request asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    Invoke,
    InvokeAsync,
    InvokeWithResponseStream,
    /// Not an operation that this crate knows: another path, or another method.
    Unknown,
}

/// The version of the API in a path, and its last segment; the function is between them.
const PATHS: [(Operation, &str, &str); 3] = [
    (Operation::Invoke, "/2015-03-31/functions/", "invocations"),
    (
        Operation::InvokeWithResponseStream,
        "/2021-11-15/functions/",
        "response-streaming-invocations",
    ),
    (
        Operation::InvokeAsync,
        "/2014-11-13/functions/",
        "invoke-async",
    ),
];

impl Operation {
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

    /// Its name in the service's model.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Invoke => "Invoke",
            Self::InvokeAsync => "InvokeAsync",
            Self::InvokeWithResponseStream => "InvokeWithResponseStream",
            Self::Unknown => "an unknown operation",
        }
    }
}

/// The function label between an operation's prefix and its last segment. As on AWS, a trailing
/// slash is accepted.
fn label_in<'a>(path: &'a str, prefix: &str, last: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (label, segment) = rest.split_once('/')?;
    (segment == last && !label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Operation;

    #[rstest]
    #[case::invoke("POST", "/2015-03-31/functions/f/invocations", Operation::Invoke, "f")]
    #[case::slash(
        "POST",
        "/2015-03-31/functions/f:7/invocations/",
        Operation::Invoke,
        "f:7"
    )]
    #[case::asynchronous(
        "POST",
        "/2014-11-13/functions/f/invoke-async",
        Operation::InvokeAsync,
        "f"
    )]
    #[case::stream(
        "POST",
        "/2021-11-15/functions/f/response-streaming-invocations",
        Operation::InvokeWithResponseStream,
        "f"
    )]
    #[case::method("GET", "/2015-03-31/functions/f/invocations", Operation::Unknown, "")]
    #[case::version("POST", "/2021-11-15/functions/f/invocations", Operation::Unknown, "")]
    #[case::no_function("POST", "/2015-03-31/functions//invocations", Operation::Unknown, "")]
    fn a_path_and_a_method_name_an_operation(
        #[case] method: &str,
        #[case] path: &str,
        #[case] operation: Operation,
        #[case] label: &str,
    ) {
        assert_eq!(Operation::of(method, path), (operation, label));
    }
}
