//! Plan × graph → answer.
