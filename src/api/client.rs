//! The user's own SDK client, configured for the fake. This is a macro, because this crate does not
//! depend on an SDK.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ground::message::Message;

/// The access key id of every client that is configured here; it belongs to no account.
pub(crate) const ACCESS_KEY_ID: &str = "AKIAFAKELAMBDA000000";

/// The secret of that key id; it is not a real one.
pub(crate) const SECRET_ACCESS_KEY: &str = "fake-lambda-secret";

#[cfg(feature = "signature")]
impl Default for crate::aws::signature::Credentials {
    /// The credentials of [`sdk_client!`](crate::sdk_client) and [`env()`](crate::Handle::env).
    fn default() -> Self {
        Self::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
    }
}

/// Creates a client of your own `aws-sdk-lambda` that talks to the fake.
///
/// It sets behavior version, region, credentials and standard retries, and limits the wait between
/// retries to a millisecond. Each client has its own retry partition. Without one, all clients of
/// one service and region would share one quota of retries, and a test binary would get no more
/// retries after about fifty failing calls. A closure as the last argument changes the
/// configuration. The fake must outlive the client: a `FakeLambda::start()` written directly as the
/// argument would be dropped at the end of the line.
///
/// ```
/// use fake_lambda::{FakeLambda, sdk_client};
/// use std::time::Duration;
///
/// let lambda = FakeLambda::start();
/// let client = sdk_client!(aws_sdk_lambda, lambda);
/// let strict = sdk_client!(aws_sdk_lambda, lambda, |config| {
///     config.timeout_config(
///         aws_sdk_lambda::config::timeout::TimeoutConfig::builder().operation_timeout(Duration::from_secs(1)).build(),
///     )
/// });
/// ```
///
/// If the fake is in memory, the client connects there, and its waits between retries are the SDK's
/// own: on tokio's paused clock they cost nothing.
///
/// # Panics
///
/// Panics if `HTTP_PROXY` or `ALL_PROXY` would redirect loopback traffic and `NO_PROXY` does not
/// cover `127.0.0.1`, because the SDK obeys these variables, in upper and in lower case. A fake in
/// memory needs no port, so they are not checked for it.
#[macro_export]
macro_rules! sdk_client {
    ($sdk:ident $(:: $more:ident)*, $fake:expr $(,)?) => {
        $crate::sdk_client!($sdk $(:: $more)*, $fake, |config| config)
    };
    ($sdk:ident $(:: $more:ident)*, $fake:expr, $configure:expr $(,)?) => {{
        use $sdk $(:: $more)* as __sdk;
        let fake = &$fake;
        let config = __sdk::Config::builder()
            .behavior_version(__sdk::config::BehaviorVersion::latest())
            .region(__sdk::config::Region::new(::std::string::ToString::to_string(fake.region())))
            .credentials_provider(__sdk::config::Credentials::new(
                $crate::__private::ACCESS_KEY_ID,
                $crate::__private::SECRET_ACCESS_KEY,
                ::std::option::Option::None,
                ::std::option::Option::None,
                "fake-lambda",
            ))
            .retry_partition(__sdk::config::retry::RetryPartition::new($crate::__private::retry_partition(&fake.endpoint_url())))
            .endpoint_url(fake.endpoint_url());
        let config = $crate::__with_transport!(__sdk, config, fake);
        __sdk::Client::from_conf($crate::__private::configured(config, $configure).build())
    }};
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`sdk_client!` takes the name of the SDK's crate, then the fake: `sdk_client!(aws_sdk_lambda, lambda)`; \
             a closure as the third argument changes the configuration: `sdk_client!(aws_sdk_lambda, lambda, |config| config)`"
        )
    };
}

/// Adds what depends on the transport: short waits between retries on a socket, or the HTTP client
/// in memory.
#[cfg(feature = "in-memory")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_transport {
    ($sdk:ident, $config:ident, $fake:ident) => {
        match $crate::__private::http_client(&$fake.endpoint_url()) {
            ::std::option::Option::Some(http_client) => $config
                .http_client(http_client)
                .retry_config($sdk::config::retry::RetryConfig::standard()),
            ::std::option::Option::None => $crate::__with_socket!($sdk, $config),
        }
    };
}

#[cfg(not(feature = "in-memory"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_transport {
    ($sdk:ident, $config:ident, $fake:ident) => {
        $crate::__with_socket!($sdk, $config)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __with_socket {
    ($sdk:ident, $config:ident) => {{
        $crate::__private::refuse_proxy();
        $config.retry_config(
            $sdk::config::retry::RetryConfig::standard()
                .with_max_backoff(::std::time::Duration::from_millis(1)),
        )
    }};
}

/// A name that no other client of the process has, because clients of one partition share their
/// quota of retries.
pub(crate) fn retry_partition(endpoint_url: &str) -> String {
    static CLIENTS: AtomicU64 = AtomicU64::new(0);
    format!("{endpoint_url}#{}", CLIENTS.fetch_add(1, Ordering::Relaxed))
}

/// Panics at the caller's line if a proxy from the environment would get the requests to the fake.
#[track_caller]
pub(crate) fn refuse_proxy() {
    let variable = |names: [&'static str; 2]| {
        names.into_iter().find_map(|name| {
            Some((
                name,
                std::env::var(name).ok().filter(|value| !value.is_empty())?,
            ))
        })
    };
    let proxy =
        variable(["HTTP_PROXY", "http_proxy"]).or_else(|| variable(["ALL_PROXY", "all_proxy"]));
    let Some((name, proxy)) = proxy else { return };
    let direct = variable(["NO_PROXY", "no_proxy"])
        .map(|(_, hosts)| hosts)
        .unwrap_or_default();
    assert!(
        names_loopback(&direct),
        "{}",
        Message::new(
            format!("`{name}` is `{proxy}`, so the SDK sends the fake's requests to a proxy"),
            format!("add `127.0.0.1` to `NO_PROXY`, or unset `{name}` for this test"),
        )
    );
}

/// Returns `true` if one of the hosts without a proxy is `127.0.0.1`, as an address or as part of a
/// network.
fn names_loopback(hosts: &str) -> bool {
    hosts
        .split(',')
        .map(str::trim)
        .any(|host| match host.split_once('/') {
            None => host == "127.0.0.1",
            Some((network, bits)) => match (network.parse::<Ipv4Addr>(), bits.parse::<u32>()) {
                (Ok(network), Ok(bits @ 0..=32)) => {
                    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                    u32::from(network) & mask == u32::from(Ipv4Addr::LOCALHOST) & mask
                }
                _ => false,
            },
        })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::names_loopback;

    #[rstest]
    #[case::address("10.0.0.1, 127.0.0.1", true)]
    #[case::network("127.0.0.0/8", true)]
    #[case::everything("0.0.0.0/0", true)]
    #[case::other_network("10.0.0.0/8", false)]
    #[case::name("localhost", false)]
    #[case::star("*", false)]
    #[case::nothing("", false)]
    fn no_proxy_covers_loopback_only_by_address(#[case] hosts: &str, #[case] covered: bool) {
        assert_eq!(names_loopback(hosts), covered);
    }
}
