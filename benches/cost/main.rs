//! The cost of the fake next to a bare hyper server and wiremock's server.
//!
//! `cargo bench --bench cost` prints Markdown tables and, below them, the promised bounds with
//! their verdicts. Instructions are counted by valgrind if it is installed; otherwise the table
//! states that it shows wall time. `-- --quick` takes fewer samples, `-- --compile` measures the
//! time to compile instead of calls, `-- --strict` exits with 1 if a bound is missed.
//!
//! Each figure that other figures could disturb (instructions, kept memory) is measured in a child
//! process: this same binary with a hidden argument. The benches test no behavior beyond "the reply
//! was the expected one".

mod bare_hyper;
mod bounds;
mod cell;
mod client;
mod compile;
mod engine;
mod events;
mod growth;
mod kept;
mod meter;
mod ours;
mod payload;
mod start;
#[cfg(feature = "in-memory")]
mod sweep;
mod table;
mod wiremock_server;

use std::env;
use std::process;
use std::time::Instant;

use crate::cell::{CELLS, Cell};
use crate::engine::Engine;
use crate::growth::{GROWTHS, Growth};
use crate::meter::Meter;
use crate::table::{Row, Table, Unit};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let given = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let value_of = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1)
    };

    if let Some(task) = value_of(meter::CHILD_FLAG) {
        meter::run_child(task);
        leave_without_drops(0);
    }
    if let Some(events) = value_of(events::CHILD_FLAG) {
        events::run_child(events);
    }
    if let Some(task) = value_of(growth::CHILD_FLAG) {
        growth::run_child(task);
    }
    if let Some(engine) = value_of(kept::CHILD_FLAG) {
        kept::run_child(engine);
        leave_without_drops(0);
    }
    #[cfg(feature = "in-memory")]
    if let Some(modes) = value_of(sweep::CHILD_FLAG) {
        sweep::run_child(modes);
        leave_without_drops(0);
    }
    // Cargo passes `--bench` only for `cargo bench`; under `cargo test --benches` the binary only
    // has to link.
    if !given("--bench") || given("--test") {
        return;
    }

    if given("--compile") {
        let all_kept = compile::print();
        leave_without_drops(i32::from(given("--strict") && !all_kept));
    }

    let begun = Instant::now();
    let table = measure(given("--quick"));
    println!("{table}");
    let all_kept = bounds::print_verdicts(&table);
    println!("\ntook {} s", begun.elapsed().as_secs());
    if given("--strict") && !all_kept {
        leave_without_drops(1);
    }
}

/// Measures all figures one after the other, because two at a time would share caches and cores.
fn measure(quick: bool) -> Table {
    let meter = Meter::detect();
    let mut rows: Vec<Row> = CELLS
        .iter()
        .map(|cell| cost_row(meter, cell, quick))
        .collect();
    if let Meter::Valgrind = meter {
        // Large payloads cost copies and fresh pages, which instruction counts show badly; see
        // `meter`.
        let large = CELLS.iter().filter(|cell| cell.has_json_pass);
        rows.extend(large.map(|cell| Row {
            name: table::WALL_TIME,
            title: format!("{}, wall time", cell.title),
            ..cost_row(Meter::WallClock, cell, quick)
        }));
    }

    #[cfg(feature = "in-memory")]
    rows.push(Row {
        name: table::CPU_TIME,
        title: "256 KiB, one string, CPU time".to_owned(),
        ..cost_row(Meter::CpuTime, Cell::named(cell::STRING_256_KIB), quick)
    });

    eprintln!("measuring: start");
    let starts = start::medians(if quick { 50 } else { 300 });
    rows.push(Row {
        name: table::START,
        title: "start, wall time".to_owned(),
        unit: Unit::Microseconds,
        bare_hyper: Some(starts.bare_hyper),
        wiremock: Some(starts.wiremock),
        ours: Some(starts.ours),
        in_memory: None,
        json_pass: None,
    });

    eprintln!("measuring: memory kept");
    rows.push(Row {
        name: table::KEPT_UNCAPPED,
        title: "memory kept after 64 x 4 MiB, ours with the cap lifted".to_owned(),
        unit: Unit::BytesOf {
            whole: kept::SENT_BYTES,
            called: "sent",
        },
        bare_hyper: kept::growth(Engine::BareHyper),
        wiremock: kept::growth(Engine::Wiremock),
        ours: kept::growth(Engine::OursUncapped),
        in_memory: None,
        json_pass: None,
    });
    rows.push(Row {
        name: table::KEPT_BY_DEFAULT,
        title: "memory kept after 64 x 4 MiB, ours by default".to_owned(),
        unit: Unit::BytesOf {
            whole: kept::DEFAULT_CAP_BYTES,
            called: "the cap",
        },
        bare_hyper: None,
        wiremock: None,
        ours: kept::growth(Engine::Ours),
        in_memory: None,
        json_pass: None,
    });
    eprintln!("measuring: events");
    let ours = |name, title: &str, unit, ours| Row {
        name,
        title: title.to_owned(),
        unit,
        bare_hyper: None,
        wiremock: None,
        ours,
        in_memory: None,
        json_pass: None,
    };
    let (few, many) = (
        events::measure(events::MANY / 10),
        events::measure(events::MANY),
    );
    rows.extend([
        ours(
            table::EVENTS,
            "100,000 queued events retried and settled, wall time",
            Unit::Microseconds,
            Some(many.settled_in_microseconds),
        ),
        ours(
            table::EVENTS,
            "memory for each of 10,000 queued events",
            Unit::Bytes,
            few.bytes_each,
        ),
        ours(
            table::EVENTS,
            "memory for each of 100,000 queued events",
            Unit::Bytes,
            many.bytes_each,
        ),
    ]);
    let growths: Vec<&'static Growth> = match meter {
        Meter::Valgrind => GROWTHS.iter().collect(),
        Meter::WallClock => Vec::new(),
        #[cfg(feature = "in-memory")]
        Meter::CpuTime => Vec::new(),
    };
    let growths = growths.into_iter();
    #[cfg(feature = "in-memory")]
    {
        eprintln!("measuring: sweeps");
        let sweep = |name, title: &str, modes| Row {
            in_memory: sweep::cpu_time(modes),
            ..ours(name, title, Unit::Microseconds, None)
        };
        rows.extend([
            sweep(
                table::SWEEP_172,
                "sweep of 172 cells, CPU time",
                sweep::CELLS_172,
            ),
            sweep(
                table::SWEEP_DEFAULT,
                "sweep of the default modes at two functions, CPU time",
                sweep::DEFAULT_MODES,
            ),
        ]);
    }
    Table {
        title: meter.title(),
        rows,
        growths: growths.map(|growth| (growth, growth.measure())).collect(),
    }
}

fn cost_row(meter: Meter, cell: &Cell, quick: bool) -> Row {
    eprintln!("measuring: {}", cell.title);
    let of = |engine| Some(meter.cost_of_call(engine, cell, quick));
    Row {
        name: cell.name,
        title: cell.title.to_owned(),
        unit: meter.unit(),
        bare_hyper: of(Engine::BareHyper),
        wiremock: of(Engine::Wiremock),
        ours: of(Engine::Ours),
        #[cfg(feature = "in-memory")]
        in_memory: of(Engine::OursInMemory),
        #[cfg(not(feature = "in-memory"))]
        in_memory: None,
        json_pass: cell
            .has_json_pass
            .then(|| meter.cost_of_json_pass(cell, quick)),
    }
}

/// Ends the process immediately.
///
/// A child's servers must not be dropped: freeing and verifying their state is not part of a call,
/// and the fake reports a script that no call reached as a failure.
fn leave_without_drops(code: i32) -> ! {
    process::exit(code)
}
