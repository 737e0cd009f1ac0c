//! The types that `when` accepts.

use super::{Condition, Verdict};
use crate::request::invocation::Invocation;

/// The label of a closure.
pub(crate) const CLOSURE: &str = "closure";

/// A type that [`Rule::when`](crate::Rule::when) accepts: a [`Condition`], a closure that takes
/// [`&Invocation`](Invocation), and, with the feature `wiremock` (on by default), every
/// `wiremock::Match`, including closures that take `&wiremock::Request`.
///
/// Write out the type of a closure's argument, because it selects one of the two kinds of closure.
/// The compiler infers `Input`, the input of the condition: an [`Invocation`], a
/// `wiremock::Request`, or a [`Condition`] itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition",
    note = "a condition is a matcher of `fake_lambda::matchers`, a `wiremock::Match`, or a closure whose argument type is written out: `|i: &Invocation| ..`"
)]
#[cfg_attr(
    not(feature = "wiremock"),
    diagnostic::on_unimplemented(
        note = "a `wiremock::Match` needs the feature `wiremock` of fake-lambda"
    )
)]
pub trait IntoCondition<Input> {
    /// Returns the condition. If it is made from a closure or a `Match`, reports show the line that
    /// calls this method as its location.
    #[track_caller]
    fn into_condition(self) -> Condition;
}

impl IntoCondition<Condition> for Condition {
    fn into_condition(self) -> Condition {
        self
    }
}

impl<F> IntoCondition<Invocation> for F
where
    F: Fn(&Invocation) -> bool + Send + Sync + 'static,
{
    #[track_caller]
    fn into_condition(self) -> Condition {
        Condition::unknown(CLOSURE, false, move |input| {
            yes_or_no(self(input.invocation))
        })
    }
}

fn yes_or_no(yes: bool) -> Verdict {
    if yes { Verdict::Yes } else { Verdict::No(None) }
}

#[cfg(feature = "wiremock")]
mod wiremock_conditions {
    use super::{CLOSURE, Condition, IntoCondition, Invocation, Verdict, yes_or_no};
    use crate::ground::cut::cut;

    impl<M: wiremock::Match + 'static> IntoCondition<wiremock::Request> for M {
        #[track_caller]
        fn into_condition(self) -> Condition {
            let can_repeat = std::any::type_name::<M>().starts_with("wiremock::matchers::");
            Condition::unknown(label_of::<M>(), can_repeat, move |input| {
                match input.request() {
                    Ok(request) => yes_or_no(self.matches(request)),
                    Err(why) => Verdict::no(why),
                }
            })
        }
    }

    /// The last segment of the type: `BodyPartialJsonMatcher`, or `closure`.
    fn label_of<M>() -> &'static str {
        let name = std::any::type_name::<M>();
        if name.ends_with("{{closure}}") {
            return CLOSURE;
        }
        let without_arguments = name.split('<').next().unwrap_or(name);
        without_arguments
            .rsplit("::")
            .next()
            .unwrap_or(without_arguments)
    }

    /// The request as a wiremock server would pass it on; not every request can be converted.
    pub(in crate::request::matchers) fn wiremock_request(
        invocation: &Invocation,
    ) -> Result<wiremock::Request, String> {
        let path = invocation.path_and_query();
        let url = format!("http://localhost{path}").parse().map_err(|error| {
            let path = cut(path, 60);
            format!("a `wiremock::Request` cannot contain the path `{path}`: {error}")
        })?;
        let method = invocation.method().parse().map_err(|error| {
            format!(
                "a `wiremock::Request` cannot contain the method `{}`: {error}",
                invocation.method()
            )
        })?;
        let mut headers = http::HeaderMap::new();
        for (name, value) in invocation.headers() {
            let parsed = http::HeaderName::from_bytes(name.as_bytes())
                .ok()
                .zip(http::HeaderValue::from_bytes(value).ok());
            let (name, value) = parsed.ok_or_else(|| {
                let name = cut(name, 60);
                format!("a `wiremock::Request` cannot contain the header `{name}`")
            })?;
            headers.append(name, value);
        }
        let body = invocation.payload_bytes().to_vec();
        Ok(wiremock::Request {
            url,
            method,
            headers,
            body,
        })
    }
}

#[cfg(feature = "wiremock")]
pub(super) use self::wiremock_conditions::wiremock_request;
