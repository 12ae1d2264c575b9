//! How a date was written, packed into four bytes, so that it prints back as it came.

/// The unit that an end of a date names, from the finest to none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Precision {
    /// `2024-05-13`
    Day,
    /// `2024-05`, `2024-05-XX`
    Month,
    /// `2024-33` to `2024-36`
    Quarter,
    /// `2024-21` to `2024-24`
    Season,
    /// `2024`, `2024-XX`
    Year,
    /// `202X`
    Decade,
    /// `20XX`
    Century,
    /// The missing end of `..2023` and `2023..`; both ends of `undated`.
    Open,
}

impl Precision {
    /// In the order of their bits.
    const ALL: [Precision; 8] = [
        Precision::Day,
        Precision::Month,
        Precision::Quarter,
        Precision::Season,
        Precision::Year,
        Precision::Decade,
        Precision::Century,
        Precision::Open,
    ];

    /// The length of the unit in months; `None` for a day and for an open end.
    pub(super) fn months(self) -> Option<i32> {
        match self {
            Precision::Day | Precision::Open => None,
            Precision::Month => Some(1),
            Precision::Quarter | Precision::Season => Some(3),
            Precision::Year => Some(12),
            Precision::Decade => Some(120),
            Precision::Century => Some(1200),
        }
    }
}

/// How one end of a date is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct End {
    pub precision: Precision,
    /// How many `-XX` follow: 1 in `2024-XX` and `2024-05-XX`, 2 in `2024-XX-XX`, else 0.
    pub masked: u8,
    /// `~`
    pub approximate: bool,
    /// `?`
    pub uncertain: bool,
}

impl End {
    /// An end without `XX`, `~` or `?`.
    pub const fn plain(precision: Precision) -> End {
        End { precision, masked: 0, approximate: false, uncertain: false }
    }

    pub const fn is_flagged(self) -> bool {
        self.approximate || self.uncertain
    }

    /// Bits 0-2 precision, 3-4 masked, 5 approximate, 6 uncertain.
    const fn pack(self) -> u32 {
        self.precision as u32
            | (self.masked as u32 & 0b11) << 3
            | (self.approximate as u32) << 5
            | (self.uncertain as u32) << 6
    }

    fn unpack(bits: u32) -> End {
        End {
            precision: Precision::ALL[(bits & 0b111) as usize],
            masked: (bits >> 3 & 0b11) as u8,
            approximate: bits >> 5 & 1 == 1,
            uncertain: bits >> 6 & 1 == 1,
        }
    }
}

/// Bits 0-6 the start, 8-14 the end, 16 whether it is an interval.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(super) struct Form(u32);

impl Form {
    const INTERVAL: u32 = 1 << 16;

    /// Both ends are one expression: `2024-05~`.
    pub const fn one(end: End) -> Form {
        Form(end.pack() | end.pack() << 8)
    }

    /// `start..end`
    pub const fn interval(start: End, end: End) -> Form {
        Form(start.pack() | end.pack() << 8 | Form::INTERVAL)
    }

    pub fn start(self) -> End {
        End::unpack(self.0)
    }

    pub fn end(self) -> End {
        End::unpack(self.0 >> 8)
    }

    pub fn is_interval(self) -> bool {
        self.0 & Form::INTERVAL != 0
    }

    pub fn is_flagged(self) -> bool {
        // Tested for every comparison, so without unpacking.
        self.0 & 0b0110_0000_0110_0000 != 0
    }

    /// A key by which, of two forms of the same days, the one with fewer flags comes first; total, so that the choice
    /// does not depend on which came first.
    pub fn doubt(self) -> (u32, u32) {
        ((self.0 & 0b0110_0000_0110_0000).count_ones(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_loses_nothing() {
        for precision in Precision::ALL {
            for bits in 0..12_u8 {
                let end = End { precision, masked: bits % 3, approximate: bits & 4 != 0, uncertain: bits & 8 != 0 };
                let form = Form::interval(End::plain(Precision::Open), end);
                assert_eq!((form.start(), form.end()), (End::plain(Precision::Open), end));
                assert_eq!(form.is_flagged(), end.is_flagged());
                assert!(form.is_interval() && !Form::one(end).is_interval());
            }
        }
    }
}
