//! What must hold among the attributes of one tag: no name twice, no prefix undeclared, no expanded name twice.

use super::fault::{Fault, excerpt};
use super::handler::Attribute;
use super::namespaces::Namespaces;
use super::options::OR_IGNORE_NAMESPACES;

/// Up to so many attributes are compared pair by pair; more are sorted first, so that the work never grows with the square.
const FEW_ATTRIBUTES: usize = 24;

/// Sees that no two attributes have the same name; the fault stands at `at`, the place of the tag.
#[inline]
pub(super) fn check_distinct(attributes: &[Attribute<'_>], order: &mut Vec<usize>, at: usize) -> Result<(), Fault> {
    let twice = if attributes.len() <= FEW_ATTRIBUTES {
        find_equal_pair(attributes)
    } else {
        find_equal_by_sorting(attributes, order)
    };
    match twice {
        None => Ok(()),
        Some(index) => {
            let name = excerpt(attributes[index].name);
            Err(Fault::malformed(at, format!("the attribute {name} is given twice in one tag; remove one of them")))
        }
    }
}

/// The index of the second of two attributes of one name among few. Names are compared by four bytes first, which tell nearly
/// all of them apart.
fn find_equal_pair(attributes: &[Attribute<'_>]) -> Option<usize> {
    let mut fingerprints = [0_u32; FEW_ATTRIBUTES];
    for (index, attribute) in attributes.iter().enumerate() {
        let name = attribute.name.as_bytes();
        let fingerprint = match *name {
            [first, .., last] => u32::from_le_bytes([first, last, name[name.len() / 2], name.len() as u8]),
            [only] => u32::from(only),
            [] => 0,
        };
        let (earlier, rest) = fingerprints.split_at_mut(index);
        let may_equal = earlier.iter().fold(false, |any, &known| any | (known == fingerprint));
        if may_equal && attributes[..index].iter().any(|known| known.name == attribute.name) {
            return Some(index);
        }
        rest[0] = fingerprint;
    }
    None
}

/// Sees that the prefixes of the attributes are declared and that no two attributes are the same by namespace and local name.
/// Their names as written are known to differ.
pub(super) fn check_prefixes(
    attributes: &[Attribute<'_>],
    namespaces: &Namespaces,
    order: &mut Vec<usize>,
    at: usize,
) -> Result<(), Fault> {
    let mut prefixed = 0;
    for (prefix, _) in attributes.iter().filter_map(prefix_and_local) {
        if namespaces.uri(prefix).is_none() {
            return Err(undeclared_prefix(prefix, at));
        }
        prefixed += 1;
    }
    if prefixed < 2 {
        return Ok(());
    }
    let expanded = |index: usize| {
        let (prefix, local) = prefix_and_local(&attributes[index])?;
        Some((local, namespaces.uri(prefix)))
    };
    order.clear();
    order.extend((0..attributes.len()).filter(|&index| prefix_and_local(&attributes[index]).is_some()));
    order.sort_unstable_by_key(|&index| expanded(index));
    let Some(pair) = order.windows(2).find(|pair| expanded(pair[0]) == expanded(pair[1])) else { return Ok(()) };
    let name = namespaces.resolve_attribute(attributes[pair[0]].name);
    let (local, uri) = (excerpt(name.local), excerpt(name.uri));
    let detail = format!(
        "two attributes of one tag are both named {local} in the namespace {uri}; remove one of them{OR_IGNORE_NAMESPACES}"
    );
    Err(Fault::malformed(at, detail))
}

/// The parts of the name of an attribute that has a prefix and is no declaration.
fn prefix_and_local<'a>(attribute: &Attribute<'a>) -> Option<(&'a str, &'a str)> {
    attribute.name.split_once(':').filter(|&(prefix, _)| prefix != "xmlns")
}

pub(super) fn undeclared_prefix(prefix: &str, at: usize) -> Fault {
    let prefix = excerpt(prefix);
    Fault::malformed(
        at,
        format!(
            "the prefix {prefix} is not declared; declare it with xmlns:{prefix}=\"…\" on this element or outside\
             {OR_IGNORE_NAMESPACES}"
        ),
    )
}

/// The index of one of two attributes of one name, found by sorting.
fn find_equal_by_sorting(attributes: &[Attribute<'_>], order: &mut Vec<usize>) -> Option<usize> {
    order.clear();
    order.extend(0..attributes.len());
    order.sort_unstable_by_key(|&index| attributes[index].name);
    order.windows(2).find(|pair| attributes[pair[0]].name == attributes[pair[1]].name).map(|pair| pair[0])
}

#[cfg(test)]
mod tests {
    use super::super::names::NameId;
    use super::*;

    #[test]
    fn equal_names_are_found_among_few_and_many() {
        for count in 2..30 {
            let names: Vec<String> = (0..count).map(|number| format!("a{number}")).collect();
            let mut attributes: Vec<_> =
                names.iter().map(|name| Attribute { name, value: "", name_id: NameId::UNKNOWN }).collect();
            assert_eq!(check_distinct(&attributes, &mut Vec::new(), 0), Ok(()));
            attributes[count - 1].name = "a0";
            assert!(check_distinct(&attributes, &mut Vec::new(), 0).is_err(), "{count}");
        }
    }

    #[test]
    fn equal_expanded_names_are_found() {
        let mut namespaces = Namespaces::new();
        namespaces.enter([("p", "u"), ("q", "u"), ("r", "v")].into_iter()).expect("allowed");
        let check = |names: &[&str]| {
            let attributes: Vec<_> =
                names.iter().map(|name| Attribute { name, value: "", name_id: NameId::UNKNOWN }).collect();
            check_prefixes(&attributes, &namespaces, &mut Vec::new(), 0)
        };
        assert_eq!(check(&["p:a", "r:a", "a", "q:b", "xmlns:z"]), Ok(()));
        assert!(check(&["p:a", "q:a"]).is_err());
        assert!(check(&["z:a"]).is_err());
    }
}
