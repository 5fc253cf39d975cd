//! One pass under a plan made from a sample, in one go or in stretches, gives what two passes give, or says that it does not.

use proptest::prelude::*;

use ret::conversion::{
    Emitter, Error, Joint, Layout, Limits, Misfit, Options, ParserOptions, Plan, Row, RowKeys, RowPart, RowSink,
    Sample, Scan, Scanner, Seam, SinglePass, Stretch, Structure,
};

use super::generate::{Nesting, any_options, documents};
use super::parts::rows_by_parts;

/// What a stretch makes, in order.
#[derive(Default)]
struct Kept {
    events: Vec<Event>,
}

enum Event {
    Row(usize, Vec<Option<String>>),
    BeforeKeys(RowKeys, Vec<Option<String>>),
    Rest(RowPart),
}

fn cells(row: Row<'_>) -> Vec<Option<String>> {
    row.cells().map(|cell| cell.map(str::to_owned)).collect()
}

impl RowSink for Kept {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        self.events.push(Event::Row(table, cells(row)));
        Ok(())
    }

    fn rest_of_row(&mut self, rest: RowPart) -> Result<(), Error> {
        self.events.push(Event::Rest(rest));
        Ok(())
    }

    fn row_before_keys(&mut self, keys: RowKeys, rest: Row<'_>) -> Result<(), Error> {
        self.events.push(Event::BeforeKeys(keys, cells(rest)));
        Ok(())
    }
}

fn scan(document: &str) -> Scan {
    let mut scanner = Scanner::new(&Limits::default());
    scanner.feed(document.as_bytes()).unwrap();
    scanner.finish_scan().unwrap()
}

fn stored(scan: &Scan) -> String {
    serde_json::to_string(&scan.shape).unwrap()
}

type Table = Vec<Vec<Option<String>>>;

/// What two passes make: the rows of each table.
fn reference(document: &str, options: &Options) -> (Plan, Vec<Table>) {
    let plan = Plan::new("GROUP", &scan(document).shape, options, &Limits::default()).unwrap();
    let mut emitter = Emitter::new(&plan, Kept::default());
    emitter.begin_document("x.xml").unwrap();
    emitter.feed(document.as_bytes()).unwrap();
    emitter.end_document().unwrap();
    let kept = emitter.finish().unwrap();
    let mut tables = vec![Vec::new(); plan.tables().len()];
    for event in kept.events {
        let Event::Row(table, cells) = event else { panic!("a whole document") };
        tables[table].push(cells);
    }
    (plan, tables)
}

/// How much of a document is looked at.
#[derive(Clone, Copy, Debug)]
enum Looks {
    Head,
    /// Also a stretch in the middle, and the end.
    Everywhere,
}

fn sample(document: &str, head: usize, looks: Looks, options: &Options) -> Option<(Sample, Plan)> {
    let head = document.floor_char_boundary(head.min(document.len()));
    let bytes = document.as_bytes();
    let mut sample = Sample::new(&bytes[..head], &Limits::default(), ParserOptions::default())?;
    if let Looks::Everywhere = looks {
        let behind = &bytes[head..];
        sample.add(&behind[behind.len() / 3..behind.len() / 2]);
        sample.add_end(&behind[behind.len() * 2 / 3..]);
    }
    let plan = Plan::new("GROUP", sample.shape(), options, &Limits::default()).ok()?;
    Some((sample, plan))
}

/// One pass in one go; the rows if they are good.
fn in_one_go(document: &str, plan: &Plan, options: &Options) -> Option<Vec<Table>> {
    let mut pass = SinglePass::new(plan, "x.xml", Kept::default());
    document.as_bytes().chunks(13).for_each(|piece| pass.feed(piece).unwrap());
    let (found, kept) = pass.finish().unwrap();
    assert_eq!(stored(&found), stored(&scan(document)));
    let last = Plan::new("GROUP", &found.shape, options, &Limits::default()).unwrap();
    let kept = kept.filter(|_| plan.makes_same_rows(&last))?;
    let mut tables = vec![Vec::new(); plan.tables().len()];
    for event in kept.events {
        let Event::Row(table, cells) = event else { panic!("a whole document") };
        tables[table].push(cells);
    }
    Some(tables)
}

/// Where stretches of so many bytes begin.
fn boundaries(document: &str, sample: &Sample, head: usize, length: usize) -> Vec<usize> {
    let bytes = document.as_bytes();
    let mut found: Vec<usize> =
        (head..bytes.len()).step_by(length).filter_map(|at| Some(at + sample.find_boundary(&bytes[at..])?)).collect();
    found.dedup();
    found
}

/// Puts rows together and collects them.
struct Collected<'t> {
    tables: &'t mut Vec<Table>,
}

impl RowSink for Collected<'_> {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        self.tables[table].push(cells(row));
        Ok(())
    }
}

/// One pass in stretches: what the whole was found to be, and the rows if all was as planned.
fn in_stretches(
    document: &str,
    sample: &Sample,
    plan: &Plan,
    begins: &[usize],
) -> Result<(Scan, Option<Vec<Table>>), Misfit> {
    let mut joint = Joint::new(plan, sample).ok_or(Misfit)?;
    let mut tables: Vec<Table> = vec![Vec::new(); plan.tables().len()];
    let mut seam = Seam::new();
    let starts: Vec<usize> = std::iter::once(0).chain(begins.iter().copied()).collect();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).copied();
        let mut stretch = Stretch::new(plan, sample, *start as u64, "x.xml", Some(Kept::default())).ok_or(Misfit)?;
        for piece in document.as_bytes()[*start..end.unwrap_or(document.len())].chunks(17) {
            stretch.feed(piece).map_err(|_| Misfit)?;
        }
        let stretch = match end {
            Some(_) => stretch.stop().map_err(|_| Misfit)?.ok_or(Misfit)?,
            None => stretch.finish().map_err(|_| Misfit)?,
        };
        let Some(filled) = joint.join(stretch)? else { continue };
        for event in filled.sink.events {
            match event {
                Event::Row(table, cells) => tables[table].push(cells),
                Event::BeforeKeys(keys, rest) => {
                    let keys_of_row = filled.keys.numbers(&keys).map(|number| number.map(|number| number.to_string()));
                    tables[keys.table()].push(keys_of_row.chain(rest).collect());
                }
                Event::Rest(rest) => {
                    seam.row_ended(&rest, &mut Collected { tables: &mut tables }).map_err(|_| Misfit)?;
                }
            }
        }
        if seam.part_ended(filled.open).is_err() {
            return Err(Misfit);
        }
    }
    let is_as_planned = joint.is_as_planned();
    Ok((joint.finish()?, is_as_planned.then_some(tables)))
}

/// Answers whether both ways gave rows.
fn check(document: &str, head: usize, length: usize, options: &Options) -> (bool, bool) {
    check_after(Looks::Everywhere, document, head, length, options);
    check_after(Looks::Head, document, head, length, options)
}

fn check_after(looks: Looks, document: &str, head: usize, length: usize, options: &Options) -> (bool, bool) {
    let (plan, tables) = reference(document, options);
    let Some((sample, guess)) = sample(document, head, looks, options) else { return (false, false) };
    let once = in_one_go(document, &guess, options);
    if let Some(once) = &once {
        assert_eq!(once, &tables);
    }
    if !sample.has_boundaries() {
        return (once.is_some(), false);
    }
    let begins = boundaries(document, &sample, head, length);
    if begins.is_empty() {
        return (once.is_some(), false);
    }
    let Ok((found, rows)) = in_stretches(document, &sample, &guess, &begins) else { return (once.is_some(), false) };
    assert_eq!(stored(&found), stored(&scan(document)));
    // A second pass that begins at the checkpoints found.
    let (by_parts, whole) = (found.into_shape().1, scan(document).into_shape().1);
    assert_eq!(rows_by_parts(&plan, document, &by_parts), rows_by_parts(&plan, document, &whole));
    let rows = rows.filter(|_| guess.makes_same_rows(&plan));
    if let Some(rows) = &rows {
        assert_eq!(rows, &tables);
    }
    (once.is_some(), rows.is_some())
}

/// A document whose root, or the one element in it, holds `records`.
fn wrapped(records: &str, depth: usize) -> String {
    let (open, close) = if depth == 1 { ("<list>", "</list>") } else { ("<list><part n='1'>", "</part></list>") };
    format!("{open}<head x='1'>h</head>{records}{close}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_single_pass_is_right_or_says_that_it_is_not(
        documents in prop_oneof![documents(Nesting::Recursive), documents(Nesting::Levelled)],
        options in any_options(),
        share in 1_usize..100,
        length in 1_usize..80,
    ) {
        let document = &documents[0];
        check(document, document.len() * share / 100, length, &options);
    }

    #[test]
    fn documents_of_many_records_too(
        documents in documents(Nesting::Levelled),
        options in any_options(),
        count in 20_usize..60,
        length in 1_usize..400,
        depth in 1_usize..3,
        late in "(<late>1</late>|<head x='2'/>|<!-- <r > -->|text|)",
    ) {
        let roots: Vec<&str> = documents.iter().filter_map(|document| document.split_once("?>")).map(|(_, root)| root).collect();
        let mut records: Vec<&str> = (0..count).map(|number| roots[number % roots.len()]).collect();
        records.insert(count * 2 / 3, &late);
        let document = wrapped(&records.concat(), depth);
        check(&document, document.len() / 3, length, &options);
    }
}

#[test]
fn like_records_take_one_pass() {
    let record = |n: usize| {
        let lines: String =
            (0..1 + n % 3).map(|line| format!("<line n='{line}'><sku>{n}-{line}</sku></line>")).collect();
        format!("<x:order id='{n}'>\n<by>B, {n}</by>{lines}</x:order>\r\n")
    };
    let records: String = (0..60).map(record).collect();
    let values = |layout| (Options { layout, ..Options::default() }, (true, true));
    // Positions are counted from the beginning, so there are no stretches.
    let complete = (Options { structure: Structure::Complete, ..Options::default() }, (true, false));
    for (options, passes) in [values(Layout::Relational), values(Layout::Flat), values(Layout::Auto), complete] {
        for depth in [1, 2] {
            let document =
                format!("\u{feff}{}", wrapped(&records, depth).replacen("<list", "<list xmlns:x='urn:x'", 1));
            for length in [50, 300, 1_000] {
                assert_eq!(
                    check(&document, document.len() / 3, length, &options),
                    passes,
                    "{options:?} {depth} {length}"
                );
            }
        }
    }
}

#[test]
fn what_is_late_is_noticed() {
    let records = |n: usize| "<i><a>1</a><b>2</b></i>".repeat(n);
    for late in
        ["<i><a>1</a><c>3</c></i>", "<i><a>1</a><a>2</a></i>", "<i>text<a>1</a></i>", "<j/>", "text", "<i a='1'/>"]
    {
        let document = wrapped(&format!("{}{late}{}", records(40), records(3)), 1);
        let options = Options { layout: Layout::Relational, ..Options::default() };
        assert_eq!(check(&document, document.len() / 3, 200, &options), (false, false), "{late}");
    }
}

#[test]
fn guesses_inside_comments_and_other_elements_are_found_out() {
    let records = |n: usize| "<i><a>1</a><b>2</b></i>".repeat(n);
    let options = Options { layout: Layout::Relational, ..Options::default() };
    let harmless = "<!-- <i> --><i/>";
    let misleading = [format!("<!--{}-->", records(20)), format!("<i><a><![CDATA[{}]]></a></i>", records(20))];
    for late in &misleading {
        let document = wrapped(&format!("{}{late}{}", records(40), records(3)), 1);
        for length in [10, 50, 200] {
            assert_eq!(check(&document, document.len() / 3, length, &options), (true, false), "{late}");
        }
    }
    let document = wrapped(&format!("{}{harmless}{}", records(40), records(3)), 1);
    assert_eq!(check(&document, document.len() / 3, 200, &options), (true, true));
}

#[test]
fn elements_around_that_begin_anew_are_noticed_wherever_they_do() {
    let records = |n: usize| "<i><a>1</a></i>".repeat(n);
    let many = records(60);
    // The first repeats `x` where its element ends; the second has as many of it before as behind.
    for (before, behind) in [("<x><z>2</z></x>", "<x><y>3</y><z>4</z></x>"), ("<x/>", "<x/>")] {
        let document = format!(
            "<list><part n='0'><x><y>0</y></x>{many}</part><part n='1'><x><y>1</y></x>{many}{before}</part>\
             <part n='2'>{behind}{}</part></list>",
            records(2)
        );
        for layout in [Layout::Relational, Layout::Flat] {
            for record in [None, Some("/list/part".to_owned())] {
                let options = Options { layout, record, ..Options::default() };
                for head in [document.len() / 5, document.len() * 2 / 3] {
                    for length in [100, 400, 1_000] {
                        check(&document, head, length, &options);
                    }
                }
            }
        }
    }
}

#[test]
fn records_inside_their_own_kind_are_read_as_ever() {
    let document = format!("<r><i>0{}</i></r>", "<i a='1'><n>2</n></i>".repeat(60));
    for length in [20, 100, 300] {
        let options = Options { layout: Layout::Relational, ..Options::default() };
        assert_eq!(check(&document, 600, length, &options), (true, false));
    }
}

#[test]
fn a_look_beyond_a_limit_or_into_recursion_is_a_poor_guess_and_no_more() {
    let items = "<i><a>1</a></i>".repeat(60);
    let limits = Limits { paths: 6, ..Limits::default() };
    for late in ["<i><b/><c/><d/><e/><f/></i>", "<i><s><s/><s><s/></s></s></i>"] {
        let document = format!("<r>{items}{late}{items}</r>");
        let mut sample = Sample::new(&document.as_bytes()[..600], &limits, ParserOptions::default()).unwrap();
        assert!(sample.has_boundaries());
        sample.add(&document.as_bytes()[700..1_200]);
        sample.add_end(&document.as_bytes()[1_500..]);
        assert!(Plan::new("GROUP", sample.shape(), &Options::default(), &limits).is_ok(), "{late}");
        assert_eq!(sample.has_boundaries(), late.contains("<s>"), "{late}");
        check(&document, 600, 100, &Options::default());
    }
}
