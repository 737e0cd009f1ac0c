//! Execution environments: which versions of which functions have one, and so which runs are cold
//! starts.
//!
//! By default each version of a function has one environment, which its first run creates and which
//! is kept: [`Environments`]. If the number of concurrent environments matters, there is a
//! [`Pool`].

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::aws::target::Target;

/// The environments of one fake, by function name. Only runs whose log is requested are recorded
/// here; the journal has the others.
#[derive(Debug, Default)]
pub(crate) struct Environments(FxHashMap<Arc<str>, Vec<(Target, Arc<str>)>>);

/// Environments that each have one run at a time: a run takes an idle one of its version, or a new
/// one.
#[derive(Debug, Default)]
pub(crate) struct Pool(Vec<Idle>);

/// The idle environments of one version.
#[derive(Debug)]
struct Idle {
    function: Target,
    version: Arc<str>,
    count: usize,
}

impl Environments {
    /// Takes an environment for a run of `version`; returns whether none was known.
    pub(crate) fn note_run(&mut self, target: &Target, version: &Arc<str>) -> bool {
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

impl Pool {
    /// Takes an environment for a run of `version`: its index for [`give_back`](Self::give_back),
    /// and whether it is new.
    pub(crate) fn take(&mut self, target: &Target, version: &str) -> (usize, bool) {
        let known = self
            .0
            .iter()
            .position(|idle| idle.function.covers_function(target) && *idle.version == *version);
        let index = known.unwrap_or_else(|| {
            self.0.push(Idle {
                function: target.clone(),
                version: version.into(),
                count: 0,
            });
            self.0.len() - 1
        });
        let idle = &mut self.0[index].count;
        let is_new = *idle == 0;
        *idle -= usize::from(!is_new);
        (index, is_new)
    }

    /// Returns an environment after its run; the next run finds it warm.
    pub(crate) fn give_back(&mut self, index: usize) {
        self.0[index].count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Environments, Pool};
    use crate::aws::target::Target;

    #[test]
    fn a_version_is_new_only_once_whatever_its_qualifier() {
        let mut environments = Environments::default();
        let mut note_run = |target: &str, version: &str| {
            environments.note_run(&target.parse::<Target>().unwrap(), &version.into())
        };
        assert!(note_run("f", "$LATEST"));
        assert!(!note_run("f", "$LATEST"));
        assert!(!note_run("f:$LATEST", "$LATEST"));
        assert!(note_run("f:live", "7"), "another version");
        assert!(!note_run("f:7", "7"));
        let of_region = |region| format!("arn:aws:lambda:{region}:123456789012:function:g");
        assert!(note_run(&of_region("us-east-1"), "$LATEST"));
        assert!(note_run(&of_region("eu-west-1"), "$LATEST"));
    }

    #[test]
    fn a_pool_has_one_environment_for_each_concurrent_run() {
        let mut pool = Pool::default();
        let take = |pool: &mut Pool, version| pool.take(&"f".parse().unwrap(), version);
        let (first, is_new) = take(&mut pool, "7");
        assert!(is_new);
        let (second, is_new) = take(&mut pool, "7");
        assert!(is_new, "the first one is busy");
        pool.give_back(first);
        pool.give_back(second);
        assert!(take(&mut pool, "8").1, "another version");
        assert!(!take(&mut pool, "7").1 && !take(&mut pool, "7").1);
        assert!(take(&mut pool, "7").1, "both are busy again");
    }
}
