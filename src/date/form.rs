//! The form in which a date was written, packed into four bytes, so that it prints back unchanged.

/// The unit of an end of a date, from the finest to none.
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
    /// `2024-25` to `2024-28`, northern hemisphere.
    NorthSeason,
    /// `2024-29` to `2024-32`, southern hemisphere.
    SouthSeason,
    /// `2024-37` to `2024-39`
    Quadrimester,
    /// `2024-40` and `2024-41`
    Semester,
    /// `2024`, `2024-XX`
    Year,
    /// `202X`
    Decade,
    /// `20XX`
    Century,
    /// `2XXX`
    Millennium,
    /// `XXXX`
    AnyYear,
    /// The missing end of `..2023` and `2023..`; both ends of `undated`.
    Open,
}

impl Precision {
    /// In order of discriminant, for unpacking.
    const ALL: [Precision; 14] = [
        Precision::Day,
        Precision::Month,
        Precision::Quarter,
        Precision::Season,
        Precision::NorthSeason,
        Precision::SouthSeason,
        Precision::Quadrimester,
        Precision::Semester,
        Precision::Year,
        Precision::Decade,
        Precision::Century,
        Precision::Millennium,
        Precision::AnyYear,
        Precision::Open,
    ];

    /// Returns the length of the unit in months; `None` for a day and for an open end.
    fn months(self) -> Option<i32> {
        Some(match self {
            Precision::Day | Precision::Open => return None,
            Precision::Month => 1,
            Precision::Quarter | Precision::Season | Precision::NorthSeason | Precision::SouthSeason => 3,
            Precision::Quadrimester => 4,
            Precision::Semester => 6,
            Precision::Year => 12,
            Precision::Decade => 120,
            Precision::Century => 1200,
            Precision::Millennium => 12_000,
            Precision::AnyYear => 120_000,
        })
    }

    /// Returns how many of year, month and day the unit names.
    fn fields(self) -> u8 {
        match self {
            Precision::Day => 3,
            unit if unit >= Precision::Year => 1,
            _ => 2,
        }
    }
}

/// The fields that carry a mark, as bits: year (0), month (1), day (2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Marked(pub u8);

impl Marked {
    pub const NONE: Marked = Marked(0);

    /// Returns the first `fields` fields, beginning with the year.
    pub const fn first(fields: u8) -> Marked {
        Marked((1 << fields) - 1)
    }

    pub const fn any(self) -> bool {
        self.0 != 0
    }

    pub fn has(self, field: u8) -> bool {
        self.0 >> field & 1 == 1
    }

    pub fn and(self, other: Marked) -> Marked {
        Marked(self.0 | other.0)
    }
}

/// The form of one end of a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct End {
    pub precision: Precision,
    /// Number of `-XX` fields at the end: 1 in `2024-XX` and `2024-05-XX`, 2 in `2024-XX-XX`, otherwise 0.
    pub masked: u8,
    /// `~`
    pub approximate: Marked,
    /// `?`
    pub uncertain: Marked,
}

impl End {
    /// Returns an end without `XX`, `~` or `?`.
    pub const fn plain(precision: Precision) -> End {
        End { precision, masked: 0, approximate: Marked::NONE, uncertain: Marked::NONE }
    }

    pub const fn is_flagged(self) -> bool {
        self.approximate.any() || self.uncertain.any()
    }

    /// Returns how many of year, month and day are written, `XX` included.
    pub fn fields(self) -> u8 {
        (self.precision.fields() + self.masked).min(3)
    }

    /// Returns the number of months by which a flag may move the end; `None` for a day and for an open end. The unit is
    /// that of the flagged field: the last one, or the year in `2024?-05-13`. With two flags the larger unit counts.
    pub fn moved_by(self) -> Option<i32> {
        [self.approximate, self.uncertain].into_iter().filter(|marked| marked.any()).map(|it| self.unit_of(it)).max()?
    }

    fn unit_of(self, marked: Marked) -> Option<i32> {
        let finest = (0..3).rev().find(|field| marked.has(*field)).unwrap_or(0);
        match finest + 1 {
            field if field >= self.precision.fields() => self.precision.months(),
            1 => Some(12),
            _ => Some(1),
        }
    }

    /// Bits 0-3 precision, 4-5 masked, 6-8 approximate, 9-11 uncertain.
    const fn pack(self) -> u32 {
        self.precision as u32
            | (self.masked as u32 & 0b11) << 4
            | (self.approximate.0 as u32 & 0b111) << 6
            | (self.uncertain.0 as u32 & 0b111) << 9
    }

    fn unpack(bits: u32) -> End {
        End {
            precision: Precision::ALL.get((bits & 0b1111) as usize).copied().unwrap_or(Precision::Open),
            masked: (bits >> 4 & 0b11) as u8,
            approximate: Marked((bits >> 6 & 0b111) as u8),
            uncertain: Marked((bits >> 9 & 0b111) as u8),
        }
    }
}

/// Bits 0-11 are the start, 12-23 the end; bit 24 is set for an interval.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(super) struct Form(u32);

impl Form {
    const INTERVAL: u32 = 1 << 24;
    const FLAGS: u32 = 0xFC0 | 0xFC0 << 12;

    /// Returns the form of a single expression, which both ends share: `2024-05~`.
    pub const fn one(end: End) -> Form {
        Form(end.pack() | end.pack() << 12)
    }

    /// Returns the form of an interval: `start..end`.
    pub const fn interval(start: End, end: End) -> Form {
        Form(start.pack() | end.pack() << 12 | Form::INTERVAL)
    }

    #[cfg(feature = "spark")]
    pub const fn of_bits(bits: u32) -> Form {
        Form(bits)
    }

    #[cfg(feature = "parquet")]
    pub const fn bits(self) -> u32 {
        self.0
    }

    pub fn start(self) -> End {
        End::unpack(self.0)
    }

    pub fn end(self) -> End {
        End::unpack(self.0 >> 12)
    }

    pub fn is_interval(self) -> bool {
        self.0 & Form::INTERVAL != 0
    }

    pub fn is_flagged(self) -> bool {
        // Called for every comparison, so it tests the bits without unpacking them.
        self.0 & Form::FLAGS != 0
    }

    /// Returns a key that sorts forms of the same days by number of flags, ascending. It is total, so that the choice
    /// between two dates does not depend on their order.
    pub fn doubt(self) -> (u32, u32) {
        ((self.0 & Form::FLAGS).count_ones(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_loses_nothing() {
        for precision in Precision::ALL {
            for bits in 0..192_u8 {
                let (approximate, uncertain) = (Marked((bits / 3) & 0b111), Marked((bits / 3) >> 3));
                let end = End { precision, masked: bits % 3, approximate, uncertain };
                let form = Form::interval(End::plain(Precision::Open), end);
                assert_eq!((form.start(), form.end()), (End::plain(Precision::Open), end));
                assert_eq!(form.is_flagged(), end.is_flagged());
                assert!(form.is_interval() && !Form::one(end).is_interval());
            }
        }
    }
}
