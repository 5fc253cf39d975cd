//! Names of "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload).

use http::HeaderName;

/// How many bytes have arrived; of a request, where its bytes go.
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
/// `?1` once all bytes have arrived, `?0` before.
pub const UPLOAD_COMPLETE: HeaderName = HeaderName::from_static("upload-complete");
/// The media type of bytes that go behind others.
pub const PARTIAL_UPLOAD: &str = "application/partial-upload";
