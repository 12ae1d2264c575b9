//! The `begat` command.

fn main() {}
