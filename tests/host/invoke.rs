//! The default way to call a function: `POST /{name}` with JSON, and JSON as the answer.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::{
    HOST_VERSION,
    answer::{Answer, Output, classify},
    client::{Call, Framing, exchange},
    function::Function,
    ids::new_id,
    invocation::{InvocationError, Invoker},
    logs::Level,
    worker::Handler,
};

pub const INVOCATION_ID: HeaderName = HeaderName::from_static("x-azure-functions-invocationid");
pub const VERSION: HeaderName = HeaderName::from_static("x-azure-functions-hostversion");

impl Invoker {
    /// Calls a function with the body of [`super::encode::body`]; the lines that it answers are logged.
    pub async fn invoke(&self, function: &Function, body: Vec<u8>) -> Result<Output, InvocationError> {
        let id = new_id().to_string();
        let body = Bytes::from(body);
        let call = |handler: Handler| {
            let call = call(function, &id, handler.port, body);
            async move {
                let response = exchange(&self.client, call, self.redirects).await;
                match classify(&response.map_err(|error| InvocationError::Failed(error.to_string()))?) {
                    Answer::Success(output) => Ok(output),
                    Answer::Failure(problem) => Err(InvocationError::Failed(problem)),
                    Answer::Hang => std::future::pending().await,
                }
            }
        };
        let output = self.run(function, &id, call).await?;
        let category = format!("Function.{}.User", function.name);
        for line in &output.logs {
            self.logs.write(Level::Information, &category, line);
        }
        Ok(output)
    }
}

/// The host does not know the length of what it writes, so the body is chunked.
fn call(function: &Function, id: &str, port: u16, body: Bytes) -> Call {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::USER_AGENT, value(&user_agent()));
    headers.insert(VERSION, HeaderValue::from_static(HOST_VERSION));
    headers.insert(INVOCATION_ID, value(id));
    let uri = format!("http://127.0.0.1:{port}/{}", function.name);
    Call { method: Method::POST, uri, headers, body, framing: Framing::Chunked }
}

/// How the host calls itself.
pub fn user_agent() -> String {
    format!("Azure-Functions-Host/{HOST_VERSION}")
}

/// A header's value; what cannot be one is empty.
pub fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
