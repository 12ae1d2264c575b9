//! The `begat` command.

#[global_allocator]
static ALLOCATOR: begat::cli::Counted = begat::cli::Counted;

fn main() -> std::process::ExitCode {
    begat::cli::main()
}
