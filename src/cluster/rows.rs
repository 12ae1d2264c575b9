//! The rows that a server sends, by column.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};

/// Rows in the batches in which they came.
#[derive(Debug, Default)]
pub struct Rows(pub Vec<RecordBatch>);

/// A server sent what the statement cannot give.
#[derive(Debug)]
pub struct Unexpected;

type Read<T> = Result<Vec<Option<T>>, Unexpected>;

impl Rows {
    pub fn len(&self) -> usize {
        self.0.iter().map(RecordBatch::num_rows).sum()
    }

    /// Returns a column of whole numbers.
    pub fn longs(&self, column: usize) -> Read<i64> {
        self.read(column, |array| {
            if let Some(longs) = array.as_primitive_opt::<Int64Type>() {
                return Some(longs.iter().collect());
            }
            Some(array.as_primitive_opt::<Int32Type>()?.iter().map(|int| int.map(i64::from)).collect())
        })
    }

    /// Returns a column of floats.
    pub fn floats(&self, column: usize) -> Read<f64> {
        self.read(column, |array| Some(array.as_primitive_opt::<Float64Type>()?.iter().collect()))
    }

    /// Returns a column of truths.
    pub fn truths(&self, column: usize) -> Read<bool> {
        self.read(column, |array| Some(array.as_boolean_opt()?.iter().collect()))
    }

    /// Returns a column of texts. Servers differ in how they send them.
    pub fn texts(&self, column: usize) -> Read<String> {
        let own = |text: Option<&str>| text.map(str::to_string);
        self.read(column, |array| {
            if let Some(texts) = array.as_string_opt::<i32>() {
                return Some(texts.iter().map(own).collect());
            }
            if let Some(texts) = array.as_string_opt::<i64>() {
                return Some(texts.iter().map(own).collect());
            }
            Some(array.as_string_view_opt()?.iter().map(own).collect())
        })
    }

    /// Returns a column of numbers of entities, positions and the like.
    pub fn numbers(&self, column: usize) -> Result<Vec<u32>, Unexpected> {
        let number = |long: Option<i64>| long.and_then(|long| u32::try_from(long).ok()).ok_or(Unexpected);
        self.longs(column)?.into_iter().map(number).collect()
    }

    fn read<T>(&self, column: usize, of: impl Fn(&dyn Array) -> Option<Vec<Option<T>>>) -> Read<T> {
        let mut all = Vec::with_capacity(self.len());
        for batch in &self.0 {
            let array = batch.columns().get(column).ok_or(Unexpected)?;
            all.extend(of(array.as_ref()).ok_or(Unexpected)?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;
    use arrow_array::{Array, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch};
    use arrow_array::{LargeStringArray, StringArray, StringViewArray};
    use std::sync::Arc;

    fn batch(columns: Vec<(&str, Arc<dyn Array>)>) -> RecordBatch {
        let fields = columns.into_iter().map(|(name, array)| (name, array, true));
        RecordBatch::try_from_iter_with_nullable(fields).expect("columns of one length")
    }

    #[test]
    fn columns_go_through_all_batches() {
        let first = batch(vec![("n", Arc::new(Int64Array::from(vec![Some(1), None])))]);
        let rows = Rows(vec![first, batch(vec![("n", Arc::new(Int32Array::from(vec![7])))])]);
        assert_eq!((rows.len(), rows.longs(0).expect("longs")), (3, vec![Some(1), None, Some(7)]));
        assert!(rows.numbers(0).is_err() && rows.texts(0).is_err() && rows.longs(1).is_err());
    }

    #[test]
    fn texts_come_in_three_forms() {
        let forms: [Arc<dyn Array>; 3] = [
            Arc::new(StringArray::from(vec![Some("a"), None])),
            Arc::new(LargeStringArray::from(vec![Some("a"), None])),
            Arc::new(StringViewArray::from(vec![Some("a"), None])),
        ];
        for form in forms {
            let rows = Rows(vec![batch(vec![("t", form)])]);
            assert_eq!(rows.texts(0).expect("texts"), [Some("a".to_string()), None]);
        }
        let rows = Rows(vec![batch(vec![
            ("b", Arc::new(BooleanArray::from(vec![true]))),
            ("f", Arc::new(Float64Array::from(vec![0.5]))),
        ])]);
        assert_eq!(
            (rows.truths(0).expect("truths"), rows.floats(1).expect("floats")),
            (vec![Some(true)], vec![Some(0.5)])
        );
    }
}
