//! Fuzzing of what reads texts from outside: the same property over as many inputs as there is time for. Targets stand
//! beside what they try, in modules called `fuzz`; `make fuzz` gives each ten minutes, an ordinary test run a moment.
//!
//! Inputs are valid ones with random edits, which get further into a reader than noise does.

use std::time::{Duration, Instant};

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestCaseResult, TestRunner},
};

/// Tries a property until the time is up (`DESKBUY_FUZZ_SECONDS`), and some hundred times in any case.
///
/// # Panics
///
/// With the input for which the property does not hold.
#[track_caller]
pub fn run<S: Strategy>(target: &str, inputs: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    const ROUND: u32 = 256;
    let seconds = std::env::var("DESKBUY_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let end = Instant::now() + Duration::from_secs(seconds);
    for round in 1_u64.. {
        // A runner of its own each time, so that each has a seed of its own.
        let mut runner = TestRunner::new(Config { cases: ROUND, failure_persistence: None, ..Config::default() });
        if let Err(finding) = runner.run(inputs, &property) {
            panic!("{target}: {finding}");
        }
        if Instant::now() >= end {
            println!("{target}: {} inputs without a finding", round * u64::from(ROUND));
            return;
        }
    }
}

/// One of these, with up to eight edits; now and then noise.
pub fn edited(valid: &'static [&'static str], words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<Index>(), any::<Index>(), select(words), any::<u8>(), 0..6_u8);
    let edited = (select(valid), vec(edit, 0..8)).prop_map(|(text, edits)| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, until, word, byte, kind) in edits {
            let (a, b) = (at.index(bytes.len() + 1), until.index(bytes.len() + 1));
            let (from, to) = (a.min(b), a.max(b));
            match kind {
                0 => drop(bytes.splice(from..from, word.bytes())),
                1 => drop(bytes.splice(from..to.min(from + 8), word.bytes())),
                2 => drop(bytes.splice(from..from, [byte])),
                3 => drop(bytes.drain(from..to.min(from + 16))),
                4 => {
                    let part = bytes[from..to.min(from + 64)].to_vec();
                    bytes.splice(from..from, part);
                }
                _ => bytes.truncate(to),
            }
        }
        bytes
    });
    prop_oneof![9 => edited, 1 => vec(any::<u8>(), 0..64)]
}
