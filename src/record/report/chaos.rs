//! The text about chaos in a failed test: the seeds, and the hits as code that works without them.

use crate::behavior::chaos::Summary;
use crate::ground::count::plural;

/// The most hits to print.
const MAX_HITS: usize = 100;

/// `chaos, seed 7, hit 2 attempts`, and the list; without a seed if nothing was drawn from one.
pub(super) fn text_of(chaos: &Summary) -> String {
    let seeds: Vec<String> = chaos.seeds.iter().map(u64::to_string).collect();
    let (name, hits) = match seeds.len() {
        0 => ("chaos".to_owned(), "the same hits as code"),
        1 => (
            format!("chaos, seed {},", seeds[0]),
            "the same hits without a seed",
        ),
        _ => (
            format!("chaos, seeds {},", super::listed(&seeds)),
            "the same hits without a seed",
        ),
    };
    if chaos.hits.is_empty() {
        return format!("{name} hit nothing");
    }
    let many = chaos.hits.len();
    let mut text = format!(
        "{name} hit {}; {hits}:\n  lambda.chaos(Chaos::replay([\n",
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
