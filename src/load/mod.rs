//! RON and tables → schema and graph, with diagnostics.
