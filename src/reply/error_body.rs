//! The bodies of errors, member by member.

use bytes::Bytes;

use crate::reply::reply::ErrorReply;

/// The body of a service error. Its members are in ASCII order, so capitals come first:
/// `EC2ErrorCode`, `Message`, `Reason`, `Type`, `message`.
pub(super) fn error_body(reply: &ErrorReply) -> Bytes {
    let message = Some(reply.text());
    let member = reply.error.message_member();
    let rows = [
        ("EC2ErrorCode", reply.ec2_error_code.as_deref().map(Some)),
        ("Message", (member == "Message").then_some(message)),
        (
            "Reason",
            reply.reason.as_ref().map(|reason| Some(reason.as_str())),
        ),
        ("Type", reply.type_value()),
        ("message", (member == "message").then_some(message)),
    ];
    object(
        rows.into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    )
}

pub(super) fn unmodeled_body(message: Option<&str>) -> Bytes {
    object(
        message
            .into_iter()
            .map(|message| ("Message", Some(message))),
    )
}

/// A JSON object with these members; a value of `None` is `null`. It is written member by member,
/// because the order of a `serde_json::Map` depends on the features of the user's dependency graph.
fn object<'a>(rows: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Bytes {
    let mut out = vec![b'{'];
    for (index, (name, value)) in rows.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_json(&mut out, name);
        out.push(b':');
        match value {
            Some(value) => write_json(&mut out, value),
            None => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
    out.into()
}

fn write_json(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a string is JSON and a vector accepts every byte");
}
