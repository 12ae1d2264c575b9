//! Feeds the targets of `support/fuzz.rs` bytes that are nearly right, on stable Rust.
//!
//! `BEGAT_FUZZ_SECONDS=60 cargo test --test fuzz` goes on for so long, `BEGAT_SEED` begins elsewhere. An input that a
//! target does not survive is written to the temporary folder before it is told.

#[path = "support/generate.rs"]
#[allow(dead_code, reason = "only its random numbers are used")]
mod generate;
#[path = "support/fuzz.rs"]
mod targets;

use generate::Random;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};
use targets::{TARGETS, Target};

/// Without `BEGAT_FUZZ_SECONDS`: enough to see that the targets run.
const FEW: usize = 15;

/// What is put into inputs, beside bytes and parts of other inputs.
const PIECES: &[&str] = &[
    "\"",
    "(",
    ")",
    "{",
    "}",
    "[",
    ",",
    ";",
    "\n",
    "\0",
    "\u{feff}",
    "é",
    "\\",
    "$x",
    "9999999999999999999",
    "-1",
    "1e999",
    "2024-13-45",
    "..",
    "~",
    "{1,999999999}",
    "+",
    "*",
    "^",
    " and ",
    " not ",
    " or ",
    " possibly ",
    "#",
    "\u{202e}",
];

/// An input made from others by one to four small changes.
fn changed(random: &mut Random, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut input = random.pick(inputs).clone();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(24)).min(input.len());
        match random.below(6) {
            0 => drop(input.drain(at..end)),
            1 => drop(input.splice(at..at, random.pick(PIECES).bytes())),
            2 => drop(input.splice(at..at, [random.next() as u8])),
            3 if at < input.len() => input[at] ^= 1 << random.below(8),
            4 => {
                let part = input[at..end].to_vec();
                let copies = 1 + random.below(8);
                drop(input.splice(at..at, part.repeat(copies)));
            }
            _ => {
                let other = random.pick(inputs).clone();
                let from = random.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
    }
    input.truncate(1 << 16);
    input
}

fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = target.seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    if target.name == "snapshot" {
        let file = std::env::temp_dir().join(format!("begat-seed-{}.begat", std::process::id()));
        let small = TARGETS.iter().find(|target| target.name == "ron").expect("a target of graphs").seeds[0];
        let small = begat::Database::from_texts(&[("graph.ron", small)]).expect("it loads");
        small.save(&file).expect("it is written");
        seeds.push(std::fs::read(&file).expect("it is read"));
        let _ = std::fs::remove_file(&file);
    }
    seeds
}

#[test]
fn bytes_of_strangers_do_no_harm() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let time = number("BEGAT_FUZZ_SECONDS").map(|seconds| Duration::from_secs(seconds) / TARGETS.len() as u32);
    let mut random = Random(number("BEGAT_SEED").unwrap_or(15));
    for target in TARGETS {
        let (inputs, begun) = (seeds(target), Instant::now());
        for seed in &inputs {
            (target.run)(seed);
        }
        let mut tried = 0;
        while time.map_or(tried < FEW, |time| begun.elapsed() < time) {
            let input = changed(&mut random, &inputs);
            let asked = Instant::now();
            let done = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
            if done.is_err() || asked.elapsed() > Duration::from_secs(20) {
                let file = std::env::temp_dir().join(format!("begat-fuzz-{}-{tried}", target.name));
                std::fs::write(&file, &input).expect("the input is kept");
                panic!("`{}` does not survive {} ({:?})", target.name, file.display(), asked.elapsed());
            }
            tried += 1;
        }
        println!("{}: {tried} inputs", target.name);
    }
}
