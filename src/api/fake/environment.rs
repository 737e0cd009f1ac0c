//! The fake as environment variables, for a child process or another language.

use super::Handle;

/// The path of an empty file, for SDKs that always read their configuration.
const EMPTY_FILE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

impl Handle {
    /// Returns the environment variables that make an AWS SDK in a child process use the fake.
    ///
    /// They set the endpoint, the region in two variables, keys and an empty session token, bypass
    /// proxies for loopback traffic, disable the instance metadata service, and replace the
    /// configuration and credentials files with an empty file. A profile of the parent process
    /// would still be used; remove it, as in this example.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    /// use std::process::Command;
    ///
    /// let lambda = FakeLambda::start();
    /// let mut child = Command::new("my-service");
    /// child.envs(lambda.env()).env_remove("AWS_PROFILE");
    /// # assert_eq!(lambda.env().into_iter().find(|(name, _)| *name == "AWS_REGION").unwrap().1, "us-east-1");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the fake is in memory, where no other process reaches it.
    #[track_caller]
    pub fn env(&self) -> Vec<(&'static str, String)> {
        self.address("`env`");
        let direct = "127.0.0.1,localhost";
        let region = self.region();
        vec![
            ("AWS_ENDPOINT_URL_LAMBDA", self.endpoint_url()),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false".into()),
            ("AWS_REGION", region.into()),
            ("AWS_DEFAULT_REGION", region.into()),
            (
                "AWS_ACCESS_KEY_ID",
                crate::api::client::ACCESS_KEY_ID.into(),
            ),
            (
                "AWS_SECRET_ACCESS_KEY",
                crate::api::client::SECRET_ACCESS_KEY.into(),
            ),
            ("AWS_SESSION_TOKEN", String::new()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
            ("AWS_CONFIG_FILE", EMPTY_FILE.into()),
            ("AWS_SHARED_CREDENTIALS_FILE", EMPTY_FILE.into()),
            ("NO_PROXY", direct.into()),
            ("no_proxy", direct.into()),
        ]
    }
}
