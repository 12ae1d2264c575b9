//! Uncertain dates (stub until the module lands).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Truth {
    No,
    Maybe,
    Yes,
}
pub type Day = i32;
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Date {
    earliest: Day,
    latest: Day,
}
#[derive(Debug)]
pub struct DateError {
    pub message: String,
    pub help: Option<String>,
}
impl Date {
    pub const UNDATED: Date = Date { earliest: i32::MIN, latest: i32::MAX };
    pub fn parse(_: &str) -> Result<Date, DateError> {
        todo!()
    }
    pub fn earliest(self) -> Day {
        self.earliest
    }
    pub fn latest(self) -> Day {
        self.latest
    }
    pub fn is_undated(self) -> bool {
        self == Date::UNDATED
    }
}
impl std::fmt::Display for Date {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}
