//! The text about chaos in a failed test: the seeds, and the hits as code that works without them.

use crate::behavior::chaos::Summary;
use crate::ground::count::plural;

/// The most hits to print.
const MAX_HITS: usize = 100;

/// `chaos, seed 7, hit 2 attempts`, and the list.
pub(super) fn text_of(chaos: &Summary) -> String {
    let seeds: Vec<String> = chaos.seeds.iter().map(u64::to_string).collect();
    let seeds = match seeds.len() {
        0 => "a replay".to_owned(),
        1 => format!("seed {}", seeds[0]),
        _ => format!("seeds {}", seeds.join(" and ")),
    };
    if chaos.hits.is_empty() {
        return format!("chaos, {seeds}, hit nothing");
    }
    let many = chaos.hits.len();
    let mut text = format!(
        "chaos, {seeds}, hit {}; the same hits without a seed:\n  lambda.chaos(Chaos::replay([\n",
        plural(chaos.attempts as u64, "attempt")
    );
    for hit in chaos.hits.iter().take(MAX_HITS) {
        text.push_str(&format!("      {hit},\n"));
    }
    if many > MAX_HITS {
        text.push_str(&format!(
            "      // … and {} more, which `hits()` returns\n",
            many - MAX_HITS
        ));
    }
    text.push_str("  ]));");
    text
}
