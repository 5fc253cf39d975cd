//! Large values are compressed below the process: they cross a network, and lie in stores that are paid by size.

use bytes::Bytes;

use crate::ports::{StoreError, error::StoreErrorKind};

/// What a compressed value starts with; then come its length (8 bytes, little endian) and a Zstandard frame.
const MARK: &[u8; 8] = b"\0ret.zst";

const HEADER: usize = MARK.len() + 8;

/// Larger values stay as they are; a length beyond this is damage.
const LENGTH_AT_MOST: usize = 1 << 30;

/// Compresses values above a size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compression {
    pub(super) above: usize,
}

impl Compression {
    /// A value as the tiers below keep it.
    pub(super) async fn pack(self, value: &Bytes) -> Result<Bytes, StoreError> {
        // What looks as if it were compressed is, so that it is not taken for that when it comes back.
        let looks_packed = value.starts_with(MARK);
        if !looks_packed && (value.len() <= self.above || value.len() > LENGTH_AT_MOST) {
            return Ok(value.clone());
        }
        let plain = value.clone();
        let packed = off_the_threads(move || compress(&plain)).await?;
        Ok(if packed.len() < value.len() || looks_packed { packed } else { value.clone() })
    }

    /// The value that was packed.
    pub(super) async fn unpack(self, kept: Bytes) -> Result<Bytes, StoreError> {
        if kept.starts_with(MARK) { off_the_threads(move || decompress(&kept)).await } else { Ok(kept) }
    }
}

fn compress(plain: &[u8]) -> std::io::Result<Bytes> {
    let mut packed = Vec::with_capacity(HEADER + plain.len() / 4);
    packed.extend_from_slice(MARK);
    packed.extend_from_slice(&(plain.len() as u64).to_le_bytes());
    packed.extend_from_slice(&zstd::bulk::compress(plain, zstd::DEFAULT_COMPRESSION_LEVEL)?);
    Ok(packed.into())
}

fn decompress(packed: &[u8]) -> std::io::Result<Bytes> {
    let damaged = || std::io::Error::new(std::io::ErrorKind::InvalidData, "a compressed value is damaged");
    let length = packed.get(MARK.len()..HEADER).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    let length = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length <= LENGTH_AT_MOST);
    let length = length.ok_or_else(damaged)?;
    let plain = zstd::bulk::decompress(packed.get(HEADER..).unwrap_or_default(), length)?;
    if plain.len() == length { Ok(plain.into()) } else { Err(damaged()) }
}

/// Milliseconds for each megabyte: not on the threads that everybody waits for.
async fn off_the_threads(work: impl FnOnce() -> std::io::Result<Bytes> + Send + 'static) -> Result<Bytes, StoreError> {
    let failed = |error| StoreError::new(StoreErrorKind::Internal, "tiered cache", "compress", error);
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| failed(std::io::Error::other(error)))?.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn there_and_back(value: Bytes) -> usize {
        let compression = Compression { above: 100 };
        let packed = compression.pack(&value).await.unwrap();
        let length = packed.len();
        assert_eq!(compression.unpack(packed).await.unwrap(), value);
        length
    }

    #[tokio::test]
    async fn every_value_comes_back() {
        assert_eq!(there_and_back(Bytes::from(vec![b'a'; 100])).await, 100, "at the size it stays as it is");
        assert!(there_and_back(Bytes::from(vec![b'a'; 5000])).await < 100, "above it is compressed");
        let noise: Vec<u8> = (0..200_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        assert_eq!(there_and_back(Bytes::from(noise)).await, 800, "what does not get smaller stays as it is");
        there_and_back(Bytes::new()).await;
        there_and_back([MARK.as_slice(), b"not a frame"].concat().into()).await;
    }

    #[tokio::test]
    async fn damage_is_an_error() {
        let compression = Compression { above: 100 };
        let packed = compression.pack(&Bytes::from(vec![b'a'; 5000])).await.unwrap();
        assert!(compression.unpack(packed.slice(..packed.len() - 1)).await.is_err());
        let mut longer = packed.to_vec();
        longer[MARK.len()] ^= 1;
        assert!(compression.unpack(longer.into()).await.is_err());
        let mut huge = packed.to_vec();
        huge[HEADER - 1] = 0xff;
        assert!(compression.unpack(huge.into()).await.is_err());
        assert!(compression.unpack(Bytes::from_static(MARK)).await.is_err());
    }
}
