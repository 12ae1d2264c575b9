//! Ids: positions as numbers. Only this module converts a position to an id.

/// The id of a thing of one kind: its position in that kind's table.
pub trait Id: Copy {
    /// The maximum number of things of this kind. The largest number of the type is reserved for "none".
    const MOST: usize;

    /// The plural name of the kind, for messages.
    const KIND: &'static str;

    /// Returns the id of a position; `None` if it is too large.
    fn new(position: usize) -> Option<Self>;

    /// Returns the first `count` ids, at most [`Id::MOST`].
    fn all(count: usize) -> impl ExactSizeIterator<Item = Self> + DoubleEndedIterator + Clone + use<Self>;

    /// Returns the message for too many things: `more than 65,535 verbs`.
    fn too_many() -> String {
        too_many(Self::MOST, Self::KIND)
    }
}

/// Returns the message for more than `most` things: `more than 65,535 verbs`.
pub fn too_many(most: usize, kind: &str) -> String {
    let digits = most.to_string();
    let mut number = String::new();
    for (i, digit) in digits.chars().enumerate() {
        let is_next_group = i > 0 && (digits.len() - i).is_multiple_of(3);
        number.push_str(if is_next_group { "," } else { "" });
        number.push(digit);
    }
    format!("more than {number} {kind}")
}

/// Declares an id type.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident($number:ident), $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $number);

        impl $crate::value::Id for $name {
            const MOST: usize = <$number>::MAX as usize;
            const KIND: &'static str = $kind;

            fn new(position: usize) -> Option<$name> {
                <$number>::try_from(position).ok().filter(|number| *number < <$number>::MAX).map($name)
            }

            fn all(count: usize) -> impl ExactSizeIterator<Item = $name> + DoubleEndedIterator + Clone + use<> {
                (0..<$number>::try_from(count).unwrap_or(<$number>::MAX)).map($name)
            }
        }
    };
}

pub(crate) use id;

#[cfg(test)]
mod tests {
    use super::Id;

    id! {
        /// One of few.
        Few(u8), "few"
    }

    #[test]
    fn ids_end_before_they_repeat() {
        assert_eq!(
            (Few::new(0), Few::new(254), Few::new(255), Few::new(256)),
            (Some(Few(0)), Some(Few(254)), None, None)
        );
        assert_eq!((Few::all(3).len(), Few::all(255).len(), Few::all(1000).len()), (3, 255, 255));
        assert_eq!(super::too_many(4_294_967_295, "facts"), "more than 4,294,967,295 facts");
        assert_eq!(
            (super::too_many(128, "types"), Few::too_many()),
            ("more than 128 types".into(), "more than 255 few".into())
        );
    }
}
