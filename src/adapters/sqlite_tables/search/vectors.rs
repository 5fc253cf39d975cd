//! The vectors of rows: gathered in a file of their own, and looked through for those that are near to another.
//!
//! A library for this would have to be registered with SQLite by unsafe code, and then be there for statements from outside too. Looking at
//! all vectors takes less time than it sounds, and misses none: what has many numbers is looked at by its signs first, a bit for each number,
//! and only the rows that agree in the most are compared in full.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use rusqlite::{Connection, Error, OpenFlags};

use super::{
    super::{
        build::BUILD_SETTINGS,
        errors::{io_error, misuse, running_error, store_error},
        gate,
    },
    READING_TIME,
    lookup::stretches,
    source::Source,
};
use crate::{
    domain::vectors::{VectorBatch, coarse, cosines, differing, signs},
    ports::{
        StoreError,
        search::{Meaning, VectorsWriter},
        tables::QueryError,
    },
};

/// Vectors of more numbers are looked at by their signs.
const SHORT: usize = 256;

/// Rows whose signs agree the most that are compared in full.
const MAX_COMPARED: usize = 400;

/// `scanned` has the vectors of a block's rows one after the other if they are short, else their signs; then `vectors` has them too.
const SCHEMA: &str = "
    CREATE TABLE about (dimensions INTEGER NOT NULL) STRICT;
    CREATE TABLE blocks (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, entries BLOB NOT NULL, scanned BLOB NOT NULL) STRICT;
    CREATE TABLE vectors (entry INTEGER PRIMARY KEY, numbers BLOB NOT NULL) STRICT;
";

/// A file of vectors being written.
pub(in super::super) struct Vectors {
    path: PathBuf,
    connection: Connection,
    dimensions: usize,
}

/// Starts a file of vectors.
pub(in super::super) fn vectors(path: &Path) -> Result<Vectors, StoreError> {
    let failed = |error| store_error("create vectors", error);
    File::create_new(path).map_err(|error| io_error("create vectors file", error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.execute_batch(BUILD_SETTINGS).and_then(|()| connection.execute_batch(SCHEMA)).map_err(failed)?;
    Ok(Vectors { path: path.to_owned(), connection, dimensions: 0 })
}

impl VectorsWriter for Vectors {
    fn add(&mut self, batch: &VectorBatch) -> Result<(), StoreError> {
        let failed = |error| store_error("add vectors", error);
        let (Some(first), Some(last)) = (batch.rows.first(), batch.rows.last()) else { return Ok(()) };
        if self.dimensions == 0 {
            self.dimensions = batch.dimensions;
        }
        if self.dimensions != batch.dimensions {
            let what = format!("vectors of {} numbers among those of {}", batch.dimensions, self.dimensions);
            return Err(misuse("add vectors", what));
        }
        let entries: Vec<u8> = batch.rows.iter().flat_map(|row| row.to_le_bytes()).collect();
        let bytes: Vec<u8> = batch.numbers.iter().map(|number| number.cast_unsigned()).collect();
        let is_short = self.dimensions <= SHORT;
        if !is_short {
            let sql = "INSERT INTO vectors (entry, numbers) VALUES (?, ?)";
            let mut insert = self.connection.prepare_cached(sql).map_err(failed)?;
            for (row, numbers) in batch.rows.iter().zip(bytes.chunks_exact(self.dimensions)) {
                insert.execute((row, numbers)).map_err(failed)?;
            }
        }
        let scanned = if is_short { bytes } else { batch.iter().flat_map(|(_, numbers)| signs(numbers)).collect() };
        let sql = "INSERT INTO blocks (first, last, entries, scanned) VALUES (?, ?, ?, ?)";
        let mut insert = self.connection.prepare_cached(sql).map_err(failed)?;
        insert.execute((first, last, entries, scanned)).map_err(failed)?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let failed = |error| store_error("finish vectors", error);
        let dimensions = i64::try_from(self.dimensions).unwrap_or_default();
        self.connection.execute("INSERT INTO about VALUES (?)", [dimensions]).map_err(failed)?;
        self.connection.execute_batch("COMMIT").map_err(failed)?;
        self.connection.close().map_err(|(_, error)| failed(error))?;
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(|error| io_error("finish vectors file", error))
    }
}

/// Rows of these tables whose vectors are nearest to this one, at most so many, the nearest first; rows that have nothing in common with it
/// are not near. What was not looked at until the deadline is not found.
pub(super) fn nearest(
    Meaning { vectors, vector }: &Meaning,
    sources: &[&Source],
    limit: usize,
    deadline: Instant,
    cancelled: &Arc<AtomicBool>,
) -> Result<Vec<i64>, QueryError> {
    let connection = gate::open(vectors)?;
    gate::limit_time(
        &connection,
        deadline.saturating_duration_since(Instant::now()) + READING_TIME,
        Arc::clone(cancelled),
    )?;
    let dimensions: i64 =
        connection.query_row("SELECT dimensions FROM about", [], |row| row.get(0)).map_err(running_error)?;
    if dimensions == 0 {
        return Ok(Vec::new());
    }
    if usize::try_from(dimensions) != Ok(vector.len()) {
        let what = format!("a vector of {} numbers among those of {dimensions}", vector.len());
        return Err(misuse("search vectors", what).into());
    }
    let vector = coarse(vector);
    let mut best = Best { kept: BinaryHeap::new(), most: limit };
    if vector.len() <= SHORT {
        scan(&connection, &Wanted::Short(&vector), sources, deadline, &mut best).map_err(running_error)?;
        return Ok(best.in_order());
    }
    best.most = MAX_COMPARED.max(limit);
    scan(&connection, &Wanted::Signs(&signs(&vector)), sources, deadline, &mut best).map_err(running_error)?;
    compared(&connection, &vector, best, limit).map_err(running_error)
}

/// What a block is compared with.
enum Wanted<'v> {
    Short(&'v [i8]),
    Signs(&'v [u8]),
}

/// Looks through the blocks of these tables.
fn scan(
    connection: &Connection,
    wanted: &Wanted<'_>,
    sources: &[&Source],
    deadline: Instant,
    best: &mut Best,
) -> Result<(), Error> {
    let sql = "SELECT entries, scanned FROM blocks WHERE last >= ? AND first <= ? ORDER BY first";
    let mut select = connection.prepare(sql)?;
    let (mut near, mut differences) = (Vec::new(), Vec::new());
    for (first, last) in stretches(sources) {
        let mut blocks = select.query((first, last))?;
        while let Some(block) = blocks.next()? {
            let (entries, scanned) = (block.get_ref(0)?.as_blob()?, block.get_ref(1)?.as_blob()?);
            let entries = entries.as_chunks().0.iter().map(|entry| i64::from_le_bytes(*entry));
            let within = |entry: &i64| (first..=last).contains(entry);
            match wanted {
                Wanted::Short(vector) => {
                    cosines(vector, scanned, &mut near);
                    let near = near.iter().map(|near| (near * 1e6) as i32);
                    entries.zip(near).filter(|(entry, near)| *near > 0 && within(entry)).for_each(|row| best.add(row));
                }
                Wanted::Signs(signs) => {
                    differing(signs, scanned, &mut differences);
                    let near = differences.iter().map(|differing| -differing.cast_signed());
                    entries.zip(near).filter(|(entry, _)| within(entry)).for_each(|row| best.add(row));
                }
            }
            if Instant::now() >= deadline {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The nearest of these rows by their whole vectors.
fn compared(connection: &Connection, vector: &[i8], best: Best, limit: usize) -> Result<Vec<i64>, Error> {
    let mut candidates = best.in_order();
    candidates.sort_unstable();
    let mut select = connection.prepare("SELECT numbers FROM vectors WHERE entry = ?")?;
    let mut nearest = Best { kept: BinaryHeap::new(), most: limit };
    let mut near = Vec::new();
    for entry in candidates {
        let mut rows = select.query([entry])?;
        if let Some(row) = rows.next()? {
            cosines(vector, row.get_ref(0)?.as_blob()?, &mut near);
            near.iter().filter(|near| **near > 0.0).for_each(|near| nearest.add((entry, (near * 1e6) as i32)));
        }
    }
    Ok(nearest.in_order())
}

/// The best rows until now; of equal ones those that come first.
struct Best {
    kept: BinaryHeap<Reverse<(i32, Reverse<i64>)>>,
    most: usize,
}

impl Best {
    fn add(&mut self, (entry, score): (i64, i32)) {
        let row = Reverse((score, Reverse(entry)));
        if self.kept.len() < self.most {
            self.kept.push(row);
        } else if let Some(mut worst) = self.kept.peek_mut()
            && row < *worst
        {
            *worst = row;
        }
    }

    fn in_order(self) -> Vec<i64> {
        self.kept.into_sorted_vec().into_iter().map(|Reverse((_, Reverse(entry)))| entry).collect()
    }
}
