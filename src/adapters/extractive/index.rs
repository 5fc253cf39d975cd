//! The words of the names of tables and columns, and which names have them: nothing in a question is held against all names there are.

use std::collections::{BTreeSet, HashMap};

use super::{
    schema::{ColumnId, Table},
    words::fold,
};

/// Columns of one table that a part of their names may mean. With more it says no more: which one is meant is unsure anyway.
const COLUMNS_OF_A_TABLE: usize = 8;

/// Tables and columns, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Named {
    pub(crate) tables: Vec<usize>,
    pub(crate) columns: Vec<ColumnId>,
}

#[derive(Clone, Copy, Debug)]
enum Name {
    Table(usize),
    Column(ColumnId),
}

/// A word of names, by its number.
pub(crate) type WordId = usize;

#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    words: HashMap<String, WordId>,
    /// Names with the words that they are made of, in order, each once.
    names: Vec<(Name, Vec<WordId>)>,
    /// Names by all of their words.
    whole: HashMap<Vec<WordId>, Named>,
    /// For each word, the names that have it.
    having: Vec<Vec<usize>>,
    /// Names of one word, by its first letters and by its second ones.
    beginnings: HashMap<char, Vec<(String, WordId)>>,
    /// Names as they are written, folded.
    exact: HashMap<String, Named>,
}

impl Index {
    pub(super) fn of(tables: &[Table]) -> Self {
        let mut index = Self::default();
        for (at, table) in tables.iter().enumerate() {
            index.add(Name::Table(at), &table.name, &table.words);
            for (column, told) in table.columns.iter().enumerate().filter(|(_, column)| !column.is_key) {
                index.add(Name::Column(ColumnId { table: at, column }), &told.name, &told.words);
            }
        }
        index
    }

    fn add(&mut self, name: Name, text: &str, words: &[String]) {
        let mut ids: Vec<WordId> = words.iter().map(|word| self.number(word)).collect();
        sort_out(&mut ids);
        if let ([word], [id]) = (words, &ids[..])
            && !self.whole.contains_key(&ids)
        {
            let letters: BTreeSet<char> = word.chars().take(2).collect();
            for letter in letters {
                self.beginnings.entry(letter).or_default().push((word.clone(), *id));
            }
        }
        for named in [self.whole.entry(ids.clone()).or_default(), self.exact.entry(fold(text)).or_default()] {
            match name {
                Name::Table(table) => named.tables.push(table),
                Name::Column(column) => named.columns.push(column),
            }
        }
        for id in &ids {
            self.having[*id].push(self.names.len());
        }
        self.names.push((name, ids));
    }

    fn number(&mut self, word: &str) -> WordId {
        if let Some(id) = self.words.get(word) {
            return *id;
        }
        self.words.insert(word.to_owned(), self.having.len());
        self.having.push(Vec::new());
        self.having.len() - 1
    }

    /// The number of a word in its common form, if any name has it.
    pub(crate) fn word(&self, common: &str) -> Option<WordId> {
        self.words.get(common).copied()
    }

    /// What is called just like this.
    pub(crate) fn exactly(&self, folded: &str) -> Option<&Named> {
        self.exact.get(folded)
    }

    /// What these words name, none of theirs left out.
    pub(crate) fn wholly(&self, mut words: Vec<WordId>) -> Named {
        sort_out(&mut words);
        self.whole.get(&words).cloned().unwrap_or_default()
    }

    /// What these words name as well as any name does: the tables and the columns whose names have them and fewest others.
    pub(crate) fn partly(&self, mut words: Vec<WordId>) -> Named {
        sort_out(&mut words);
        let rarest = words.iter().min_by_key(|word| self.having[**word].len());
        let names = rarest.map_or(&[][..], |word| &self.having[*word][..]).iter().map(|name| &self.names[*name]);
        let fitting = || names.clone().filter(|(_, of_name)| words.iter().all(|word| of_name.contains(word)));
        let fewest = |is_table: bool| {
            let alike = fitting().filter(|(name, _)| matches!(name, Name::Table(_)) == is_table);
            alike.map(|(_, of_name)| of_name.len()).min()
        };
        let (of_tables, of_columns) = (fewest(true), fewest(false));
        let mut named = Named::default();
        let mut in_table = (0, 0);
        for (name, of_name) in fitting() {
            match name {
                Name::Table(table) if Some(of_name.len()) == of_tables => named.tables.push(*table),
                Name::Column(column) if Some(of_name.len()) == of_columns => {
                    let before = if in_table.0 == column.table { in_table.1 } else { 0 };
                    in_table = (column.table, before + 1);
                    if before < COLUMNS_OF_A_TABLE {
                        named.columns.push(*column);
                    }
                }
                Name::Table(_) | Name::Column(_) => {}
            }
        }
        named
    }

    /// What is called by one word that is like this one. Words that have none of the first two letters of it in their own are not.
    pub(crate) fn like(&self, word: &str, is_like: impl Fn(&str) -> bool) -> Named {
        let letters: BTreeSet<char> = word.chars().take(2).collect();
        let candidates = letters.iter().filter_map(|letter| self.beginnings.get(letter)).flatten();
        let alike: BTreeSet<WordId> = candidates.filter(|(other, _)| is_like(other)).map(|(_, id)| *id).collect();
        let mut named = Named::default();
        for id in alike {
            let found = self.wholly(vec![id]);
            named.tables.extend(found.tables);
            named.columns.extend(found.columns);
        }
        named.tables.sort_unstable();
        named.columns.sort_unstable();
        named
    }
}

impl Named {
    pub(crate) fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty()
    }
}

fn sort_out(words: &mut Vec<WordId>) {
    words.sort_unstable();
    words.dedup();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::schema::{Catalogue, phrase_words},
        *,
    };

    fn catalogue() -> Catalogue {
        let many: Vec<String> = (0..50).map(|number| format!("reading {number}")).collect();
        Catalogue::new(&json!({ "tables": [
            { "name": "customer", "columns": ["_id", "name", "monthlySalary", "monthlySalaryTax"], "parent": null },
            { "name": "probe", "columns": many, "parent": null },
            { "name": "customer order", "columns": ["name", "salaryTax"], "parent": null },
        ]}))
    }

    fn words(phrase: &str, index: &Index) -> Vec<WordId> {
        phrase_words(phrase.split(' ')).iter().filter_map(|word| index.word(word)).collect()
    }

    fn column(table: usize, column: usize) -> ColumnId {
        ColumnId { table, column }
    }

    #[test]
    fn names_are_found_by_all_of_their_words_or_by_some() {
        let catalogue = catalogue();
        let index = &catalogue.index;
        let wholly = |phrase| index.wholly(words(phrase, index));
        let partly = |phrase| index.partly(words(phrase, index));
        assert_eq!(wholly("salaries monthly").columns, [column(0, 2)]);
        assert_eq!(wholly("name").columns, [column(0, 1), column(2, 0)]);
        assert!(wholly("salary").is_empty() && wholly("_id").is_empty() && wholly("").is_empty());
        assert_eq!(partly("gehalt").columns, [column(0, 2), column(2, 1)], "with fewest other words");
        assert_eq!(partly("tax").columns, [column(2, 1)]);
        assert_eq!(partly("customer").tables, [0]);
        assert_eq!(index.word("price"), None);
        assert!(index.exactly("monthlysalary").is_some() && index.exactly("salary").is_none());
    }

    #[test]
    fn a_word_that_many_names_have_means_some_of_them() {
        let catalogue = catalogue();
        let index = &catalogue.index;
        assert_eq!(index.partly(words("reading", index)).columns.len(), COLUMNS_OF_A_TABLE);
        assert_eq!(index.wholly(words("reading 30", index)).columns, [column(1, 30)]);
    }

    #[test]
    fn words_like_names_are_looked_for_among_those_that_begin_like_them() {
        let catalogue = catalogue();
        let is_like = |other: &str| strsim::jaro_winkler(other, "ucstomer") >= 0.93;
        assert_eq!(catalogue.index.like("ucstomer", is_like).tables, [0]);
        assert!(catalogue.index.like("zebra", |_| true).is_empty());
    }
}
