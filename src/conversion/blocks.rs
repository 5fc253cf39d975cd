//! Questions about all bytes of a text, asked in blocks without a branch inside, which the compiler turns into vector code: the
//! wide ones into the widest instructions that the machine has, which is found out once.

use fearless_simd::{Level, Simd, dispatch};

/// Bytes in a block of a text that is long, and of one that is not.
const LONG: usize = 128;
const MEDIUM: usize = 32;

/// Bytes in a block that is counted: a byte holds the sum.
const COUNTED: usize = 192;

/// Whether any byte is as asked.
#[inline(always)]
pub(crate) fn any_byte<const BLOCK: usize>(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> bool {
    let any = |block: &[u8; BLOCK]| block.iter().fold(false, |found, byte| found | is_so(*byte));
    match bytes.last_chunk::<BLOCK>() {
        // The last block overlaps the one before.
        Some(last) => bytes.as_chunks::<BLOCK>().0.iter().any(any) || any(last),
        None => bytes.iter().any(|byte| is_so(*byte)),
    }
}

/// Whether any byte is as asked, for texts that are worth it.
pub(crate) fn any_byte_wide(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> bool {
    #[inline(always)]
    fn any<S: Simd>(_: S, bytes: &[u8], is_so: impl Fn(u8) -> bool) -> bool {
        if bytes.len() < LONG { any_byte::<MEDIUM>(bytes, is_so) } else { any_byte::<LONG>(bytes, is_so) }
    }
    dispatch!(Level::new(), simd => any(simd, bytes, is_so))
}

/// Whether any byte and the next one are as asked.
#[inline(always)]
fn any_pair<const BLOCK: usize>(bytes: &[u8], are_so: impl Fn(u8, u8) -> bool) -> bool {
    let Some(behind) = bytes.get(1..) else { return false };
    let bytes = &bytes[..behind.len()];
    let any = |block: &[u8; BLOCK], next: &[u8; BLOCK]| {
        block.iter().zip(next).fold(false, |found, (byte, next)| found | are_so(*byte, *next))
    };
    match (bytes.last_chunk::<BLOCK>(), behind.last_chunk::<BLOCK>()) {
        // The last block overlaps the one before.
        (Some(last), Some(last_behind)) => {
            let mut blocks = bytes.as_chunks::<BLOCK>().0.iter().zip(behind.as_chunks::<BLOCK>().0);
            blocks.any(|(block, next)| any(block, next)) || any(last, last_behind)
        }
        _ => bytes.iter().zip(behind).any(|(byte, next)| are_so(*byte, *next)),
    }
}

/// Whether any byte and the next one are as asked, for texts that are worth it.
pub(crate) fn any_pair_wide(bytes: &[u8], are_so: impl Fn(u8, u8) -> bool) -> bool {
    #[inline(always)]
    fn any<S: Simd>(_: S, bytes: &[u8], are_so: impl Fn(u8, u8) -> bool) -> bool {
        if bytes.len() <= LONG { any_pair::<MEDIUM>(bytes, are_so) } else { any_pair::<LONG>(bytes, are_so) }
    }
    dispatch!(Level::new(), simd => any(simd, bytes, are_so))
}

/// How many bytes are as asked.
pub(crate) fn count_bytes(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    #[inline(always)]
    fn count<S: Simd>(_: S, bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
        let in_block = |block: &[u8]| block.iter().map(|byte| u8::from(is_so(*byte))).sum::<u8>();
        let (blocks, rest) = bytes.as_chunks::<COUNTED>();
        let inside: usize = blocks.iter().map(|block| usize::from(in_block(block))).sum();
        inside + usize::from(in_block(rest))
    }
    dispatch!(Level::new(), simd => count(simd, bytes, is_so))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: std::ops::Range<usize> = 0..2 * LONG + 3;

    #[test]
    fn a_byte_is_found_wherever_it_stands() {
        for length in LENGTHS {
            let mut bytes = vec![b'x'; length];
            let is_found = |bytes: &[u8]| any_byte_wide(bytes, |byte| byte == b'!');
            assert!(!is_found(&bytes), "{length}");
            for at in 0..length {
                bytes[at] = b'!';
                assert!(is_found(&bytes), "{at} of {length}");
                assert!(any_byte::<16>(&bytes, |byte| byte == b'!'), "{at} of {length}");
                bytes[at] = b'x';
            }
        }
    }

    #[test]
    fn a_pair_is_found_wherever_it_stands() {
        for length in LENGTHS {
            let mut bytes = vec![b'a'; length];
            let is_found = |bytes: &[u8]| any_pair_wide(bytes, |byte, next| (byte == b'!') & (next == b'?'));
            for at in 0..length.saturating_sub(1) {
                bytes[at] = b'!';
                assert!(!is_found(&bytes), "{at} of {length}");
                bytes[at + 1] = b'?';
                assert!(is_found(&bytes), "{at} of {length}");
                (bytes[at], bytes[at + 1]) = (b'?', b'!');
                assert!(!is_found(&bytes), "{at} of {length}");
                (bytes[at], bytes[at + 1]) = (b'a', b'a');
            }
        }
    }

    #[test]
    fn bytes_are_counted() {
        let count_feeds = |bytes: &[u8]| count_bytes(bytes, |byte| byte == b'\n');
        for length in 0..3 * COUNTED {
            assert_eq!(count_feeds(&vec![b'\n'; length]), length);
            let bytes: Vec<u8> = (0..length).map(|at| b"a\nb\n\r"[at % 5]).collect();
            assert_eq!(count_feeds(&bytes), (length + 3) / 5 + (length + 1) / 5, "{length}");
        }
    }
}
