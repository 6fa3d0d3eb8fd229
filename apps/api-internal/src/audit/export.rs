//! `GET /admin/audit/export`

use std::sync::Arc;

use access::{AuditFilter, AuditRecord};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderName, header},
};
use chrono::{DateTime, SecondsFormat, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use http_kit::{Answer, Caller, Problem, ValidQuery};
use kernel::{Cursor, Limit, Page, PageRequest, Scope};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{AuditBody, VerbWord};
use crate::App;

/// Entries read at a time: what an export holds in memory, however long the trail.
const AT_ONCE: Limit = match Limit::new(Limit::MAX) {
    Some(limit) => limit,
    None => unreachable!(),
};

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportFormat {
    /// One JSON object a line, as entries are listed.
    #[default]
    Ndjson,
    /// RFC 4180, with a line of names first.
    Csv,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    #[serde(default)]
    #[param(inline, required = false)]
    format: ExportFormat,
    /// The kind of thing changed: `vehicle`, `depot`, `user`, …
    resource: Option<String>,
    resource_id: Option<Uuid>,
    /// The user, API key or charge point that made the change.
    actor_id: Option<Uuid>,
    #[param(inline)]
    verb: Option<VerbWord>,
    /// The request that made the change.
    request_id: Option<String>,
    /// Part of what was changed, before or after, in any case.
    text: Option<String>,
    /// Inclusive.
    from: Option<DateTime<Utc>>,
    /// Exclusive.
    to: Option<DateTime<Utc>>,
}

impl From<ExportQuery> for AuditFilter {
    fn from(query: ExportQuery) -> Self {
        Self {
            resource: query.resource,
            resource_id: query.resource_id,
            actor_id: query.actor_id,
            verb: query.verb.map(Into::into),
            request_id: query.request_id,
            text: query.text,
            from: query.from,
            to: query.to,
        }
    }
}

/// The whole trail that the fields name, the newest first, sent while it is read. A failure on the
/// way ends the connection, so that half an export is never taken for a whole one.
#[utoipa::path(
    get,
    path = "/admin/audit/export",
    tag = "administration",
    params(ExportQuery),
    responses((status = 200, description = "All entries.",
               content((String = "application/x-ndjson"), (String = "text/csv"))))
)]
pub(crate) async fn audit_export(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidQuery(query): ValidQuery<ExportQuery>,
) -> Answer<([(HeaderName, &'static str); 2], Body)> {
    let format = query.format;
    let export = Arc::new(Export { app, scope, filter: query.into() });
    // Whoever may not read the trail learns so before anything is sent.
    let first = export.page(None).await?;
    let pages = stream::try_unfold(Some(first), move |page: Option<Page<AuditRecord>>| {
        let export = export.clone();
        async move {
            let Some(page) = page else { return Ok(None) };
            let next = match page.next {
                Some(after) => Some(export.page(Some(after)).await?),
                None => None,
            };
            Ok::<_, Problem>(Some((page.items, next)))
        }
    });
    let written = pages.map_err(|problem| std::io::Error::other(format!("{problem:?}"))).map(move |page| {
        let page = page?;
        let bytes = match format {
            ExportFormat::Ndjson => lines(page)?,
            ExportFormat::Csv => rows(page)?,
        };
        Ok::<_, std::io::Error>(Bytes::from(bytes))
    });
    let (kind, name, head) = match format {
        ExportFormat::Ndjson => ("application/x-ndjson", "attachment; filename=\"audit.ndjson\"", ""),
        ExportFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\"", NAMES),
    };
    let head = stream::iter((!head.is_empty()).then(|| Ok(Bytes::from_static(head.as_bytes()))));
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(head.chain(written))))
}

struct Export {
    app: App,
    scope: Scope,
    filter: AuditFilter,
}

impl Export {
    async fn page(&self, after: Option<Cursor>) -> Result<Page<AuditRecord>, Problem> {
        let page = PageRequest { limit: AT_ONCE, after };
        Ok(self.app.access.audit.audit_list(&self.scope, &self.filter, page).await?)
    }
}

fn lines(page: Vec<AuditRecord>) -> Result<Vec<u8>, std::io::Error> {
    let mut lines = Vec::new();
    for record in page {
        serde_json::to_writer(&mut lines, &AuditBody::from(record))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

const NAMES: &str = "id,at,actor_type,actor_id,verb,resource,resource_id,before,after,request_id,address\r\n";

fn rows(page: Vec<AuditRecord>) -> Result<Vec<u8>, std::io::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for record in page {
        let text = |value: Option<String>| value.unwrap_or_default();
        let verb = serde_json::to_value(VerbWord::from(record.verb))?;
        writer.write_record([
            record.id.to_string(),
            record.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            record.actor.kind().to_owned(),
            text(record.actor.id().map(|id| id.to_string())),
            verb.as_str().unwrap_or_default().to_owned(),
            record.resource,
            record.resource_id.to_string(),
            text(record.before.map(|value| value.to_string())),
            text(record.after.map(|value| value.to_string())),
            text(record.request_id),
            text(record.address.map(|address| address.to_string())),
        ])?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}
