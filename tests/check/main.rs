//! From a tree to a typed query: what each form means, and every error with its place and its first edit.

mod errors;
mod meaning;
mod world;
