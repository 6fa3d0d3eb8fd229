//! `POST /priority/levels`

use axum::extract::State;
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::Invalid;
use priority::CreateLevel;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::LevelBody;
use crate::{App, priority::words};

#[derive(Deserialize, ToSchema)]
#[schema(as = PriorityLevelCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct LevelCreate {
    /// 1 is the most important, 9 the least. Unique within the organisation.
    #[schema(minimum = 1, maximum = 9)]
    level: u8,
    #[schema(max_length = 64)]
    name: String,
    #[schema(max_length = 500)]
    description: Option<String>,
}

impl LevelCreate {
    fn command(self) -> Result<CreateLevel, Invalid> {
        let mut invalid = Invalid::default();
        let level = words::level(self.level, &mut invalid);
        invalid.into_result()?;
        Ok(CreateLevel { level, name: self.name, description: self.description })
    }
}

/// Name a number of the scale. The first takes the place of the usual levels.
#[utoipa::path(
    post,
    path = "/priority/levels",
    tag = "priority",
    request_body = LevelCreate,
    responses((status = 201, description = "The level.", body = LevelBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn priority_level_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<LevelCreate>,
) -> Answer<Created<LevelBody>> {
    let level = app.priorities.level_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/api/v1/priority/levels/{}", level.id), level.version);
    Ok(Created::new(location, LevelBody::from(level)).version(version))
}
