//! Names that are unique over the plans of one conversion.

use std::collections::{HashMap, HashSet};

use super::Plan;
use super::naming::{safe_part, safe_table_name};

/// Renames tables so that no name is used twice in the plans of one conversion, without regard to case: a name that
/// several plans use gets the plan's group in front (`JOURNAL.article`), and a number where groups are equal too
/// (`JOURNAL_2.article`).
pub fn make_table_names_unique(plans: &mut [Plan]) {
    let mut uses: HashMap<String, u32> = HashMap::new();
    for table in plans.iter().flat_map(|plan| &plan.tables) {
        *uses.entry(table.name.to_lowercase()).or_default() += 1;
    }
    let is_shared = |name: &str| uses.get(&name.to_lowercase()).is_some_and(|count| *count > 1);
    let mut taken: HashSet<String> = uses.keys().cloned().collect();
    for plan in plans {
        let mut renamed: HashMap<String, String> = HashMap::new();
        for table in plan.tables.iter().filter(|table| is_shared(&table.name)) {
            let name = free_name(&plan.group, &table.name, &taken);
            taken.insert(name.to_lowercase());
            renamed.insert(table.name.clone(), name);
        }
        for table in &mut plan.tables {
            if let Some(name) = renamed.get(&table.name) {
                table.name.clone_from(name);
            }
            if let Some(parent) = &mut table.parent
                && let Some(name) = renamed.get(&parent.table)
            {
                parent.table.clone_from(name);
            }
        }
    }
}

fn free_name(group: &str, name: &str, taken: &HashSet<String>) -> String {
    let group = safe_part(group);
    let candidates = (1_u64..).map(|number| match number {
        1 => safe_table_name(&format!("{group}.{name}")),
        _ => safe_table_name(&format!("{group}_{number}.{name}")),
    });
    candidates.into_iter().find(|candidate| !taken.contains(&candidate.to_lowercase())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversion::limits::Limits;
    use crate::conversion::options::{Layout, Options};
    use crate::conversion::shape::tests::shape_of;

    fn plan(group: &str, document: &str) -> Plan {
        let options = Options { layout: Layout::Relational, ..Options::default() };
        Plan::new(group, &shape_of(document), &options, &Limits::default()).unwrap()
    }

    #[test]
    fn names_used_twice_get_their_group_then_a_number() {
        let order = "<order n='1'><line/><line/></order>";
        let mut plans = [plan("A", order), plan("B", "<Line/>"), plan("A", "<x n='1'><line/><line/></x>")];
        make_table_names_unique(&mut plans);
        let names: Vec<Vec<&str>> =
            plans.iter().map(|plan| plan.tables().iter().map(|table| table.name.as_str()).collect()).collect();
        assert_eq!(names, [vec!["order", "A.line"], vec!["B.Line"], vec!["x", "A_2.line"]]);
    }

    #[test]
    fn links_follow_the_names() {
        let folder = "<folder n='1'><folder n='2'/></folder>";
        let mut plans = [plan("A", folder), plan("B", folder)];
        make_table_names_unique(&mut plans);
        let table = &plans[1].tables()[0];
        assert_eq!((table.name.as_str(), table.parent.as_ref().unwrap().table.as_str()), ("B.folder", "B.folder"));
    }
}
