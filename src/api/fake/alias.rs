//! Versions and aliases of a function, as the test declares them.

use std::fmt;
use std::sync::Arc;

use super::Handle;
use crate::aws::target::{Target, target_of};
use crate::exchange::Exchange;
use crate::ground::location::Location;

/// A declared alias; created by [`Handle::alias`].
#[derive(Clone)]
pub struct Alias {
    exchange: Arc<Exchange>,
    target: Target,
}

impl Handle {
    /// Declares the version that an alias runs: a number or `$LATEST`.
    ///
    /// Replies to calls of the alias then have this version in `X-Amz-Executed-Version`, while a
    /// handler still sees the alias in the ARN, as on AWS. Rules match the requested qualifier.
    /// Once a function has a declared alias or version, a call to any other qualifier except
    /// `$LATEST` gets a 404, whatever rule would answer. Declaring an alias again changes its
    /// version and removes its additional versions.
    ///
    /// The version counts as published, unless the test publishes other versions of the function
    /// with [`publish_version`](Self::publish_version): verification then reports an alias whose
    /// version the test does not publish, because AWS creates no such alias.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.alias("resize:live", "7").additional_version("8", 0.1);
    /// lambda.on("resize:live").reply(json!({"ok": true}));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `target` does not have the form `function:alias`, or if `version` is not a valid
    /// version.
    #[track_caller]
    pub fn alias(&self, target: impl AsRef<str>, version: impl AsRef<str>) -> Alias {
        let (text, version) = (target.as_ref(), version.as_ref());
        let (target, here) = (target_of(text), Location::here());
        let declared = self.exchange.edit(|state| {
            let versions = &mut state.behavior.versions;
            versions.alias(target.clone(), version, here.clone())
        });
        if let Err(error) = declared {
            panic!("{}", error.message());
        }
        self.name_setting("alias", &target, here);
        Alias {
            exchange: self.exchange.clone(),
            target,
        }
    }

    /// Declares a published version, written `function:7`. Undeclared qualifiers of the function
    /// except `$LATEST` then get a 404.
    ///
    /// # Panics
    ///
    /// Panics if `target` does not have this form.
    #[track_caller]
    pub fn publish_version(&self, target: impl AsRef<str>) {
        let text = target.as_ref();
        let (target, here) = (target_of(text), Location::here());
        let published = self.exchange.edit(|state| {
            let versions = &mut state.behavior.versions;
            versions.publish(target.clone(), here.clone())
        });
        if let Err(error) = published {
            panic!("{}", error.message());
        }
        self.name_setting("publish_version", &target, here);
    }
}

impl Alias {
    /// Sends a share of the calls, from 0 to 1, to another version, like the routing configuration
    /// of an alias.
    ///
    /// Which call goes to which version depends on the seed, the target and the number of the
    /// attempt at that target.
    ///
    /// # Panics
    ///
    /// Panics if `version` is not a valid version, if `share` is not between 0 and 1, or if the sum
    /// of the shares is over 1.
    #[track_caller]
    pub fn additional_version(&self, version: impl AsRef<str>, share: f64) -> Alias {
        let version = version.as_ref();
        if let Err(error) = self
            .exchange
            .edit(|state| state.behavior.versions.route(&self.target, version, share))
        {
            panic!("{}", error.message());
        }
        self.clone()
    }
}

impl fmt::Debug for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alias")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
