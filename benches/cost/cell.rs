//! The calls that are measured, as data: the first rows of the table.

use crate::payload::Payload;

/// One kind of call.
#[derive(Debug)]
pub(crate) struct Cell {
    /// The name for the bounds and the child process.
    pub(crate) name: &'static str,
    /// The name in the table.
    pub(crate) title: &'static str,
    /// The number of scripted functions; the calls rotate through all of them.
    pub(crate) functions: usize,
    pub(crate) payload: Payload,
    /// Whether the table shows what one pass of serde_json over the payload costs.
    pub(crate) has_json_pass: bool,
    /// The number of calls in the short and in the long run; their difference is measured.
    pub(crate) calls: [usize; 2],
    /// The numbers of calls in the two runs with `--quick`.
    pub(crate) quick_calls: [usize; 2],
}

pub(crate) const ONE_FUNCTION: &str = "one-function";
pub(crate) const TEN_THOUSAND_FUNCTIONS: &str = "ten-thousand-functions";
pub(crate) const STRING_256_KIB: &str = "string-256-kib";
pub(crate) const OBJECTS_256_KIB: &str = "objects-256-kib";

/// Every cell, in the order of the table.
pub(crate) const CELLS: [Cell; 6] = [
    Cell {
        name: ONE_FUNCTION,
        title: "1 function, 16 B",
        functions: 1,
        payload: Payload::Small,
        has_json_pass: false,
        calls: [200, 1200],
        quick_calls: [50, 250],
    },
    Cell {
        name: "thousand-functions",
        title: "1,000 functions, 16 B",
        functions: 1_000,
        payload: Payload::Small,
        has_json_pass: false,
        calls: [200, 1200],
        quick_calls: [50, 250],
    },
    Cell {
        name: TEN_THOUSAND_FUNCTIONS,
        title: "10,000 functions, 16 B",
        functions: 10_000,
        payload: Payload::Small,
        has_json_pass: false,
        calls: [200, 1200],
        quick_calls: [50, 250],
    },
    Cell {
        name: STRING_256_KIB,
        title: "256 KiB, one string",
        functions: 1,
        payload: Payload::String256Kib,
        has_json_pass: true,
        calls: [10, 60],
        quick_calls: [5, 15],
    },
    Cell {
        name: OBJECTS_256_KIB,
        title: "256 KiB, array of small objects",
        functions: 1,
        payload: Payload::Objects256Kib,
        has_json_pass: true,
        calls: [10, 60],
        quick_calls: [5, 15],
    },
    Cell {
        name: "string-4-mib",
        title: "4 MiB, one string",
        functions: 1,
        payload: Payload::String4Mib,
        has_json_pass: true,
        calls: [2, 6],
        quick_calls: [1, 3],
    },
];

impl Cell {
    /// Finds a cell by its name.
    pub(crate) fn named(name: &str) -> &'static Cell {
        let cell = CELLS.iter().find(|cell| cell.name == name);
        cell.unwrap_or_else(|| panic!("no cell is called `{name}`"))
    }

    /// The number of calls in the short and in the long run.
    pub(crate) fn calls(&self, quick: bool) -> [usize; 2] {
        if quick { self.quick_calls } else { self.calls }
    }
}
