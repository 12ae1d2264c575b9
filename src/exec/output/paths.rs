//! Rows of `path …` and `paths …`: for each binding, one shortest, all shortest or all acyclic paths between the ends
//! of the path.

use super::{RowSet, SortableRow};
use crate::answer::{Cell, Head, Row};
use crate::exec::bindings::{Bindings, Certainty, too_long};
use crate::exec::edges::Edges;
use crate::exec::limits::{Halt, Stop};
use crate::exec::search::automaton::Automaton;
use crate::exec::search::enumerate::Walks;
use crate::exec::search::product::ProductGraph;
use crate::exec::{Context, Mode, NULL_SLOT};
use crate::graph::EntityId;
use crate::limits;
use crate::plan::{Paths, Term, WhichPaths};
use crate::schema::{PropertyId, TypeSet};
use crate::value::{Number, Sum, Value};

/// Returns one row per path, and the number of bindings that are only possible, for which no path is searched.
///
/// # Errors
/// A limit or Ctrl-C stopped it, or the path has more states than the engine takes.
pub(crate) fn rows(context: &Context, edges: &Edges, paths: &Paths, found: &Bindings) -> Result<RowSet, Stop> {
    let automaton = Automaton::of(&paths.path, false).ok_or_else(too_long)?;
    let products = [Mode::CERTAIN, Mode::POSSIBLE].map(|mode| ProductGraph::new(edges, &automaton, paths.source, mode));
    let mut budget = context.budget();
    let (mut rows, mut hidden) = (Vec::new(), 0);
    for (i, (_, sure)) in found.iter().enumerate() {
        if sure == Certainty::Possible {
            hidden += 1;
            continue;
        }
        let frame = found.frame(i);
        let (from, to) = (entity_of(paths.subject, &frame), entity_of(paths.object, &frame));
        // One binding may have any number of paths, in the order of the rows.
        let (mut made, most) = (0, paths.most.unwrap_or(usize::MAX));
        let mut visit = |entities: &[u32]| {
            if made == most {
                return Err(Halt::Enough);
            }
            made += 1;
            let path = std::iter::once(&from).chain(entities).copied().map(EntityId).collect();
            let mut cells = vec![Cell::Path(path)];
            if let WhichPaths::Cheapest { property, .. } = paths.which {
                let mut sum = Sum::default();
                entities
                    .iter()
                    .filter_map(|entity| cost(context, property, *entity))
                    .for_each(|number| sum.add(number));
                cells.push(Cell::Value(Value::from(sum.total())));
            }
            let row = Row { cells, certain: sure == Certainty::Certain };
            rows.push(SortableRow { row, keys: Vec::new(), sure, adds: Vec::new() });
            Ok(limits::admit(rows.len())?)
        };
        // The path of a certain binding must consist of certain facts.
        let product = &products[usize::from(sure != Certainty::Certain)];
        let listed = match paths.which {
            WhichPaths::OneShortest => product.shortest(from, to, &mut budget).and_then(|hops| {
                let entities = hops.map(|hops| hops.iter().map(|hop| hop.to).collect::<Vec<u32>>());
                entities.map_or(Ok(()), |entities| visit(&entities))
            }),
            WhichPaths::Cheapest { property, all } => {
                let cost = |entity: u32| Some(cost(context, property, entity)?.to_f64());
                product.cheapest(from, to, (&cost, all), &mut budget, &mut visit)
            }
            WhichPaths::Acyclic => product.enumerate(from, to, Walks::Acyclic, &mut budget, &mut visit),
            WhichPaths::AllShortest => product.all_shortest(from, to, &mut budget, &mut visit),
        };
        match listed {
            Err(Halt::Enough) | Ok(()) => {}
            Err(Halt::Stop(stop)) => return Err(stop),
        }
    }
    let head = |title: &str, numeric: bool| Head { title: title.to_string(), numeric, types: TypeSet::NONE };
    let mut columns = vec![head("path", false)];
    if let WhichPaths::Cheapest { property, .. } = paths.which {
        columns.push(head(&context.graph.schema().property(property).name, true));
    }
    Ok(RowSet { columns, rows, order: Vec::new(), hidden })
}

/// Returns the number that entering an entity costs; `None` if none is recorded, or several are.
fn cost(context: &Context, property: PropertyId, entity: u32) -> Option<Number> {
    context.graph.value(EntityId(entity), property).number()
}

/// Returns the entity of a term; [`NULL_SLOT`] if it is absent.
pub(crate) fn entity_of(term: Term, frame: &[u32]) -> u32 {
    match term {
        Term::Entity(entity) => entity.0,
        Term::Var(var) => frame.get(var.0 as usize).copied().unwrap_or(NULL_SLOT),
    }
}
