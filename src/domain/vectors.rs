//! Vectors of rows: each number in a byte, and of long ones their signs, a bit for each.
//!
//! A vector's direction says what its text means; how long it is says nothing. So each vector has a scale of its own, which need not be kept.

use fearless_simd::{Level, Simd, dispatch};

/// Bytes of a part's first line.
const MOST_HEADER_BYTES: usize = 1_024;

/// Vectors of rows that follow each other, as they came from a model together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorBatch {
    /// Who made them; vectors of different models cannot be compared.
    pub model: String,
    /// Numbers of a vector.
    pub dimensions: usize,
    /// The last row that was read for them, which may have none itself.
    pub last: i64,
    /// Rows by their numbers in the index.
    pub rows: Vec<i64>,
    /// Their vectors one after the other.
    pub numbers: Vec<i8>,
}

impl VectorBatch {
    /// A batch of no rows.
    #[must_use]
    pub fn new(model: &str, last: i64) -> Self {
        Self { model: model.to_owned(), dimensions: 0, last, rows: Vec::new(), numbers: Vec::new() }
    }

    /// Adds the vector of a row; `false` if it has not as many numbers as those before.
    pub fn push(&mut self, row: i64, vector: &[f32]) -> bool {
        if self.rows.is_empty() {
            self.dimensions = vector.len();
        }
        if vector.len() != self.dimensions || vector.is_empty() {
            return false;
        }
        self.rows.push(row);
        self.numbers.extend(coarse(vector));
        true
    }

    /// Rows and their vectors.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &[i8])> {
        self.rows.iter().copied().zip(self.numbers.chunks_exact(self.dimensions.max(1)))
    }

    /// To be kept until all batches are there: a line that says what follows, the rows, the numbers.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let header = serde_json::json!({
            "model": self.model, "dimensions": self.dimensions, "last": self.last, "rows": self.rows.len(),
        });
        let mut bytes = format!("{header}\n").into_bytes();
        bytes.extend(self.rows.iter().flat_map(|row| row.to_le_bytes()));
        bytes.extend(self.numbers.iter().map(|number| number.cast_unsigned()));
        bytes
    }

    /// What `to_bytes` made; `None` if these bytes are something else, or not all.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().take(MOST_HEADER_BYTES).position(|byte| *byte == b'\n')?;
        let header: serde_json::Value = serde_json::from_slice(&bytes[..end]).ok()?;
        let number = |name: &str| usize::try_from(header[name].as_u64()?).ok();
        let (dimensions, count) = (number("dimensions")?, number("rows")?);
        let (rows, numbers) = bytes[end + 1..].split_at_checked(count.checked_mul(size_of::<i64>())?)?;
        if numbers.len() != count.checked_mul(dimensions)? {
            return None;
        }
        Some(Self {
            model: header["model"].as_str()?.to_owned(),
            dimensions,
            last: header["last"].as_i64()?,
            rows: rows.as_chunks().0.iter().map(|row| i64::from_le_bytes(*row)).collect(),
            numbers: numbers.iter().map(|number| number.cast_signed()).collect(),
        })
    }
}

/// The vector with each number in a byte: the greatest becomes 127.
#[must_use]
pub fn coarse(vector: &[f32]) -> Vec<i8> {
    let greatest = vector.iter().fold(0.0_f32, |greatest, number| greatest.max(number.abs()));
    let scale = if greatest > 0.0 { 127.0 / greatest } else { 0.0 };
    vector.iter().map(|number| (number * scale).round() as i8).collect()
}

/// The signs of a vector in bytes, a multiple of eight: a bit is set where the number is above zero.
#[must_use]
pub fn signs(vector: &[i8]) -> Vec<u8> {
    let mut bits = vec![0_u8; sign_bytes(vector.len())];
    for (place, number) in vector.iter().enumerate() {
        bits[place / 8] |= u8::from(*number > 0) << (place % 8);
    }
    bits
}

/// Bytes that the signs of a vector take.
#[must_use]
pub fn sign_bytes(dimensions: usize) -> usize {
    dimensions.div_ceil(64) * 8
}

/// How near each of these vectors is to the first one, by the cosine of the angle between: 1 for the same direction, 0 for nothing in common.
pub fn cosines(vector: &[i8], others: &[u8], out: &mut Vec<f32>) {
    #[inline(always)]
    fn all<S: Simd>(_: S, vector: &[i8], others: &[u8], out: &mut Vec<f32>) {
        let own = product(vector.iter().map(|a| (*a, *a)));
        for other in others.chunks_exact(vector.len()) {
            let common = product(vector.iter().zip(other).map(|(a, b)| (*a, b.cast_signed())));
            let its_own = product(other.iter().map(|b| (b.cast_signed(), b.cast_signed())));
            let length = (own as f32 * its_own as f32).sqrt();
            out.push(if length > 0.0 { common as f32 / length } else { 0.0 });
        }
    }
    out.clear();
    if !vector.is_empty() {
        dispatch!(Level::new(), simd => all(simd, vector, others, out));
    }
}

/// The greatest vector of 65,535 numbers comes to half of what fits.
#[inline(always)]
fn product(pairs: impl Iterator<Item = (i8, i8)>) -> i32 {
    pairs.map(|(a, b)| i32::from(a) * i32::from(b)).sum()
}

/// In how many signs each of these differs from the first.
pub fn differing(signs: &[u8], others: &[u8], out: &mut Vec<u32>) {
    #[inline(always)]
    fn all<S: Simd>(_: S, signs: &[u8], others: &[u8], out: &mut Vec<u32>) {
        let (signs, _) = signs.as_chunks::<8>();
        for other in others.as_chunks::<8>().0.chunks_exact(signs.len()) {
            let word = |(a, b): (&[u8; 8], &[u8; 8])| (u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b)).count_ones();
            out.push(signs.iter().zip(other).map(word).sum());
        }
    }
    out.clear();
    if signs.len() >= 8 {
        dispatch!(Level::new(), simd => all(simd, signs, others, out));
    }
}

/// Numbers by chance around zero, as those of models are; the same in each run.
#[cfg(test)]
pub(crate) fn by_chance(seed: u64, dimensions: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 2_001) as f32 / 1_000.0 - 1.0
    };
    (0..dimensions).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsigned(numbers: &[i8]) -> Vec<u8> {
        numbers.iter().map(|number| number.cast_unsigned()).collect()
    }

    fn exact(a: &[f32], b: &[f32]) -> f32 {
        let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        product(a, b) / (product(a, a) * product(b, b)).sqrt()
    }

    #[test]
    fn a_byte_for_each_number_keeps_the_angle() {
        for dimensions in [1, 7, 64, 384, 1_536, 3_072] {
            for seed in 1..20 {
                let (a, b) = (by_chance(seed, dimensions), by_chance(seed + 100, dimensions));
                let mixed: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + b / 3.0).collect();
                for (a, b) in [(&a, &b), (&a, &mixed), (&a, &a)] {
                    let mut found = Vec::new();
                    cosines(&coarse(a), &unsigned(&coarse(b)), &mut found);
                    let wanted = exact(a, b);
                    assert!((found[0] - wanted).abs() < 0.012, "{dimensions}: {} for {wanted}", found[0]);
                }
            }
        }
    }

    #[test]
    fn a_vector_of_nothing_is_near_to_nothing() {
        let mut found = Vec::new();
        cosines(&coarse(&[0.0, 0.0]), &unsigned(&[3, 4, 0, 0]), &mut found);
        assert_eq!(found, [0.0, 0.0]);
        cosines(&[], &[1, 2], &mut found);
        assert!(found.is_empty());
    }

    #[test]
    fn greatest_numbers_do_not_overflow() {
        let vector = vec![-128_i8; usize::from(u16::MAX)];
        let mut found = Vec::new();
        cosines(&vector, &unsigned(&vector), &mut found);
        assert!((found[0] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn signs_differ_as_often_as_they_do() {
        for dimensions in [1, 63, 64, 65, 300, 1_536] {
            let (a, b) = (coarse(&by_chance(3, dimensions)), coarse(&by_chance(4, dimensions)));
            let wanted = a.iter().zip(&b).filter(|(a, b)| (**a > 0) != (**b > 0)).count();
            let others = [signs(&b), signs(&a)].concat();
            assert_eq!(others.len(), 2 * sign_bytes(dimensions));
            let mut found = Vec::new();
            differing(&signs(&a), &others, &mut found);
            assert_eq!(found, [u32::try_from(wanted).unwrap(), 0]);
        }
    }

    #[test]
    fn a_batch_is_read_as_it_was_kept() {
        let mut batch = VectorBatch::new("a \"model\"\n", 1 << 41);
        assert!(batch.push(7, &[0.5, -1.0, 0.0]) && batch.push(1 << 40, &[0.0, 0.0, 2.0]));
        assert!(!batch.push(9, &[1.0]));
        let bytes = batch.to_bytes();
        assert_eq!(VectorBatch::from_bytes(&bytes), Some(batch.clone()));
        let read: Vec<_> = batch.iter().collect();
        assert_eq!(read, [(7, &[64, -127, 0][..]), (1 << 40, &[0, 0, 127])]);
        for length in 0..bytes.len() {
            assert_eq!(VectorBatch::from_bytes(&bytes[..length]), None, "{length}");
        }
        let empty = VectorBatch::new("m", 3);
        assert_eq!(VectorBatch::from_bytes(&empty.to_bytes()), Some(empty));
    }
}
