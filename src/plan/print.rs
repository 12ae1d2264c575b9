//! The plan as a tree that people read.

use super::Plan;

/// The plan's steps, one a line, each inside the one above.
pub fn print(_plan: &Plan) -> String {
    String::new()
}
