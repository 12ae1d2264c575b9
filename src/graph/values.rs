//! Values of one property: as stated by sources, and settled.

use super::{Column, EntityId, FactId, Graph};
use crate::schema::{PropertyId, TypeId, TypeSet};
use crate::value::{Date, Id, Number, Value};
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Stated values of one property, by entity.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// First entity of the range.
    pub base: u32,
    /// Per entity of the range, with one entry more: offset of its values in `stated`.
    pub offsets: Column<u32>,
    /// Distinct values as stated, by entity, then by value.
    pub stated: ValueColumn,
    /// For a single-valued date, per entity of the range: the date by all claims (without doubtful ones) and
    /// chronological verbs, or the hull of contradicting claims. Empty for other properties.
    pub settled: Column<Date>,
    /// Fact id of the first stated value.
    pub first_fact: u32,
    /// See [`Graph::exact_types`]; computed on first use.
    pub(crate) exact: OnceLock<TypeSet>,
    /// See [`Graph::greatest_whole`]; computed on first use.
    pub(crate) whole: OnceLock<Option<f64>>,
    /// See [`Graph::ranks`]; computed on first use.
    pub(crate) ranks: OnceLock<Option<Arc<ValueDictionary>>>,
    /// Entities without values, since they did not exist at the date of [`Graph::as_of`].
    pub absent: std::sync::Arc<super::BitSet>,
    /// Selection by [`Graph::only`]; `None` for all values.
    pub part: Option<Arc<super::Part>>,
}

/// Dictionary of the values of a property, with codes in order of occurrence.
#[derive(Debug)]
pub struct ValueDictionary {
    /// Per entity of the property's range: code of its value.
    pub of_entities: Vec<u32>,
    /// Per code: an entity with that value.
    pub samples: Vec<u32>,
}

impl ValueDictionary {
    fn of<K: std::hash::Hash + Eq>(base: u32, values: impl Iterator<Item = K>) -> ValueDictionary {
        let (mut known, mut samples) = (FxHashMap::default(), Vec::new());
        let number = |(i, value): (usize, K)| {
            *known.entry(value).or_insert_with(|| {
                samples.push(base + i as u32);
                samples.len() as u32 - 1
            })
        };
        let of_entities = values.enumerate().map(number).collect();
        ValueDictionary { of_entities, samples }
    }
}

/// Values of one type. Texts are positions in the graph's [`super::Claims::texts`].
#[derive(Debug, Clone)]
pub enum ValueColumn {
    Dates(Column<Date>),
    Numbers(Numbers),
    Texts(Column<u32>, super::Texts),
}

/// Numbers as floats, with a separate list of the few whole numbers that no float equals. If that list is empty, all
/// numbers can be compared as floats.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// Each number, or the nearest float.
    pub floats: Column<f64>,
    /// Positions of the numbers in `whole`, sorted ascending.
    pub wide: Column<u32>,
    pub whole: Column<i64>,
}

impl Numbers {
    /// Returns the number at a position; `None` beyond the length.
    pub fn at(&self, i: usize) -> Option<Number> {
        let float = self.floats.at(i)?;
        if self.wide.is_empty() {
            return Some(Number::Float(float));
        }
        let place = self.wide.partition_point(|position| (position as usize) < i);
        match self.wide.at(place).filter(|position| *position as usize == i).and_then(|_| self.whole.at(place)) {
            Some(whole) => Some(Number::of_whole(whole.into())),
            None => Some(Number::Float(float)),
        }
    }
}

impl FromIterator<Number> for Numbers {
    fn from_iter<I: IntoIterator<Item = Number>>(numbers: I) -> Numbers {
        let (mut floats, mut wide, mut whole) = (Vec::new(), Vec::new(), Vec::new());
        for number in numbers {
            if let Number::Wide(number) = number {
                wide.push(floats.len() as u32);
                whole.push(number);
            }
            floats.push(number.to_f64());
        }
        Numbers { floats: floats.into(), wide: wide.into(), whole: whole.into() }
    }
}

impl Default for ValueColumn {
    fn default() -> ValueColumn {
        ValueColumn::Numbers(Numbers::default())
    }
}

impl ValueColumn {
    pub fn len(&self) -> usize {
        match self {
            ValueColumn::Dates(column) => column.len(),
            ValueColumn::Numbers(numbers) => numbers.floats.len(),
            ValueColumn::Texts(column, _) => column.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the value at a position; unknown beyond the length.
    pub fn get(&self, i: usize) -> Value {
        let value = match self {
            ValueColumn::Dates(column) => column.at(i).map(Value::Date),
            ValueColumn::Numbers(numbers) => numbers.at(i).map(Value::from),
            ValueColumn::Texts(column, texts) => column.at(i).map(|text| Value::text(texts.get(text))),
        };
        value.unwrap_or(Value::Unknown)
    }
}

impl Values {
    /// Returns the range of entities that may have values.
    pub fn range(&self) -> Range<u32> {
        self.base..self.base + self.offsets.len().saturating_sub(1) as u32
    }

    /// Returns the number of stated values.
    pub fn len(&self) -> usize {
        self.stated.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the positions of the stated values of an entity; empty outside the range, or if the entity did not
    /// exist.
    pub fn span(&self, entity: EntityId) -> Range<usize> {
        if self.absent.contains(entity.0 as usize) {
            return 0..0;
        }
        let i = entity.0.wrapping_sub(self.base) as usize;
        match self.offsets.part(i..i.saturating_add(2)) {
            Some([start, end]) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// Returns the entity and the value at a position. O(log n).
    pub fn stated(&self, position: u32) -> (EntityId, Value) {
        let row = super::adjacency::row_of(&self.offsets, position);
        (EntityId(self.base + row), self.stated.get(position as usize))
    }

    pub fn fact(&self, position: usize) -> FactId {
        FactId::new(self.first_fact as usize + position).unwrap_or(FactId(u32::MAX))
    }

    /// Returns the settled value; see [`Graph::value`].
    pub fn settled(&self, graph: &Graph, entity: EntityId) -> Value {
        let i = entity.0.wrapping_sub(self.base) as usize;
        if let Some(date) = self.settled.at(i).filter(|_| !self.absent.contains(entity.0 as usize)) {
            let of_part = |part: &Arc<super::Part>| part.dates.get(&entity.0).copied().unwrap_or(Date::UNDATED);
            return Value::Date(self.part.as_ref().map_or(date, of_part));
        }
        let certain = |i: &usize| self.settles(graph, *i);
        // Fast path: a single value needs no list.
        let span = self.span(entity);
        if span.len() == 1 && certain(&span.start) {
            return self.stated.get(span.start);
        }
        let values: Vec<Value> = self.span(entity).filter(certain).map(|i| self.stated.get(i)).collect();
        match <[Value; 1]>::try_from(values) {
            Ok([value]) => value,
            Err(values) if values.is_empty() && matches!(self.stated, ValueColumn::Dates(_)) => {
                Value::Date(Date::UNDATED)
            }
            Err(values) if values.is_empty() => Value::Unknown,
            Err(values) => Value::Many(values.into()),
        }
    }
}

impl Graph {
    /// Returns the types of which every entity has exactly one value, which is certain: a number, or a date of a single
    /// day. Types without entities are among them. O(values) on the first call, then cached.
    pub fn exact_types(&self, property: PropertyId) -> TypeSet {
        let values = self.values(property);
        if !values.absent.has_no_room() || values.part.is_some() {
            return TypeSet::NONE;
        }
        *values.exact.get_or_init(|| {
            let types = (0..self.type_starts.len().saturating_sub(1)).filter_map(TypeId::new);
            let exact = types.filter(|id| values.are_exact(self, self.own_range(*id)));
            exact.fold(TypeSet::NONE, |all, id| all.or(TypeSet::only(id)))
        })
    }

    /// Returns true if all these types are among [`Graph::exact_types`].
    pub fn is_exact(&self, property: PropertyId, types: TypeSet) -> bool {
        types.and(self.exact_types(property)) == types
    }

    /// Returns true if every entity in the property's range is of an exact type: value `i` is that of entity `i`.
    pub fn is_exact_throughout(&self, property: PropertyId) -> bool {
        let range = self.values(property).range();
        let of_type = |id: TypeId| {
            let own = self.own_range(id);
            own.end.min(range.end).saturating_sub(own.start.max(range.start))
        };
        self.exact_types(property).iter().map(of_type).sum::<u32>() == range.end - range.start
    }
}

impl Graph {
    /// Returns the greatest magnitude of a property's numbers; `None` if some are not whole or no float equals them.
    /// O(values) on the first call, then cached.
    pub fn greatest_whole(&self, property: PropertyId) -> Option<f64> {
        let values = self.values(property);
        *values.whole.get_or_init(|| match &values.stated {
            ValueColumn::Numbers(numbers) if numbers.wide.is_empty() => {
                let is_whole = numbers.floats.iter().all(|number| number.fract() == 0.0);
                is_whole.then(|| numbers.floats.iter().fold(0.0, |most: f64, number| most.max(number.abs())))
            }
            _ => None,
        })
    }

    /// Returns the dictionary of the settled values of a property. `None` unless the property is a single-valued date,
    /// or a number of which every entity has exactly one certain value. O(values) on the first call, then cached.
    pub fn ranks(&self, property: PropertyId) -> Option<&ValueDictionary> {
        let values = self.values(property);
        let found = || match &values.stated {
            ValueColumn::Numbers(numbers) => {
                // Floats have no hash, so their bits stand for them.
                Some(Arc::new(ValueDictionary::of(values.base, numbers.floats.iter().map(|number| number.to_bits()))))
            }
            ValueColumn::Dates(_) => Some(Arc::new(ValueDictionary::of(values.base, values.settled.iter().copied()))),
            _ => None,
        };
        self.has_ranks(property).then(|| values.ranks.get_or_init(found).as_deref()).flatten()
    }

    /// Returns true if [`Graph::ranks`] finds a dictionary. O(types).
    pub fn has_ranks(&self, property: PropertyId) -> bool {
        let values = self.values(property);
        let is_encodable = match &values.stated {
            ValueColumn::Numbers(numbers) => self.is_exact_throughout(property) && numbers.wide.is_empty(),
            ValueColumn::Dates(_) => values.settled.len() == values.range().len(),
            _ => false,
        };
        is_encodable && values.absent.has_no_room() && values.part.is_none()
    }
}

impl Values {
    /// Returns true if each of these entities has exactly one value, which is certain and exact.
    fn are_exact(&self, graph: &Graph, entities: Range<u32>) -> bool {
        if entities.is_empty() {
            return true;
        }
        let own = self.range();
        if entities.start < own.start || own.end < entities.end {
            return false;
        }
        let (first, last) = ((entities.start - self.base) as usize, (entities.end - self.base) as usize);
        let offsets = self.offsets.part(first..last + 1).unwrap_or_default();
        let one_each = || offsets.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        let is_certain = |i: usize| !graph.is_doubtful(self.fact(i));
        let certain =
            || !graph.claims.has_doubtful() || offsets.iter().take(last - first).all(|i| is_certain(*i as usize));
        match &self.stated {
            ValueColumn::Numbers(_) => one_each() && certain(),
            ValueColumn::Dates(_) => {
                self.settled.part(first..last).is_some_and(|dates| dates.iter().all(|date| date.is_exact()))
            }
            ValueColumn::Texts(..) => false,
        }
    }
}
