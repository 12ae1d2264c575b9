//! Marks, colours, text widths, and their output as SVG. Nothing here knows a graph.

pub mod frame;
pub mod marks;
pub mod metrics;
pub mod palette;
pub mod svg;
