//! Published versions and aliases: the version that a qualifier runs.
//!
//! Until the test declares something for a function, each of its qualifiers is accepted. Which rule
//! matches a qualifier is not decided here.

use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;

use crate::aws::target::Target;
use crate::ground::draws::ROUNDING;
use crate::ground::location::Location;
use crate::ground::message::Message;

/// The declared versions and aliases, by function name.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    functions: FxHashMap<Arc<str>, OfName>,
}

/// The declarations for one name, in the order of first declaration.
#[derive(Debug, Default)]
struct OfName {
    declared: Vec<Declared>,
    /// Their indexes by qualifier; several if they name regions or accounts.
    by_qualifier: FxHashMap<Arc<str>, Vec<usize>>,
}

/// One version or alias of one function.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// The function and the qualifier.
    pub(crate) target: Target,
    /// The version it runs; for a published version, itself.
    pub(crate) version: Arc<str>,
    /// The additional versions of an alias, with their shares of 1.
    pub(crate) additional: Vec<(Arc<str>, f64)>,
    /// Where the test declares it; `None` for a version that only an alias names.
    pub(crate) written_at: Option<Location>,
    /// Whether verification has reported it.
    pub(crate) reported: bool,
}

/// An alias of a version that is not published, although the test publishes others.
#[derive(Clone, Debug)]
pub(crate) struct UnpublishedVersion {
    /// `resize:live`.
    pub(crate) alias: String,
    pub(crate) version: String,
    /// `resize:7`.
    pub(crate) target: String,
    /// The newest version that the test publishes; the message suggests it.
    pub(crate) published: String,
    pub(crate) written_at: Location,
}

/// The version that a qualifier runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Resolved {
    /// Nothing was declared for this function.
    Undeclared,
    /// This version runs.
    Version(Arc<str>),
    /// Other versions or aliases of this function were declared, but not this one.
    Unknown,
}

/// The reason why a declaration is refused.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum VersionError {
    /// The target has no qualifier, or one that cannot be an alias.
    NoAlias(Target),
    /// The target's qualifier is not a number.
    NoVersion(Target),
    /// Neither a number nor `$LATEST`.
    NotAVersion(String),
    /// A share that is not between 0 and 1, or shares whose sum is more than 1.
    NotAShare(f64),
    /// The alias was not declared.
    NotDeclared,
}

impl Versions {
    /// Declares a published version.
    pub(crate) fn publish(
        &mut self,
        target: Target,
        written_at: Location,
    ) -> Result<(), VersionError> {
        let version = target
            .qualifier
            .clone()
            .filter(|qualifier| is_number(qualifier))
            .ok_or_else(|| VersionError::NoVersion(target.clone()))?;
        self.declare(target, version, Some(written_at));
        Ok(())
    }

    /// Declares an alias, or changes its version.
    pub(crate) fn alias(
        &mut self,
        target: Target,
        version: &str,
        written_at: Location,
    ) -> Result<(), VersionError> {
        let is_alias = target
            .qualifier
            .as_deref()
            .is_some_and(|qualifier| !is_version(qualifier));
        if !is_alias {
            return Err(VersionError::NoAlias(target));
        }
        let version = version_of(version)?;
        self.imply(&target, &version);
        self.declare(target, version, Some(written_at));
        Ok(())
    }

    /// Sends a share of an alias's calls to another version.
    pub(crate) fn route(
        &mut self,
        target: &Target,
        version: &str,
        share: f64,
    ) -> Result<(), VersionError> {
        let version = version_of(version)?;
        let same_name = self
            .functions
            .get_mut(&target.name)
            .ok_or(VersionError::NotDeclared)?;
        let alias = same_name
            .find_mut(target)
            .ok_or(VersionError::NotDeclared)?;
        let others: f64 = alias
            .additional
            .iter()
            .filter(|(known, _)| *known != version)
            .map(|(_, share)| share)
            .sum();
        if !(0.0..=1.0).contains(&share) || others + share > 1.0 + ROUNDING {
            return Err(VersionError::NotAShare(share));
        }
        alias.additional.retain(|(known, _)| *known != version);
        alias.additional.push((version.clone(), share));
        self.imply(target, &version);
        Ok(())
    }

    /// Declares an alias with its additional versions.
    pub(crate) fn declare_alias(&mut self, alias: &Declared) -> Result<(), VersionError> {
        let written_at = alias.written_at.clone();
        let written_at = written_at.expect("an alias has a line");
        self.alias(alias.target.clone(), &alias.version, written_at)?;
        let mut routes = alias.additional.iter();
        routes.try_for_each(|(version, share)| self.route(&alias.target, version, *share))
    }

    /// All declarations, sorted by function name. Declaring them again in this order gives the same
    /// result.
    pub(crate) fn declared(&self) -> Vec<Declared> {
        let mut functions: Vec<_> = self.functions.iter().collect();
        functions.sort_by_key(|(name, _)| *name);
        let declared = functions.into_iter();
        let declared = declared.flat_map(|(_, of_name)| &of_name.declared);
        declared.cloned().collect()
    }

    /// Returns each alias of a version that is not published, for functions of which the test
    /// publishes other versions, and marks it as reported.
    pub(crate) fn unpublished(&mut self) -> Vec<UnpublishedVersion> {
        let all = self.functions.values_mut().flat_map(OfName::unpublished);
        let mut all: Vec<UnpublishedVersion> = all.collect();
        all.sort_by(|one, other| one.alias.cmp(&other.alias));
        all
    }

    /// Returns `true` if an alias chooses among versions.
    pub(crate) fn draws(&self) -> bool {
        let all = self.functions.values();
        let mut declared = all.flat_map(|of_name| &of_name.declared);
        declared.any(|declared| !declared.additional.is_empty())
    }

    /// Resolves a request's qualifier; `draw` returns a number from 0 to 1 that selects one of an
    /// alias's versions.
    pub(crate) fn resolve(&self, request: &Target, draw: impl FnOnce() -> f64) -> Resolved {
        let Some(same_name) = self.functions.get(&request.name) else {
            return Resolved::Undeclared;
        };
        let is_of_function = |known: &&Declared| known.target.covers_function(request);
        if !same_name
            .declared
            .iter()
            .any(|known| is_of_function(&known))
        {
            return Resolved::Undeclared;
        }
        let Some(asked) = request
            .qualifier
            .as_deref()
            .filter(|asked| *asked != "$LATEST")
        else {
            return Resolved::Version(latest());
        };
        let Some(declared) = same_name.with_qualifier(asked).find(is_of_function) else {
            return Resolved::Unknown;
        };
        if declared.additional.is_empty() {
            return Resolved::Version(declared.version.clone());
        }
        let draw = draw();
        let mut passed = 0.0;
        let drawn = declared.additional.iter().find(|(_, share)| {
            passed += share;
            draw < passed
        });
        Resolved::Version(
            drawn
                .map_or(&declared.version, |(version, _)| version)
                .clone(),
        )
    }

    /// Declares the version that an alias points at, unless it is declared already or is `$LATEST`,
    /// which exists without being published.
    fn imply(&mut self, alias: &Target, version: &Arc<str>) {
        let target = Target {
            qualifier: Some(version.clone()),
            ..alias.clone()
        };
        let is_known = |same_name: &OfName| same_name.find(&target).is_some();
        if **version != *"$LATEST" && !self.functions.get(&target.name).is_some_and(is_known) {
            self.declare(target, version.clone(), None);
        }
    }

    fn declare(&mut self, target: Target, version: Arc<str>, written_at: Option<Location>) {
        let same_name = self.functions.entry(target.name.clone()).or_default();
        let qualifier = target.qualifier.clone().unwrap_or_default();
        let declared = Declared {
            target,
            version,
            additional: Vec::new(),
            written_at,
            reported: false,
        };
        // Replaced in place, to keep the order of first declaration.
        match same_name.find_mut(&declared.target) {
            Some(known) => *known = declared,
            None => {
                let indexes = same_name.by_qualifier.entry(qualifier).or_default();
                indexes.push(same_name.declared.len());
                same_name.declared.push(declared);
            }
        }
    }
}

impl OfName {
    fn indexes(&self, qualifier: &str) -> &[usize] {
        self.by_qualifier.get(qualifier).map_or(&[], Vec::as_slice)
    }

    fn with_qualifier(&self, qualifier: &str) -> impl Iterator<Item = &Declared> {
        let indexes = self.indexes(qualifier).iter();
        indexes.map(|index| &self.declared[*index])
    }

    fn find(&self, target: &Target) -> Option<&Declared> {
        let qualifier = target.qualifier.as_deref().unwrap_or_default();
        let mut known = self.with_qualifier(qualifier);
        known.find(|known| known.target == *target)
    }

    /// Returns each alias of a version that is not published (only aliases name it), if the test
    /// publishes other versions, and marks the alias as reported.
    fn unpublished(&mut self) -> Vec<UnpublishedVersion> {
        let is_published = |known: &&Declared| {
            known.written_at.is_some() && known.target.qualifier.as_ref() == Some(&known.version)
        };
        let mut found = Vec::new();
        for index in 0..self.declared.len() {
            let alias = &self.declared[index];
            let Some(written_at) = alias.written_at.clone().filter(|_| !alias.reported) else {
                continue;
            };
            let published = self.declared.iter().filter(is_published);
            let of_function = published.filter(|known| {
                let Target {
                    region, account, ..
                } = &known.target;
                (region, account) == (&alias.target.region, &alias.target.account)
            });
            let newest = of_function.max_by_key(|known| known.version.parse::<u64>().ok());
            let Some(published) = newest.map(|known| known.version.to_string()) else {
                continue;
            };
            let additional = alias.additional.iter().map(|(version, _)| version);
            let of_version = |version: &Arc<str>| Target {
                qualifier: Some(version.clone()),
                ..alias.target.clone()
            };
            let is_implied = |target: &Target| {
                let known = self.find(target);
                known.is_some_and(|known| known.written_at.is_none())
            };
            let named: Vec<&Arc<str>> = [&alias.version].into_iter().chain(additional).collect();
            let implied = named.into_iter().find_map(|version| {
                let target = of_version(version);
                is_implied(&target).then(|| (version.to_string(), target.to_string()))
            });
            if let Some((version, target)) = implied {
                found.push(UnpublishedVersion {
                    alias: alias.target.to_string(),
                    version,
                    target,
                    published,
                    written_at,
                });
                self.declared[index].reported = true;
            }
        }
        found
    }

    fn find_mut(&mut self, target: &Target) -> Option<&mut Declared> {
        let qualifier = target.qualifier.as_deref().unwrap_or_default();
        let mut indexes = self.indexes(qualifier).iter();
        let index = *indexes.find(|index| self.declared[**index].target == *target)?;
        Some(&mut self.declared[index])
    }
}

impl VersionError {
    pub(crate) fn message(&self) -> Message {
        match self {
            Self::NoAlias(target) => Message::new(
                format!("`{target}` does not name an alias"),
                "write `function:alias`, where the alias is neither a number nor `$LATEST`",
            ),
            Self::NoVersion(target) => Message::new(
                format!("`{target}` does not name a published version"),
                "write `function:7`",
            ),
            Self::NotAVersion(text) => Message::new(
                format!("`{text}` is not a version"),
                "use a number or `$LATEST`",
            ),
            Self::NotAShare(share) => Message::new(
                format!("`{share}` is not a valid share of the calls"),
                "use shares from 0 to 1 that add up to at most 1",
            ),
            Self::NotDeclared => Message::new(
                "this alias was not declared",
                "declare it first, with `lambda.alias(..)`",
            ),
        }
    }
}

fn version_of(text: &str) -> Result<Arc<str>, VersionError> {
    if is_version(text) {
        Ok(text.into())
    } else {
        Err(VersionError::NotAVersion(text.to_owned()))
    }
}

fn is_version(text: &str) -> bool {
    text == "$LATEST" || is_number(text)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `$LATEST`, which nearly every call runs.
pub(crate) fn latest() -> Arc<str> {
    static LATEST: LazyLock<Arc<str>> = LazyLock::new(|| "$LATEST".into());
    LATEST.clone()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Resolved, VersionError, Versions};
    use crate::ground::location::Location;

    fn declared() -> Versions {
        let mut versions = Versions::default();
        versions
            .publish("f:7".parse().unwrap(), Location::here())
            .unwrap();
        versions
            .alias("f:live".parse().unwrap(), "7", Location::here())
            .unwrap();
        versions
            .alias("f:split".parse().unwrap(), "1", Location::here())
            .unwrap();
        versions
            .route(&"f:split".parse().unwrap(), "2", 0.25)
            .unwrap();
        versions
            .route(&"f:split".parse().unwrap(), "3", 0.25)
            .unwrap();
        versions
    }

    #[test]
    fn the_newest_published_version_of_the_same_function_is_suggested() {
        let mut versions = Versions::default();
        for published in ["f:8", "f:7", "eu-west-1:f:10"] {
            let target = published.parse().unwrap();
            versions.publish(target, Location::here()).unwrap();
        }
        for alias in ["f:live", "us-west-2:f:live"] {
            let target = alias.parse().unwrap();
            versions.alias(target, "9", Location::here()).unwrap();
        }
        let found = versions.unpublished();
        let found: Vec<_> = found
            .iter()
            .map(|one| (&*one.target, &*one.published))
            .collect();
        assert_eq!(found, [("f:9", "8")]);
    }

    #[rstest]
    #[case::alias("f:live", 0.0, Resolved::Version("7".into()))]
    #[case::version("f:7", 0.0, Resolved::Version("7".into()))]
    #[case::unqualified("f", 0.0, Resolved::Version("$LATEST".into()))]
    #[case::latest("f:$LATEST", 0.0, Resolved::Version("$LATEST".into()))]
    #[case::unknown_alias("f:beta", 0.0, Resolved::Unknown)]
    #[case::unknown_version("f:8", 0.0, Resolved::Unknown)]
    #[case::other_function("g:live", 0.0, Resolved::Undeclared)]
    #[case::first_share("f:split", 0.24, Resolved::Version("2".into()))]
    #[case::second_share("f:split", 0.25, Resolved::Version("3".into()))]
    #[case::the_rest("f:split", 0.5, Resolved::Version("1".into()))]
    fn a_qualifier_resolves_to_its_declared_version(
        #[case] request: &str,
        #[case] draw: f64,
        #[case] resolved: Resolved,
    ) {
        assert_eq!(
            declared().resolve(&request.parse().unwrap(), || draw),
            resolved
        );
    }

    #[test]
    fn an_invalid_declaration_is_refused() {
        let mut versions = declared();
        assert_eq!(
            versions.alias("f".parse().unwrap(), "7", Location::here()),
            Err(VersionError::NoAlias("f".parse().unwrap()))
        );
        assert_eq!(
            versions.alias("f:7".parse().unwrap(), "7", Location::here()),
            Err(VersionError::NoAlias("f:7".parse().unwrap()))
        );
        assert_eq!(
            versions.alias("f:live".parse().unwrap(), "x", Location::here()),
            Err(VersionError::NotAVersion("x".into()))
        );
        assert_eq!(
            versions.publish("f:live".parse().unwrap(), Location::here()),
            Err(VersionError::NoVersion("f:live".parse().unwrap()))
        );
        let split = "f:split".parse().unwrap();
        assert_eq!(
            versions.route(&split, "2", 1.5),
            Err(VersionError::NotAShare(1.5))
        );
        assert_eq!(
            versions.route(&split, "2", 0.8),
            Err(VersionError::NotAShare(0.8))
        );
        assert_eq!(versions.route(&split, "2", 0.75), Ok(()));
        // As floats, these shares add up to a little more than 1.
        for (version, share) in [("2", 0.34), ("3", 0.55), ("4", 0.11)] {
            let live = "f:live".parse().unwrap();
            assert_eq!(versions.route(&live, version, share), Ok(()));
        }
        assert_eq!(
            versions.route(&"f:other".parse().unwrap(), "2", 0.1),
            Err(VersionError::NotDeclared)
        );
    }
}
