//! Replacements for a feature that is off: its macros and methods, each of which only reports the
//! feature that it needs.

/// Defines the macros of a feature for builds without it.
#[cfg(not(feature = "rstest"))]
macro_rules! needs_rstest {
    ($dollar:tt $($name:ident)*) => {
        $(
            #[doc(hidden)]
            #[macro_export]
            macro_rules! $name {
                ($dollar($dollar test:tt)*) => {
                    ::core::compile_error!(::core::concat!(
                        "`", ::core::stringify!($name), "!` needs the feature `rstest` of fake-lambda: \
                         write `features = [\"rstest\"]` in its line of Cargo.toml"
                    ));
                };
            }
        )*
    };
}

#[cfg(not(feature = "rstest"))]
needs_rstest! { $ for_every_error for_every_documented_error for_every_fault for_every_function_error }

#[cfg(not(feature = "signature"))]
mod signature {
    use crate::api::fake::Builder;

    /// A trait that no type implements.
    #[diagnostic::on_unimplemented(
        message = "`require_signature` needs the feature `signature` of fake-lambda",
        label = "the feature is off",
        note = "write `features = [\"signature\"]` in its line of Cargo.toml"
    )]
    pub trait FeatureSignature {}

    impl Builder {
        #[doc(hidden)]
        pub fn require_signature<C: FeatureSignature>(self, _: C) -> Self {
            self
        }

        // It is called after `require_signature`, which already causes the compiler error.
        #[doc(hidden)]
        pub fn expect_refusals<C>(self, _: C) -> Self {
            self
        }
    }
}

#[cfg(not(feature = "wiremock"))]
mod wiremock {
    use std::future::{Ready, ready};

    use crate::api::fake::{Builder, FakeLambda};

    /// A trait that no type implements.
    #[diagnostic::on_unimplemented(
        message = "`mount_on` needs the feature `wiremock` of fake-lambda",
        label = "the feature is off",
        note = "it is one of the default features: remove `default-features = false` from its line of Cargo.toml, or add `features = [\"wiremock\"]`"
    )]
    pub trait FeatureWiremock {}

    // The returned future does not mention `S`, so the compiler reports the unmet bound only once.
    impl FakeLambda {
        #[doc(hidden)]
        pub fn mount_on<S: FeatureWiremock>(_: &S) -> Ready<Self> {
            ready(Self::start())
        }
    }

    impl Builder {
        #[doc(hidden)]
        pub fn mount_on<S: FeatureWiremock>(self, _: &S) -> Ready<FakeLambda> {
            ready(self.start())
        }
    }
}
