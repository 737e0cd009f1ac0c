//! The parts of a request in addition to its function, its type and its payload.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;

use super::Invocation;
use crate::aws::words::LogType;
use crate::ground::head::Head;

/// Each part that is not the default for a request to this fake.
///
/// Two requests that differ in one of them print and serialize differently. Most requests have
/// none.
#[derive(Debug, Default)]
pub(crate) struct Particulars<'a> {
    /// The region, if it is not the fake's.
    pub(crate) region: Option<&'a str>,
    /// The account, if it is not the fake's.
    pub(crate) account: Option<&'a str>,
    pub(crate) log_type: Option<LogType>,
    pub(crate) client_context: Option<ClientContext<'a>>,
    pub(crate) tenant_id: Option<Cow<'a, str>>,
    pub(crate) durable_execution_name: Option<Cow<'a, str>>,
}

/// The value of the client context.
pub(crate) enum ClientContext<'a> {
    Decoded(Vec<u8>),
    /// It is not base64.
    Encoded(&'a [u8]),
}

/// Which parts of a request's ARN are not the fake's own.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Elsewhere {
    pub(super) region: bool,
    pub(super) account: bool,
}

impl Invocation {
    /// Returns `true` if the region or the account of its function is not the fake's own.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.request.elsewhere.region || self.request.elsewhere.account
    }

    pub(crate) fn particulars(&self) -> Particulars<'_> {
        if !self.is_invoke() {
            return Particulars::default();
        }
        let (head, elsewhere) = (&self.request.head, self.request.elsewhere);
        Particulars {
            region: elsewhere.region.then(|| self.region()),
            account: elsewhere.account.then(|| self.account()),
            log_type: Some(self.log_type()).filter(|word| *word != LogType::None),
            client_context: client_context(head),
            tenant_id: text(head, "x-amz-tenant-id"),
            durable_execution_name: text(head, "x-amz-durable-execution-name"),
        }
    }
}

/// The client context, if one was sent. SDKs send an empty value if there is none.
fn client_context(head: &Head) -> Option<ClientContext<'_>> {
    let sent = head.field("x-amz-client-context")?;
    if sent.is_empty() {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(sent);
    Some(decoded.map_or(ClientContext::Encoded(sent), ClientContext::Decoded))
}

fn text<'a>(head: &'a Head, name: &str) -> Option<Cow<'a, str>> {
    head.field(name).map(String::from_utf8_lossy)
}

impl fmt::Debug for ClientContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decoded(bytes) => write!(f, "{:?}", String::from_utf8_lossy(bytes)),
            Self::Encoded(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                f.debug_tuple("NotBase64").field(&text).finish()
            }
        }
    }
}
