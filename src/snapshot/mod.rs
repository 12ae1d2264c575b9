//! The snapshot file: write, verify, open.
