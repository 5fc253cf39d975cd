//! What holds for whole kinds of operations, put into the contract once and not at each of them.

use utoipa::openapi::{
    HeaderBuilder, ObjectBuilder, RefOr, Response, ResponseBuilder,
    header::Header,
    path::{Operation, ParameterIn},
    schema::{KnownFormat, SchemaFormat, Type},
};

/// Puts in the answers that an operation can give because of what it takes, and the headers that all of them have, those of the rate limit if its
/// calls are counted.
pub fn complete(operation: &mut Operation, is_counted: bool) {
    let has_body = operation.request_body.is_some();
    let is_json =
        matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key("application/json"));
    let takes_more_than_a_path =
        has_body
            || operation.parameters.iter().flatten().any(
                |parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in != ParameterIn::Path),
            );
    let general = [
        (
            takes_more_than_a_path,
            "400",
            "`invalid_parameter` or `invalid_body`: the detail names the parameter or the member",
        ),
        (operation.security.is_some(), "401", "`not_signed_in`"),
        (is_json, "413", "`body_too_large`"),
        (is_json, "415", "`unsupported_media_type`"),
        (is_counted, "429", "`rate_limited`: `Retry-After` says how long to wait"),
        (is_counted, "503", "`unavailable`: `Retry-After` says when to try again"),
    ];
    let responses = &mut operation.responses.responses;
    for (applies, status, description) in general {
        if applies {
            let general = || RefOr::T(ResponseBuilder::new().description(description).build());
            responses.entry(status.to_owned()).or_insert_with(general);
        }
    }
    for (status, response) in responses {
        let RefOr::T(response) = response else { continue };
        if is_counted {
            add_limits(response);
        }
        if matches!(status.as_str(), "429" | "503") {
            add(response, "Retry-After", "Seconds until it is worth another try.");
        }
    }
}

fn add_limits(response: &mut Response) {
    for (name, description) in [
        ("RateLimit-Limit", "Requests that your address has in a minute."),
        ("RateLimit-Remaining", "Those that are left."),
        ("RateLimit-Reset", "Seconds until there are more."),
    ] {
        add(response, name, description);
    }
}

fn add(response: &mut Response, name: &str, description: &str) {
    let number =
        ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    let header: Header = HeaderBuilder::new().schema(Some(number)).description(Some(description)).build();
    response.headers.entry(name.to_owned()).or_insert(RefOr::T(header));
}
