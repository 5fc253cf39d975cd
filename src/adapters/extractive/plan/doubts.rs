//! What a plan tells that can be meant in another way.

use super::{
    super::{
        question::{Condition, Doubt, Function, Group, Reading, Test},
        schema::{Catalogue, ColumnId},
    },
    Measure, Plan,
};

pub(super) fn doubts_of(plan: &Plan, reading: &Reading, catalogue: &Catalogue) -> Vec<Doubt> {
    let mut doubts = below(plan, catalogue);
    let measured = plan.measure.table();
    let above = catalogue.upwards(measured);
    let names_row_above = reading.tables.first().is_some_and(|table| above.contains(table))
        && !reading.tables.contains(&measured)
        && is_about_each_row(plan, &above);
    // The average amount per order: of what, the orders or their lines?
    let is_by_row_above =
        matches!(plan.measure, Measure::Aggregate(Function::Average | Function::Least | Function::Greatest, _))
            && reading.groups.iter().any(|group| matches!(group, Group::Table(table) if *table != measured));
    let is_list_without = comes_again(&plan.measure, catalogue)
        && plan.filters.iter().any(|filter| {
            matches!(filter.test, Test::IsNot(_) | Test::Missing) && !measures(&plan.measure, filter.column)
        });
    if names_row_above || is_by_row_above || is_list_without {
        doubts.push(Doubt::EachRow(catalogue.tables[measured].name.clone()));
    }
    // Products sold in Berlin and Hamburg: in both, or in one of them?
    if comes_again(&plan.measure, catalogue) && !reading.is_any {
        let listed = plan.filters.iter().filter(|filter| {
            matches!(&filter.test, Test::Is(values) if values.len() > 1)
                && above.contains(&filter.column.table)
                && !measures(&plan.measure, filter.column)
        });
        let spans = plan.span.iter().filter(|span| span.periods.len() > 1).map(|span| span.column);
        doubts.extend(
            listed.map(|filter| filter.column).chain(spans).map(|column| Doubt::AnyOf(qualified(column, catalogue))),
        );
    }
    let times = plan.dimensions.iter().filter(|dimension| dimension.unit.is_some()).map(|dimension| dimension.column);
    let ordered = match plan.measure {
        Measure::Aggregate(Function::Least | Function::Greatest, column) => Some(column),
        _ => plan.order.and_then(|order| order.column),
    };
    let compared = ordered.into_iter().chain(plan.span.as_ref().map(|span| span.column)).chain(times);
    let has_zones = |column: &ColumnId| catalogue.column(*column).has_zones;
    doubts.extend(compared.filter(has_zones).map(|column| Doubt::AsWritten(qualified(column, catalogue))));
    doubts
}

/// Whether what is told is of rows below those that are named, and would be another figure for these.
fn is_about_each_row(plan: &Plan, above: &[usize]) -> bool {
    match plan.measure {
        Measure::Aggregate(Function::Average | Function::Least | Function::Greatest, _) | Measure::Rows(..) => true,
        // The amount of orders with a Rake: of the Rakes, or of all that was ordered with them?
        Measure::Aggregate(Function::Sum, _) | Measure::Distinct(_) | Measure::Cells(_) => plan
            .filters
            .iter()
            .any(|filter| above.first() == Some(&filter.column.table) && !measures(&plan.measure, filter.column)),
        Measure::Count(_) => false,
    }
}

/// Whether different rows may have what is told.
fn comes_again(measure: &Measure, catalogue: &Catalogue) -> bool {
    let is_of_many = |column: &ColumnId| {
        catalogue.label(column.table) != Some(*column) || catalogue.tables[column.table].parent.is_some()
    };
    match measure {
        Measure::Distinct(column) => is_of_many(column),
        Measure::Cells(columns) => columns.iter().all(is_of_many),
        _ => false,
    }
}

fn measures(measure: &Measure, column: ColumnId) -> bool {
    match measure {
        Measure::Distinct(told) | Measure::Aggregate(_, told) => *told == column,
        Measure::Cells(told) | Measure::Rows(_, told) => told.contains(&column),
        Measure::Count(_) => false,
    }
}

fn qualified(column: ColumnId, catalogue: &Catalogue) -> String {
    format!("{}.{}", catalogue.table(column).name, catalogue.column(column).name)
}

/// Conditions on rows below those that are told can be meant in more than one way.
fn below(plan: &Plan, catalogue: &Catalogue) -> Vec<Doubt> {
    let above = catalogue.upwards(plan.measure.table());
    let below = plan.filters.iter().filter(|filter| !above.contains(&filter.column.table));
    let doubt = |filter: &Condition| match &filter.test {
        Test::Is(values) if values.len() > 1 => Some(Doubt::AnyOf(qualified(filter.column, catalogue))),
        Test::Compare(..) | Test::Range(..) | Test::Missing => {
            Some(Doubt::SomeBelow(qualified(filter.column, catalogue)))
        }
        _ => None,
    };
    below.filter_map(doubt).collect()
}
