//! Rows of `path …` and `paths …`: for each binding, one shortest, all shortest or all acyclic paths between the ends
//! of the path.

use super::{RowSet, SortableRow};
use crate::answer::{Cell, Head, Row};
use crate::exec::bindings::{Bindings, Certainty, too_long};
use crate::exec::edges::Edges;
use crate::exec::limits::{Stop, stop};
use crate::exec::search::automaton::Automaton;
use crate::exec::search::enumerate::Walks;
use crate::exec::search::product::{Hop, ProductGraph};
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
        limits::admit(rows.len())?;
        if sure == Certainty::Possible {
            hidden += 1;
            continue;
        }
        let frame = found.frame(i);
        let (from, to) = (entity_of(paths.subject, &frame), entity_of(paths.object, &frame));
        let mut push = |hops: &[Hop]| {
            let path = std::iter::once(from).chain(hops.iter().map(|hop| hop.to)).map(EntityId).collect();
            let mut cells = vec![Cell::Path(path)];
            if let WhichPaths::Cheapest { property, .. } = paths.which {
                let mut sum = Sum::default();
                hops.iter().filter_map(|hop| cost(context, property, hop.to)).for_each(|number| sum.add(number));
                cells.push(Cell::Value(Value::from(sum.total())));
            }
            let row = Row { cells, certain: sure == Certainty::Certain };
            rows.push(SortableRow { row, keys: Vec::new(), sure, adds: Vec::new() });
        };
        // The path of a certain binding must consist of certain facts.
        let product = &products[usize::from(sure != Certainty::Certain)];
        match paths.which {
            WhichPaths::OneShortest => {
                product.shortest(from, to, &mut budget).map_err(stop)?.iter().for_each(|hops| push(hops));
            }
            which => {
                let mut visit = |hops: &[Hop]| {
                    push(hops);
                    Ok(())
                };
                let listed = match which {
                    WhichPaths::Cheapest { property, all } => {
                        let cost = |entity: u32| Some(cost(context, property, entity)?.to_f64());
                        product.cheapest(from, to, (&cost, all), &mut budget, &mut visit)
                    }
                    WhichPaths::Acyclic => product.enumerate(from, to, Walks::Acyclic, &mut budget, &mut visit),
                    _ => product.all_shortest(from, to, &mut budget, &mut visit),
                };
                listed.map_err(stop)?;
            }
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
