//! Versions and aliases. The check of each does not depend on the others, so it uses an empty
//! [`Versions`].

use super::super::entry::{AnyKind as _, Argument, ArgumentEntry, Each, KindEntry, Options, with};
use super::super::shape::Takes;
use super::values::{Share, Version};
use crate::aws::target::Target;
use crate::aws::versions::{Declared, Versions};
use crate::ground::location::Location;

/// A published version.
pub(in crate::scenario) struct Published(
    pub(in crate::scenario) Target,
    pub(in crate::scenario) Location,
);

impl Argument for Published {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: Target::takes,
        read: |value| {
            let target = Target::read(value)?;
            let written_at = value.location();
            let tried = Versions::default().publish(target.clone(), written_at.clone());
            value.accepts(
                tried
                    .map(|()| Self(target, written_at))
                    .map_err(|error| error.message()),
            )
        },
        write: |version, code| version.0.write(code),
    };
}

/// An alias.
impl Argument for Declared {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| ALIAS.object("an alias")),
        read: |value| {
            let alias = Declared {
                written_at: Some(value.location()),
                ..ALIAS.read(value)?
            };
            let tried = Versions::default().declare_alias(&alias);
            value.accepts(tried.map(|()| alias).map_err(|error| error.message()))
        },
        write: |alias, code| {
            let version = Version(alias.version.to_string());
            ALIAS.write((alias.target.clone(), version), alias, code)
        },
    };
}

static ALIAS: KindEntry<Declared, (Target, Version)> = KindEntry {
    about: "An alias and the version it runs, as `alias` declares it.",
    parts: &[
        ("alias", "The function and the alias, as in `resize:live`."),
        (
            "version",
            "The version that it runs: a number or `$LATEST`.",
        ),
    ],
    make: |(target, version)| {
        Ok(Declared {
            target,
            version: version.0.into(),
            additional: Vec::new(),
            written_at: None,
            reported: false,
        })
    },
    options: Some(&Options(&[&[&Each::<Declared, Additional> {
        word: "additional_version",
        about: "Other versions, each with its share of the calls.",
        add: |alias, Additional(version, share)| {
            with(alias, |alias| {
                alias.additional.push((version.into(), share))
            })
        },
        all: |alias| {
            let additional = alias.additional.iter();
            additional
                .map(|(version, share)| Additional(version.to_string(), *share))
                .collect()
        },
    }]])),
};

/// A version and its share of an alias's calls.
struct Additional(String, f64);

impl Argument for Additional {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| ADDITIONAL.object("an additional version")),
        read: |value| ADDITIONAL.read(value),
        write: |additional, code| {
            let parts = (Version(additional.0.clone()), Share(additional.1));
            ADDITIONAL.write(parts, additional, code)
        },
    };
}

static ADDITIONAL: KindEntry<Additional, (Version, Share)> = KindEntry {
    about: "A version that gets a share of an alias's calls.",
    parts: &[
        ("version", "A number or `$LATEST`."),
        (
            "share",
            "Its share of the calls; all shares add up to at most 1.",
        ),
    ],
    make: |(version, share)| Ok(Additional(version.0, share.0)),
    options: None,
};
