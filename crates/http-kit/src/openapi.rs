//! The document of an API: what its conventions add to every operation, and how it is served.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{ObjectBuilder, SchemaType, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::problem::{FieldProblem, ProblemBody};

const BEARER: &str = "bearer";

/// The answers that follow from conventions rather than from one endpoint: status, name, meaning.
const PROBLEMS: [(&str, &str, &str); 10] = [
    ("400", "BadRequest", "The request cannot be read."),
    ("401", "Unauthenticated", "No valid credentials."),
    ("403", "Forbidden", "The caller lacks the permission."),
    ("404", "NotFound", "Absent, or not the caller's."),
    ("409", "Conflict", "The state of the resource does not allow it; `code` says why."),
    ("412", "Stale", "`If-Match` names an older version."),
    ("413", "BodyTooLarge", "The body is larger than allowed."),
    ("415", "UnsupportedMediaType", "The body is not JSON."),
    ("422", "Invalid", "Fields break rules; `errors` names each."),
    ("default", "Failed", "Any other problem: ours (500), or try again later (429, 503)."),
];

/// Adds to every operation what the conventions of all endpoints imply: bearer authentication
/// (unless the operation says `security(())`), the problems it can answer with, `Idempotency-Key`
/// on POST and `If-Match` on PATCH, PUT and DELETE.
pub fn document_conventions(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme(
        BEARER,
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    components.schemas.insert(ProblemBody::name().into(), ProblemBody::schema());
    components.schemas.insert(FieldProblem::name().into(), FieldProblem::schema());
    for (_, name, meaning) in PROBLEMS {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build();
        let response =
            ResponseBuilder::new().description(meaning).content("application/problem+json", content);
        components.responses.insert(name.to_owned(), response.build().into());
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            describe(path, method, operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", item.get.as_mut()),
        ("put", item.put.as_mut()),
        ("post", item.post.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

fn describe(path: &str, method: &str, operation: &mut Operation) {
    let open =
        operation.security.as_ref().is_some_and(|wanted| wanted.contains(&SecurityRequirement::default()));
    if open {
        operation.security = Some(Vec::new());
    } else {
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])]);
    }
    let parameters = operation.parameters.get_or_insert_default();
    if method == "post" && !open {
        parameters.push(header_parameter(
            "Idempotency-Key",
            "Makes the request repeatable: the same key with the same request gets the first answer again.",
        ));
    }
    let guarded = matches!(method, "put" | "patch" | "delete");
    if guarded {
        parameters.push(header_parameter("If-Match", "The `ETag` that was seen; another version is a 412."));
    }
    let asked = parameters.iter().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        RefOr::Ref(_) => false,
    });
    let body = operation.request_body.is_some();
    for (status, name, _) in PROBLEMS {
        let applies = match status {
            "400" => body || asked || guarded || (method == "post" && !open),
            "401" | "403" => !open,
            "404" => path.contains('{'),
            "409" => method != "get" && !open,
            "412" => guarded,
            "413" | "415" | "422" => body,
            _ => true,
        };
        if applies {
            let problem = RefOr::Ref(Ref::from_response_name(name));
            operation.responses.responses.entry(status.to_owned()).or_insert(problem);
        }
    }
}

fn header_parameter(name: &str, description: &str) -> RefOr<Parameter> {
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(text))
        .build()
        .into()
}

/// `/openapi.json`, `/docs` and `/docs/errors`. The page brings everything it shows.
pub(crate) fn routes(document: &OpenApi) -> Router {
    let text = Bytes::from(document.to_pretty_json().unwrap_or_default());
    let serve = move || {
        let text = text.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], text) }
    };
    let page = SwaggerUi::new("/docs").config(
        Config::from("/openapi.json")
            // By default the page asks a validator elsewhere what it thinks of the document.
            .validator_url("none")
            .display_request_duration(true)
            .try_it_out_enabled(true),
    );
    Router::new()
        .merge(Router::from(page).layer(from_fn(allow_page)))
        .route("/docs/errors", get(|| async { errors() }))
        .route("/openapi.json", get(serve))
}

fn errors() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], include_str!("../../../docs/ERRORS.md"))
}

/// The rendered page needs its own scripts and styles, and nothing from elsewhere.
async fn allow_page(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                  frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
