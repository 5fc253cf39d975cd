//! A look into broken documents: the rows that are complete before the place where one is broken.

use std::{fs::File, io::Read, path::Path};

use super::emit::read_some;
use super::preview::{FirstRows, READ_BUFFER, TableRows};
use crate::{
    conversion::{Emitter, Error, Options, Plan, Scanner},
    domain::Document,
    services::Policy,
};

/// The tables of one broken document, and their first rows.
pub(super) struct PartialTables {
    pub(super) path: String,
    pub(super) group: String,
    pub(super) plan: Plan,
    pub(super) rows: TableRows,
}

/// Reads at most `budget` bytes of a document that lies at `file`. `None` if not even an element comes before its fault, or the tables cannot be
/// planned as asked.
pub(super) fn partial_tables(
    document: &Document,
    file: &Path,
    options: &Options,
    policy: &Policy,
    rows: usize,
    budget: u64,
) -> std::io::Result<Option<PartialTables>> {
    let mut scanner = Scanner::with_options(&policy.engine, policy.parser);
    feed_until_fault(file, budget, &mut |piece| scanner.feed(piece))?;
    let Some(shape) = scanner.so_far() else { return Ok(None) };
    let Ok(plan) = Plan::new(&document.group, &shape, options, &policy.engine) else { return Ok(None) };
    let mut sink = FirstRows::new(rows, plan.tables().len());
    let mut emitter = Emitter::new(&plan, &mut sink);
    if emitter.begin_document(&document.path).is_ok() {
        feed_until_fault(file, budget, &mut |piece| emitter.feed(piece))?;
    }
    drop(emitter);
    let (path, group) = (document.path.clone(), document.group.clone());
    Ok(Some(PartialTables { path, group, plan, rows: sink.tables }))
}

/// The fault itself is known from the scan at upload.
fn feed_until_fault(file: &Path, budget: u64, feed: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> std::io::Result<()> {
    let mut source = File::open(file)?.take(budget);
    let mut buffer = vec![0; READ_BUFFER];
    loop {
        let read = read_some(&mut source, &mut buffer)?;
        if read == 0 || feed(&buffer[..read]).is_err() {
            return Ok(());
        }
    }
}
