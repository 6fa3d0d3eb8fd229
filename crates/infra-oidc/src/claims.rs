//! What claims say, by the paths that the configuration names.

use std::collections::BTreeSet;

use access::{ClaimedRole, ForeignClaims, Identity, OrganisationName, Refusal};
use chrono::{DateTime, TimeDelta};
use kernel::Timestamp;
use serde_json::Value;

use crate::settings::IssuerSettings;

/// The longest subject that OpenID Connect allows.
const LONGEST_SUBJECT: usize = 255;

/// Looks at a path into claims. A name with dots in it, as some issuers use, is tried before the dot
/// is taken as a step.
fn at<'a>(claims: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(found) = claims.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(dot, _)| at(claims.get(&path[..dot])?, &path[dot + 1..]))
}

/// A word or a list of words. A text with blanks is one word: else a group called "not
/// administrator" would make administrators.
fn words<'a>(claims: &'a Value, path: &str) -> BTreeSet<&'a str> {
    match at(claims, path) {
        Some(Value::String(word)) => [word.as_str()].into(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    }
}

fn text<'a>(claims: &'a Value, path: &str) -> Option<&'a str> {
    at(claims, path)?.as_str().filter(|text| !text.trim().is_empty())
}

/// Whether the token is good at `now`, for clocks that are `skew` apart.
pub(crate) fn check_times(claims: &Value, now: Timestamp, skew: TimeDelta) -> Result<(), Refusal> {
    if now >= instant(claims, "exp")?.ok_or(Refusal::Claims)? + skew {
        return Err(Refusal::Expired);
    }
    if instant(claims, "nbf")?.is_some_and(|from| now + skew < from) {
        return Err(Refusal::NotYetValid);
    }
    Ok(())
}

/// A time as tokens write it: seconds, perhaps with a fraction, which is cut off.
fn instant(claims: &Value, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what does not fit is no time of day and is refused next"
    )]
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
    // Far enough from the ends of time for a skew to be added.
    let seconds = seconds.filter(|seconds| (0..=253_402_300_799).contains(seconds)).ok_or(Refusal::Claims)?;
    Ok(DateTime::from_timestamp(seconds, 0))
}

/// What the claims of a checked token are worth by the configuration.
pub(crate) fn read(claims: &Value, settings: &IssuerSettings) -> Result<ForeignClaims, Refusal> {
    let subject = text(claims, "sub").filter(|subject| subject.len() <= LONGEST_SUBJECT);
    let subject = subject.ok_or(Refusal::Claims)?;
    let organisation = match (&settings.organisation_claim, &settings.organisation) {
        (Some(claim), _) => text(claims, claim).ok_or(Refusal::Organisation)?,
        (None, fixed) => fixed.as_deref().ok_or(Refusal::Organisation)?,
    };
    let words = words(claims, &settings.roles_claim);
    let roles = settings.roles.iter().filter(|map| words.contains(map.value.as_str()));
    let verified = claims.get("email_verified");
    Ok(ForeignClaims {
        identity: Identity { issuer: settings.issuer.clone(), subject: subject.to_owned() },
        organisation: OrganisationName::read(organisation),
        email: text(claims, &settings.email_claim).map(str::to_owned),
        // Some issuers write it as a word.
        email_verified: verified.is_some_and(|said| *said == true || *said == "true"),
        display_name: text(claims, &settings.name_claim).map(str::to_owned),
        roles: roles
            .map(|map| ClaimedRole { name: map.role.clone(), group: map.resource_group.map(Into::into) })
            .collect(),
        may_link: settings.link_verified_email,
    })
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, testing::FakeClock};
    use serde_json::json;

    use super::*;

    fn settings(change: Value) -> IssuerSettings {
        let mut whole = json!({"issuer": "https://id.example", "audiences": ["manage"], "organisation": "default",
            "roles": [{"value": "ops", "role": "operator"}, {"value": "eyes", "role": "viewer"},
                      {"value": "ops", "role": "viewer", "resource_group": "00000000-0000-0000-0000-000000000001"}]});
        let Value::Object(change) = change else { panic!("a change is an object") };
        whole.as_object_mut().unwrap().extend(change);
        serde_json::from_value(whole).unwrap()
    }

    fn names(claims: &Value, path: &str) -> Vec<String> {
        let read = read(claims, &settings(json!({"roles_claim": path}))).unwrap();
        read.roles.into_iter().map(|role| format!("{} {}", role.name, role.group.is_some())).collect()
    }

    #[test]
    fn a_word_in_the_claim_gives_every_role_that_is_said_of_it() {
        let both = ["operator false", "viewer true"];
        assert_eq!(names(&json!({"sub": "1", "roles": ["ops", "other", 7]}), "roles"), both);
        assert_eq!(names(&json!({"sub": "1", "roles": "ops"}), "roles"), both);
        let keycloak = json!({"sub": "1", "realm_access": {"roles": ["eyes"]}});
        assert_eq!(names(&keycloak, "realm_access.roles"), ["viewer false"]);
        let dotted = json!({"sub": "1", "https://id.example/roles": ["eyes"], "a": {"b.c": {"d": "eyes"}}});
        assert_eq!(names(&dotted, "https://id.example/roles"), ["viewer false"]);
        assert_eq!(names(&dotted, "a.b.c.d"), ["viewer false"]);
        for none in [
            json!({"sub": "1"}),
            json!({"sub": "1", "roles": "ops eyes"}),
            json!({"sub": "1", "roles": {"ops": 1}}),
        ] {
            assert!(names(&none, "roles").is_empty(), "{none}");
        }
    }

    #[test]
    fn who_and_where_somebody_is_comes_from_the_claims_that_are_named() {
        let claims = json!({"sub": "1", "org": "depot", "upn": "a@b.example", "email_verified": "true"});
        let by_claim =
            settings(json!({"organisation": null, "organisation_claim": "org", "email_claim": "upn"}));
        let read_back = read(&claims, &by_claim).unwrap();
        assert_eq!(read_back.organisation, OrganisationName::Handle("depot".into()));
        assert_eq!((read_back.email.as_deref(), read_back.email_verified), (Some("a@b.example"), true));
        assert_eq!(read(&json!({"sub": "1"}), &by_claim), Err(Refusal::Organisation));
        for subject in [json!(null), json!(" "), json!(7), json!("x".repeat(256))] {
            assert_eq!(read(&json!({"sub": subject}), &settings(json!({}))), Err(Refusal::Claims));
        }
    }

    #[test]
    fn times_are_kept_with_the_skew_and_no_longer() {
        let (now, skew) = (FakeClock::default().now(), TimeDelta::seconds(60));
        let seconds = now.timestamp();
        let times = |claims: Value| check_times(&claims, now, skew);
        assert_eq!(times(json!({"exp": seconds - 59})), Ok(()));
        assert_eq!(times(json!({"exp": seconds - 60})), Err(Refusal::Expired));
        assert_eq!(times(json!({"exp": 1.5e9})), Err(Refusal::Expired));
        assert_eq!(times(json!({"exp": seconds + 9, "nbf": seconds + 60})), Ok(()));
        assert_eq!(times(json!({"exp": seconds + 99, "nbf": seconds + 61})), Err(Refusal::NotYetValid));
        for odd in [json!({}), json!({"exp": "9999999999"}), json!({"exp": 1e300}), json!({"exp": -1})] {
            assert_eq!(times(odd), Err(Refusal::Claims));
        }
        assert_eq!(times(json!({"exp": seconds + 9, "nbf": "soon"})), Err(Refusal::Claims));
    }
}
