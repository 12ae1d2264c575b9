//! What several tests share.
#![allow(dead_code)] // Each test uses a part of it.

pub mod apart;
pub mod cases;
pub mod generate;
pub mod naive;
pub mod phrases;
pub mod queries;
pub mod walks;
pub mod worlds;
