//! Versions and aliases of a function, as the test declares them.

use std::fmt;
use std::sync::Arc;

use super::Handle;
use crate::aws::target::{Target, target_of};
use crate::exchange::Exchange;
use crate::ground::location::Location;

/// An alias that was declared; made by [`Handle::alias`].
#[derive(Clone)]
pub struct Alias {
    exchange: Arc<Exchange>,
    target: Target,
}

impl Handle {
    /// Declares that an alias runs a version: a number or `$LATEST`.
    ///
    /// Calls of the alias then say so in `X-Amz-Executed-Version`, while a handler still sees the alias in the ARN, as on AWS. Rules
    /// go by the qualifier that was asked for. Once a function has any alias or version declared, another qualifier of it is a
    /// 404, whatever rule would answer. Declaring an alias again points it elsewhere.
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
    /// At this line when `target` is not written `function:alias`, or `version` is no version.
    #[track_caller]
    pub fn alias(&self, target: impl AsRef<str>, version: impl AsRef<str>) -> Alias {
        let (text, version) = (target.as_ref(), version.as_ref());
        let target = target_of(text);
        if let Err(error) = self
            .exchange
            .edit(|state| state.behavior.versions.alias(target.clone(), version))
        {
            panic!("{}", error.message());
        }
        self.name_setting("alias", &target, Location::here());
        Alias {
            exchange: self.exchange.clone(),
            target,
        }
    }

    /// Declares a published version, written `function:7`. Other qualifiers of the function that are not declared are then a 404.
    ///
    /// # Panics
    ///
    /// At this line when `target` is not written so.
    #[track_caller]
    pub fn publish_version(&self, target: impl AsRef<str>) {
        let text = target.as_ref();
        let target = target_of(text);
        if let Err(error) = self
            .exchange
            .edit(|state| state.behavior.versions.publish(target.clone()))
        {
            panic!("{}", error.message());
        }
        self.name_setting("publish_version", &target, Location::here());
    }
}

impl Alias {
    /// Sends a share of the calls, from 0 to 1, to another version, as an alias's routing configuration does.
    ///
    /// Which call goes where follows from the seed, the target and the number of the attempt at that target.
    ///
    /// # Panics
    ///
    /// At this line when `version` is no version, or the shares are more than 1 together.
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
