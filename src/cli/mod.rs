//! Arguments, commands, REPL, terminal.
