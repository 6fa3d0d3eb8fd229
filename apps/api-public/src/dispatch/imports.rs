//! `POST /dispatch/imports`

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use dispatch::{Format, ImportReport, RowError};
use http_kit::{Answer, Caller, ProblemBody, RequestId, Upload, ValidQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// Ten thousand rows of JSON with every member.
pub(crate) const LARGEST_IMPORT: usize = 8 * 1024 * 1024;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Check the file and say what would become of it, without storing anything.
    #[serde(default)]
    dry_run: bool,
}

/// One run of a file, in JSON. What is absent stays as it is where the run exists; `null` clears.
#[derive(ToSchema)]
#[schema(as = RunImportRow)]
#[expect(dead_code, reason = "describes the rows; the domain reads them")]
pub(crate) struct ImportRow {
    /// The depot's code or id.
    depot: String,
    /// The day of the departure by the depot's calendar, unless told.
    service_date: Option<NaiveDate>,
    /// Names the run, with depot and service date.
    block: String,
    /// RFC 3339, or a local time of the depot: `2026-03-02T05:30`, or `05:30` beside a service date.
    departure_at: String,
    /// As the departure; `04:15` is on the next day where it is not after the departure.
    arrival_at: String,
    distance_km: Option<f64>,
    energy_required_kwh: Option<f64>,
    required_soc_percent: Option<f64>,
    minimum_soc_percent: Option<f64>,
    /// The vehicle's fleet number or id.
    vehicle: Option<String>,
    vehicle_class: Option<String>,
    #[schema(minimum = 1, maximum = 9)]
    priority_level: Option<u8>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RunImport)]
pub(crate) struct ImportBody {
    /// Rows of the file, without its header.
    rows: usize,
    created: usize,
    updated: usize,
    /// Runs that were as the file says already.
    unchanged: usize,
    /// By row; empty where the file was taken.
    errors: Vec<RowErrorBody>,
    /// How many more errors there are than are told.
    omitted_errors: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RunImportError)]
pub(crate) struct RowErrorBody {
    /// Counted from 1, without the header; 0 for the file as a whole.
    row: usize,
    #[schema(required)]
    column: Option<String>,
    /// Into the array of a JSON body, rows counted from 0.
    pointer: String,
    code: &'static str,
    detail: String,
}

/// A problem that also is the report of the import.
#[derive(Serialize, ToSchema)]
#[schema(as = RunImportRefused)]
pub(crate) struct RefusedBody {
    #[serde(flatten)]
    problem: ProblemBody,
    #[serde(flatten)]
    report: ImportBody,
}

impl From<ImportReport> for ImportBody {
    fn from(report: ImportReport) -> Self {
        Self {
            rows: report.rows,
            created: report.created,
            updated: report.updated,
            unchanged: report.unchanged,
            errors: report.errors.into_iter().map(RowErrorBody::from).collect(),
            omitted_errors: report.omitted_errors,
        }
    }
}

impl From<RowError> for RowErrorBody {
    fn from(error: RowError) -> Self {
        let mut pointer = error.row.checked_sub(1).map(|index| format!("/{index}")).unwrap_or_default();
        if let Some(column) = &error.column {
            pointer.push('/');
            pointer.push_str(&column.replace('~', "~0").replace('/', "~1"));
        }
        Self { row: error.row, column: error.column, pointer, code: error.code, detail: error.detail }
    }
}

fn refused(report: ImportBody) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let problem = ProblemBody {
        kind: "/docs/errors#invalid".to_owned(),
        title: status.canonical_reason().unwrap_or_default().to_owned(),
        status: status.as_u16(),
        detail: Some("the file breaks rules; nothing was stored".to_owned()),
        code: "invalid".to_owned(),
        request_id: RequestId::current().map(|id| id.as_str().to_owned()),
        errors: Vec::new(),
    };
    let kind = HeaderValue::from_static("application/problem+json");
    (status, [(header::CONTENT_TYPE, kind)], Json(RefusedBody { problem, report })).into_response()
}

/// Import runs from a file: all of them, or none.
///
/// Runs are known by depot, service date and block: those that exist are changed, the others made.
/// CSV has a header with the names of the JSON members as columns, separated by commas, semicolons or
/// tabs. At most 10,000 rows and 8 MiB.
#[utoipa::path(
    post,
    path = "/dispatch/imports",
    tag = "dispatch",
    params(ImportQuery),
    request_body(content((Vec<ImportRow> = "application/json"), (String = "text/csv"))),
    responses(
        (status = 200, description = "Nothing new, or a dry run.", body = ImportBody),
        (status = 201, description = "Runs were made.", body = ImportBody),
        (status = 422, description = "Rows break rules; nothing was stored.", body = RefusedBody,
         content_type = "application/problem+json"),
    )
)]
pub(crate) async fn run_import(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidQuery(query): ValidQuery<ImportQuery>,
    upload: Upload,
) -> Answer<Response> {
    let format = match upload.media_type.as_str() {
        "text/csv" => Format::Csv,
        "application/json" => Format::Json,
        _ => return Err(Upload::unsupported("the body must be `text/csv` or `application/json`")),
    };
    let report = app.dispatch.runs_import(&scope, format, &upload.body, query.dry_run).await?;
    if !report.errors.is_empty() {
        return Ok(refused(report.into()));
    }
    let status = if report.created > 0 && !query.dry_run { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(ImportBody::from(report))).into_response())
}
