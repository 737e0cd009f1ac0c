//! The promised bounds on cost, and whether this run met them.

use crate::cell::{OBJECTS_256_KIB, ONE_FUNCTION, STRING_256_KIB, TEN_THOUSAND_FUNCTIONS};
use crate::growth;
use crate::table::{KEPT_BY_DEFAULT, KEPT_UNCAPPED, START, Table, Unit};

/// One of our figures and its upper bound.
struct Bound {
    claim: &'static str,
    unit: Unit,
    ours: Option<f64>,
    limit: Option<f64>,
}

/// Prints a line for each bound; returns `true` if none is missed.
///
/// A bound whose figures are not available on this platform is neither met nor missed.
pub(crate) fn print_verdicts(table: &Table) -> bool {
    let mut all_kept = true;
    for bound in bounds(table) {
        let Bound {
            claim,
            unit,
            ours: Some(ours),
            limit: Some(limit),
        } = bound
        else {
            println!("not measured: {}", bound.claim);
            continue;
        };
        let kept = ours <= limit;
        all_kept &= kept;
        println!(
            "{}: {claim}: {} against {}",
            verdict(kept),
            unit.show(ours),
            unit.show(limit)
        );
    }

    if table.growths.is_empty() {
        println!("not measured: growth");
    }
    for (growth, figures) in &table.growths {
        let ratio = figures.ratio();
        let kept = ratio <= growth::LIMIT;
        all_kept &= kept;
        println!(
            "{}: {}, with ten times as many: at most {} x the cost: {ratio:.2} x",
            verdict(kept),
            growth.title,
            growth::LIMIT
        );
    }

    let above: Vec<&str> = table
        .rows
        .iter()
        .filter(|row| {
            row.ours
                .zip(row.wiremock)
                .is_some_and(|(ours, wiremock)| ours >= wiremock)
        })
        .map(|row| row.title.as_str())
        .collect();
    let kept = above.is_empty();
    let exceptions = if kept {
        String::new()
    } else {
        format!(": not in {}", above.join("; "))
    };
    println!(
        "{}: ours is below wiremock in every row{exceptions}",
        verdict(kept)
    );
    all_kept && kept
}

fn verdict(kept: bool) -> &'static str {
    if kept { "ok" } else { "MISSED" }
}

fn bounds(table: &Table) -> Vec<Bound> {
    let one = table.row(ONE_FUNCTION);
    let many = table.row(TEN_THOUSAND_FUNCTIONS);
    let string = table.row(STRING_256_KIB);
    let objects = table.row(OBJECTS_256_KIB);
    let start = table.row(START);
    let uncapped = table.row(KEPT_UNCAPPED);
    let by_default = table.row(KEPT_BY_DEFAULT);
    let times = |factor: f64, figure: Option<f64>| figure.map(|figure| factor * figure);
    let whole = |unit: Unit| match unit {
        Unit::BytesOf { whole, .. } => Some(whole as f64),
        Unit::Bytes | Unit::Instructions | Unit::Microseconds => None,
    };
    #[cfg(feature = "in-memory")]
    let cpu = table.row(crate::table::CPU_TIME);
    #[cfg(feature = "in-memory")]
    let (few, default) = (
        table.row(crate::table::SWEEP_172),
        table.row(crate::table::SWEEP_DEFAULT),
    );
    vec![
        #[cfg(feature = "in-memory")]
        Bound {
            claim: "sweep of 172 cells: at most 0.5 s of CPU time",
            unit: few.unit,
            ours: few.in_memory,
            limit: Some(0.5e6),
        },
        #[cfg(feature = "in-memory")]
        Bound {
            claim: "sweep of the default modes at two functions: at most 2 s of CPU time",
            unit: default.unit,
            ours: default.in_memory,
            limit: Some(2e6),
        },
        #[cfg(feature = "in-memory")]
        Bound {
            claim: "256 KiB string in memory: at most 0.9 x the CPU time on a socket",
            unit: cpu.unit,
            ours: cpu.in_memory,
            limit: times(0.9, cpu.ours),
        },
        Bound {
            claim: "1 function, 16 B: at most 0.9 x bare hyper",
            unit: one.unit,
            ours: one.ours,
            limit: times(0.9, one.bare_hyper),
        },
        Bound {
            claim: "10,000 functions: at most 1.05 x 1 function",
            unit: many.unit,
            ours: many.ours,
            limit: times(1.05, one.ours),
        },
        Bound {
            claim: "256 KiB string: at most 0.7 x wiremock",
            unit: string.unit,
            ours: string.ours,
            limit: times(0.7, string.wiremock),
        },
        Bound {
            claim: "256 KiB objects: at most 0.75 x one serde_json pass",
            unit: objects.unit,
            ours: objects.ours,
            limit: times(0.75, objects.json_pass),
        },
        Bound {
            claim: "start: at most 0.6 x wiremock",
            unit: start.unit,
            ours: start.ours,
            limit: times(0.6, start.wiremock),
        },
        Bound {
            claim: "memory kept, cap lifted: at most 1.1 x the payload bytes sent",
            unit: uncapped.unit,
            ours: uncapped.ours,
            limit: times(1.1, whole(uncapped.unit)),
        },
        Bound {
            claim: "memory kept by default: at most the cap and 10 %",
            unit: by_default.unit,
            ours: by_default.ours,
            limit: times(1.1, whole(by_default.unit)),
        },
    ]
}
