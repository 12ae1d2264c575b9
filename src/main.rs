//! The `begat` command.

fn main() -> std::process::ExitCode {
    begat::cli::main()
}
