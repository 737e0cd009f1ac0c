//! Limits, function states and starts of environments.

use std::time::Duration;

use super::super::document::ValueKind;
use super::super::entry::{Argument, ArgumentEntry, Code, KindEntry, ObjectEntry, Part, Single};
use super::super::print::Out;
use super::super::shape::Takes;
use super::values::{AtLeast, Number, Small, Within};
use crate::aws::target::Target;
use crate::behavior::constraints::{Lasting, LastingKind, Rate, Setting};
use crate::reply::delay::Delay;

/// A setting and the function that it applies to.
pub(in crate::scenario) type ScopedSetting = (Option<Target>, Setting);

static CONSTRAINTS: ObjectEntry<ScopedSetting> = ObjectEntry {
    noun: "a constraint",
    about: "A constraint, which rejects or delays calls: a method of `Handle` and its arguments.",
    kinds: &[
        &DENIED,
        &TENANT_REQUIRED,
        &DURABLE,
        &RESERVED,
        &ACCOUNT,
        &CALLER_RATE,
        &FUNCTION_RATE,
        &PENDING,
        &UPDATING,
        &COLD_STARTS,
        &SNAP_START,
    ],
};

impl Argument for ScopedSetting {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| CONSTRAINTS.object()),
        read: |value| {
            let (target, setting) = CONSTRAINTS.read(value)?;
            match setting.mistake(target.as_ref()) {
                Some(mistake) => Err(value.problem(mistake)),
                None => Ok((target, setting)),
            }
        },
        write,
    };
}

/// Writes each setting by its entry.
fn write(constraint: &ScopedSetting, code: &mut Code) -> Out {
    let function = || {
        let target = constraint.0.clone();
        target.expect("this constraint is for one function")
    };
    match constraint.1 {
        Setting::Denied => DENIED.write(function(), code),
        Setting::TenantRequired => TENANT_REQUIRED.write(function(), code),
        Setting::Durable => DURABLE.write(function(), code),
        Setting::Reserved(executions) => {
            RESERVED.write((function(), Within(executions)), constraint, code)
        }
        Setting::Account(executions) => ACCOUNT.write(Within(executions), code),
        Setting::CallerRate(rate) => {
            let parts = (Number(rate.per_second), Within(rate.burst));
            CALLER_RATE.write(parts, constraint, code)
        }
        Setting::FunctionRate(rate) => {
            let parts = (function(), Number(rate.per_second), Within(rate.burst));
            FUNCTION_RATE.write(parts, constraint, code)
        }
        Setting::Pending(lasting) => PENDING.write((function(), lasting), constraint, code),
        Setting::Updating(lasting) => UPDATING.write((function(), lasting), constraint, code),
        Setting::ColdStarts(init) => COLD_STARTS.write((function(), init), constraint, code),
        Setting::SnapStart { not_ready, restore } => {
            SNAP_START.write((function(), not_ready, restore), constraint, code)
        }
    }
}

static DENIED: Single<ScopedSetting, Target> = Single {
    word: "deny",
    about: "The function that the caller is not allowed to invoke: 403 `AccessDeniedException`, including for DryRun.",
    make: |target| Ok((Some(target), Setting::Denied)),
};

static TENANT_REQUIRED: Single<ScopedSetting, Target> = Single {
    word: "require_tenant_id",
    about: "The function, without a qualifier, that requires a tenant id: 400 `InvalidParameterValueException` without one.",
    make: |target| Ok((Some(target), Setting::TenantRequired)),
};

static DURABLE: Single<ScopedSetting, Target> = Single {
    word: "durable",
    about: "The durable function, written without a qualifier: a call without one gets 400 `InvalidParameterValueException`.",
    make: |target| Ok((Some(target), Setting::Durable)),
};

static RESERVED: KindEntry<ScopedSetting, (Target, Small)> = KindEntry {
    about: "",
    parts: &[
        (
            "reserve_concurrency",
            "The function with reserved concurrency, without a qualifier.",
        ),
        (
            "executions",
            "The maximum number of concurrent executions; 0 rejects all.",
        ),
    ],
    make: |(target, executions)| Ok((Some(target), Setting::Reserved(executions.0))),
    options: None,
};

static ACCOUNT: Single<ScopedSetting, Small> = Single {
    word: "account_concurrency",
    about: "The maximum number of concurrent executions of all functions together.",
    make: |executions| Ok((None, Setting::Account(executions.0))),
};

static CALLER_RATE: KindEntry<ScopedSetting, (Number, Burst)> = KindEntry {
    about: "",
    parts: &[
        (
            "rate_limit",
            "The number of attempts per second that the caller can send.",
        ),
        BURST,
    ],
    make: |(per_second, burst)| {
        let rate = Rate::of(CALLER_RATE.parts[0].0, per_second.0, burst.0)?;
        Ok((None, Setting::CallerRate(rate)))
    },
    options: None,
};

static FUNCTION_RATE: KindEntry<ScopedSetting, (Target, Number, Burst)> = KindEntry {
    about: "",
    parts: &[
        (
            "function_rate_limit",
            "The function with the rate limit, without a qualifier.",
        ),
        ("per_second", "The number of attempts per second."),
        BURST,
    ],
    make: |(target, per_second, burst)| {
        let rate = Rate::of(FUNCTION_RATE.parts[0].0, per_second.0, burst.0)?;
        Ok((Some(target), Setting::FunctionRate(rate)))
    },
    options: None,
};

static PENDING: KindEntry<ScopedSetting, (Target, Lasting)> = KindEntry {
    about: "",
    parts: &[("pending", "A function that is not active yet."), LASTING],
    make: |(target, lasting)| Ok((Some(target), Setting::Pending(lasting))),
    options: None,
};

static UPDATING: KindEntry<ScopedSetting, (Target, Lasting)> = KindEntry {
    about: "",
    parts: &[("updating", "A function that is being updated."), LASTING],
    make: |(target, lasting)| Ok((Some(target), Setting::Updating(lasting))),
    options: None,
};

static COLD_STARTS: KindEntry<ScopedSetting, (Target, Delay)> = KindEntry {
    about: "",
    parts: &[
        (
            "cold_starts",
            "The function whose environments take time to start.",
        ),
        ("init", "The time an environment takes to start."),
    ],
    make: |(target, init)| Ok((Some(target), Setting::ColdStarts(init))),
    options: None,
};

static SNAP_START: KindEntry<ScopedSetting, (Target, Lasting, Delay)> = KindEntry {
    about: "",
    parts: &[
        (
            "snap_start",
            "The version or alias whose environments are restored from a snapshot.",
        ),
        (
            "not_ready",
            "How long the snapshot is not ready: a number of attempts, or a duration from when the file is loaded.",
        ),
        ("restore", "The time a restore takes."),
    ],
    make: |(target, not_ready, restore)| {
        Ok((Some(target), Setting::SnapStart { not_ready, restore }))
    },
    options: None,
};

const BURST: Part = (
    "burst",
    "The number of attempts that can arrive at the same time.",
);

type Burst = Within<u32, 1, { u32::MAX as u64 }>;

const LASTING: Part = (
    "lasting",
    "How long it lasts: a number of attempts, or a duration from when the file is loaded; not 0.",
);

impl Argument for Lasting {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Either(&[AtLeast::<u64, 0>::takes, Duration::takes]),
        read: |value| match value.kind() == ValueKind::Text {
            true => Duration::read(value).map(Self::from),
            false => value.number::<u64>().map(Self::from),
        },
        write: |lasting, code| match lasting.kind() {
            LastingKind::Attempts(attempts) => Out::plain(attempts),
            LastingKind::Time(length) => length.write(code),
        },
    };
}
