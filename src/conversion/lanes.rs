//! Eight bytes looked at as one number, each in a lane of its own.
//!
//! In the flags that the functions give, the lowest one that is set is exact; a higher one may be wrong. So whether any lane is
//! flagged, and which is the first, can be relied on.

/// Lanes in a word.
pub(crate) const LANES: usize = size_of::<u64>();
const LOW_BITS: u64 = u64::MAX / 0xFF;
const HIGH_BITS: u64 = LOW_BITS << 7;

/// The word at `at`, unless fewer bytes are left.
#[inline]
pub(crate) fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<LANES>().map(|lanes| u64::from_le_bytes(*lanes))
}

/// The same byte in all lanes.
#[inline]
pub(crate) const fn all(byte: u8) -> u64 {
    LOW_BITS * byte as u64
}

/// Flags the lanes of `word` that are as in `wanted`.
#[inline]
pub(crate) const fn equal(word: u64, wanted: u64) -> u64 {
    let difference = word ^ wanted;
    difference.wrapping_sub(LOW_BITS) & !difference & HIGH_BITS
}

/// Flags the lanes below a space: control characters.
#[inline]
pub(crate) const fn below_space(word: u64) -> u64 {
    word.wrapping_sub(all(b' ')) & !word & HIGH_BITS
}

/// Flags the lanes above a space. All of these flags are exact.
#[inline]
pub(crate) const fn above_space(word: u64) -> u64 {
    // A lane of 0x21 to 0x7F has its high bit after the addition, one above has it before; no lane overflows into the next.
    (((word & !HIGH_BITS) + all(0x7F - b' ')) | word) & HIGH_BITS
}

/// The number of the first flagged lane.
#[inline]
pub(crate) const fn first(flags: u64) -> usize {
    (flags.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_flag_is_exact_for_every_byte_in_every_lane() {
        for byte in 0..=u8::MAX {
            for lane in 0..LANES {
                let mut lanes = [b'm'; LANES];
                lanes[lane] = byte;
                let word = word_at(&lanes, 0).unwrap();
                let flagged = |flags: u64| (flags != 0).then(|| first(flags));
                assert_eq!(flagged(equal(word, all(b'<'))), (byte == b'<').then_some(lane), "{byte}");
                assert_eq!(flagged(below_space(word)), (byte < b' ').then_some(lane), "{byte}");
                lanes = [b' '; LANES];
                lanes[lane] = byte;
                let word = word_at(&lanes, 0).unwrap();
                assert_eq!(flagged(above_space(word)), (byte > b' ').then_some(lane), "{byte}");
            }
        }
        assert_eq!(word_at(&[0; 8], 1), None);
    }
}
