//! The endpoint by which the platform gives a process its identity, in the protocol of App Service, which Functions have too.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// What proves to the endpoint that the question comes from the process.
const HEADER: &str = "the header of this process";

/// A running endpoint. It runs as long as the test.
pub struct Identity {
    address: SocketAddr,
    state: Arc<Mutex<Given>>,
}

/// What it answers, and what it was asked.
struct Given {
    /// `None`: it is out of order.
    token: Option<(String, Duration)>,
    asked: Vec<String>,
}

impl Identity {
    /// Starts it with a token that it gives for every resource, and how long that holds from each question on.
    pub async fn start(token: &str, lifetime: Duration) -> Self {
        let state = Arc::new(Mutex::new(Given { token: Some((token.to_owned(), lifetime)), asked: Vec::new() }));
        let router = Router::new().route("/msi/token", get(answer)).with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state }
    }

    /// The settings by which a process finds it, as the platform sets them.
    pub fn settings(&self) -> Vec<(String, String)> {
        vec![
            ("IDENTITY_ENDPOINT".to_owned(), format!("http://{}/msi/token", self.address)),
            ("IDENTITY_HEADER".to_owned(), HEADER.to_owned()),
        ]
    }

    /// Gives another token from now on.
    pub fn give(&self, token: &str, lifetime: Duration) {
        self.state.lock().unwrap().token = Some((token.to_owned(), lifetime));
    }

    /// Gives none from now on.
    pub fn fail(&self) {
        self.state.lock().unwrap().token = None;
    }

    /// The resources that tokens were asked for, one for each question.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

async fn answer(
    State(given): State<Arc<Mutex<Given>>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> (StatusCode, Json<Value>) {
    let knows_header = headers.get("x-identity-header").is_some_and(|value| value == HEADER);
    let (true, Some(resource)) = (knows_header, query.get("resource")) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "message": "no header or no resource" })));
    };
    let mut given = given.lock().unwrap();
    given.asked.push(resource.clone());
    let Some((token, lifetime)) = given.token.clone() else {
        return (StatusCode::FORBIDDEN, Json(json!({ "message": "out of order" })));
    };
    let ends = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + lifetime;
    let body = json!({
        "access_token": token,
        "client_id": query.get("client_id"),
        "expires_on": ends.as_secs().to_string(),
        "resource": resource,
        "token_type": "Bearer",
    });
    (StatusCode::OK, Json(body))
}
