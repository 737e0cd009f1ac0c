//! Execution environments: which versions of which functions are known to have one, and so which run is a cold start.
//!
//! A version has one environment, made by its first run and kept; how many there are at once is not this module's yet.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::target::Target;

/// The environments of one fake, by the function's name. Only runs whose log is read are entered: the journal knows of others.
#[derive(Debug, Default)]
pub(crate) struct Environments(FxHashMap<Arc<str>, Vec<(Target, Arc<str>)>>);

impl Environments {
    /// Takes an environment for a run of `version`; whether none was known.
    pub(crate) fn enter(&mut self, target: &Target, version: &Arc<str>) -> bool {
        let known = self.0.entry(target.name.clone()).or_default();
        let is_new = !known
            .iter()
            .any(|(function, known)| function.covers_function(target) && known == version);
        if is_new {
            known.push((target.clone(), version.clone()));
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::Environments;
    use crate::target::Target;

    #[test]
    fn a_version_is_new_once_however_it_was_asked_for() {
        let mut environments = Environments::default();
        let mut enter = |target: &str, version: &str| {
            environments.enter(&target.parse::<Target>().unwrap(), &version.into())
        };
        assert!(enter("f", "$LATEST"));
        assert!(!enter("f", "$LATEST"));
        assert!(!enter("f:$LATEST", "$LATEST"));
        assert!(enter("f:live", "7"), "another version");
        assert!(!enter("f:7", "7"));
        let of_region = |region| format!("arn:aws:lambda:{region}:123456789012:function:g");
        assert!(enter(&of_region("us-east-1"), "$LATEST"));
        assert!(enter(&of_region("eu-west-1"), "$LATEST"));
    }
}
