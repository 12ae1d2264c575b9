//! The graph as petgraph sees it: its `visit` traits over our adjacency.
