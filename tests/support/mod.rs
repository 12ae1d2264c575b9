//! What several tests share.
#![allow(dead_code)] // Each test uses a part of it.

pub mod naive;
