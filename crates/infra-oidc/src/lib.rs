//! Tokens of OpenID Connect issuers: keys fetched from the issuer, signatures and claims checked, and
//! claims mapped to roles as the configuration says.
//!
//! Who a user is here and what a role allows is for `access` to know. Nothing but what an issuer
//! publishes is fetched; no token leaves the process.

mod algorithm;
mod claims;
mod http;
mod issuer;
mod keys;
mod settings;
mod turns;

pub use algorithm::SigningAlgorithm;
pub use issuer::Issuers;
pub use settings::{IssuerSettings, RoleMapping, SettingsError, check};
