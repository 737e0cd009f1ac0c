//! Limits, states and starts of functions.

use super::super::print::Out;
use super::reply::written_delay;
use super::written_duration;
use crate::aws::target::Target;
use crate::behavior::constraints::{Lasting, LastingKind, Setting};

pub(super) fn written_constraint((target, setting): &(Option<Target>, Setting)) -> Out {
    let function = || {
        let target = target.as_ref().expect("this constraint is one function's");
        Out::text(&target.written())
    };
    let number = |number: u32| Out::Raw(number.to_string());
    let (first, others) = match *setting {
        Setting::Reserved(executions) => (function(), vec![("executions", number(executions))]),
        Setting::Account(executions) => (number(executions), vec![]),
        Setting::CallerRate(rate) => {
            let burst = ("burst", number(rate.burst));
            (Out::Raw(rate.per_second.to_string()), vec![burst])
        }
        Setting::FunctionRate(rate) => {
            let per_second = ("per_second", Out::Raw(rate.per_second.to_string()));
            (function(), vec![per_second, ("burst", number(rate.burst))])
        }
        Setting::Pending(lasting) | Setting::Updating(lasting) => {
            (function(), vec![("lasting", written_lasting(lasting))])
        }
        Setting::ColdStarts(init) => (function(), vec![("init", written_delay(init))]),
        Setting::SnapStart { not_ready, restore } => {
            let not_ready = ("not_ready", written_lasting(not_ready));
            (
                function(),
                vec![not_ready, ("restore", written_delay(restore))],
            )
        }
    };
    Out::object([(setting.verb(), first)].into_iter().chain(others))
}

fn written_lasting(lasting: Lasting) -> Out {
    match lasting.kind() {
        LastingKind::Attempts(attempts) => Out::Raw(attempts.to_string()),
        LastingKind::Time(length) => written_duration(length),
    }
}
