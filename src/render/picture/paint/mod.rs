//! Marks, colours, text widths, and the bytes they become. Nothing here knows a graph.

pub mod frame;
pub mod marks;
pub mod metrics;
pub mod palette;
pub mod svg;
