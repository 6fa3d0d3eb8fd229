//! The configuration of every server: `manage.toml`, each key overridable by the environment.
//!
//! `MANAGE_<SECTION>__<KEY>` overrides a key (`MANAGE_DATABASE__URL`, `MANAGE_DATA_DIR`), and
//! `MANAGE_<SECTION>__<KEY>_FILE` names a file that holds it, for secrets. Unknown keys are refused.

mod load;
mod sections;

pub use load::ConfigError;
pub use sections::{
    Admin, Auth, Charging, Config, Connect, LogFormat, MailSecurity, MessageLog, ORGANISATION, Public,
    Secret, Server, Store, retention,
};
