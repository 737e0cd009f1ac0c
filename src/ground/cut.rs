//! Cuts strings that are too long to print whole.

use std::borrow::Cow;

/// The start of a string: at most this many bytes, and only whole characters.
pub(crate) fn start_of(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The text, or its start and `…` if it is longer than `limit` bytes.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", start_of(text, limit)))
}

/// The name of a type without paths, even if the type is defined in an async function:
/// `Vec<Order>` for `alloc::vec::Vec<it::handlers::Order>`.
pub(crate) fn short_type(name: &str) -> String {
    let name = name.replace("{{closure}}::", "");
    let mut short = String::new();
    for part in
        name.split_inclusive(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)))
    {
        short.push_str(part.rsplit("::").next().unwrap_or_default());
    }
    short
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{cut, short_type};

    #[rstest]
    #[case::nothing(0, "…")]
    #[case::inside_a_character(2, "a…")]
    #[case::after_a_character(3, "aé…")]
    #[case::whole(4, "aéb")]
    fn a_text_is_cut_between_characters(#[case] limit: usize, #[case] start: &str) {
        assert_eq!(cut("aéb", limit), start);
    }

    #[rstest]
    #[case::with_a_parameter("alloc::vec::Vec<it::handlers::Order>", "Vec<Order>")]
    #[case::in_an_async_function("it::pay::{{closure}}::Order", "Order")]
    #[case::in_an_async_closure("it::pay::{{closure}}::{{closure}}::Order", "Order")]
    fn a_type_is_named_without_its_path(#[case] name: &str, #[case] short: &str) {
        assert_eq!(short_type(name), short);
    }
}
