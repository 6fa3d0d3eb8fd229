//! Users whom another issuer vouches for.

use access::{
    AccessError, AuthError, BuiltInRole, ChangeUser, ClaimedRole, CreateUser, ForeignClaims, ForeignError,
    Identity, OrganisationName, Origin, Refusal, User, UserFilter, testing::SaidClaims,
};
use futures::executor::block_on;
use kernel::{Actor, AuditVerb, IdSource, PageRequest, Permission, Scope};

use crate::fixture::{EMAIL, Fixture, PASSWORD, fixture, new_user};

const ISSUER: &str = "https://issuer.example";

fn trusting() -> (Fixture, SaidClaims) {
    let mut f = fixture();
    let said = SaidClaims::default();
    f.access = f.access.trusting(std::sync::Arc::new(said.clone()));
    (f, said)
}

fn claims(subject: &str, role: &str) -> ForeignClaims {
    ForeignClaims {
        identity: Identity { issuer: ISSUER.into(), subject: subject.into() },
        organisation: OrganisationName::Handle("Stadtwerke".into()),
        email: Some(format!("{subject}@corp.example")),
        email_verified: true,
        display_name: Some(format!("  {subject}\n")),
        roles: [ClaimedRole { name: role.into(), group: None }].into(),
        may_link: false,
    }
}

impl Fixture {
    fn bearing(&self, token: &str) -> Result<Scope, AuthError> {
        block_on(self.access.auth.authenticate(token))
    }

    fn users(&self) -> Vec<User> {
        let page = PageRequest::default();
        block_on(self.access.users.user_list(&self.scope, &UserFilter::default(), page)).unwrap().items
    }

    fn change(&self, user: &User, change: ChangeUser) -> Result<User, AccessError> {
        block_on(self.access.users.user_change(&self.scope, user.id, None, change))
    }
}

fn why<T>(outcome: Result<T, AuthError>) -> Option<Refusal> {
    match outcome.err()? {
        AuthError::Foreign(ForeignError::Refused { why, .. }) => Some(why),
        _ => None,
    }
}

#[test]
fn who_is_seen_first_becomes_a_user_once_and_may_do_what_the_token_says() {
    let (f, said) = trusting();
    said.say("t1", claims("ada", "operator"));
    let scope = f.bearing("t1").unwrap();
    assert_eq!(scope.organisation(), f.organisation.id);
    assert_eq!(*scope.permissions(), BuiltInRole::Operator.permissions());
    let users = f.users();
    let [_, ada] = &users[..] else { panic!("one user more") };
    assert_eq!((scope.actor(), ada.display_name.as_str()), (Actor::User(ada.id), "ada"));
    assert_eq!((ada.email.as_str(), ada.roles.len()), ("ada@corp.example", 0));
    let trail = f.store.audit();
    let made = trail.last().unwrap();
    assert_eq!((made.verb, made.resource, made.actor), (AuditVerb::Create, "user", Actor::System));
    assert_eq!(made.after.as_ref().unwrap()["identity"]["subject"], "ada");
    assert_eq!(f.store.event_names().last().unwrap(), "manage.user.created.v1");

    // Another token of theirs, with another role and in a group: that counts, and nobody is made.
    let group = f.ids.uuid().into();
    let mut less = claims("ada", "viewer");
    less.roles = [ClaimedRole { name: "viewer".into(), group: Some(group) }].into();
    said.say("t2", less);
    let scope = f.bearing("t2").unwrap();
    assert!(scope.permissions().is_empty() && scope.rights().within[&group].contains(&Permission::DepotRead));
    assert_eq!(*f.bearing("t1").unwrap().permissions(), BuiltInRole::Operator.permissions());
    // A role that the organisation does not have gives nothing.
    said.say("t3", claims("ada", "emperor"));
    assert!(f.bearing("t3").unwrap().permissions().is_empty());
    assert_eq!((f.users().len(), f.store.audit().len()), (2, trail.len()));
    assert!(matches!(f.bearing("nonsense"), Err(AuthError::Refused)));
    assert_eq!(why(f.bearing("forged")), Some(Refusal::Signature));
    assert!(matches!(f.bearing("away"), Err(AuthError::Foreign(ForeignError::Away { .. }))));
}

#[test]
fn an_inactive_user_is_refused_at_once_though_the_token_is_good() {
    let (f, said) = trusting();
    said.say("t", claims("ada", "operator"));
    f.bearing("t").unwrap();
    f.bearing("t").unwrap();
    let ada = f.users().remove(1);
    f.change(&ada, ChangeUser { active: Some(false), ..ChangeUser::default() }).unwrap();
    assert_eq!(why(f.bearing("t")), Some(Refusal::Inactive));
    f.change(&ada, ChangeUser { active: Some(true), ..ChangeUser::default() }).unwrap();
    assert!(f.bearing("t").is_ok());
}

#[test]
fn the_organisation_must_exist_and_stays_the_same() {
    let (f, said) = trusting();
    let mut nowhere = claims("ada", "operator");
    nowhere.organisation = OrganisationName::Handle("Nowhere".into());
    said.say("t1", nowhere.clone());
    assert_eq!(why(f.bearing("t1")), Some(Refusal::Organisation));
    nowhere.organisation = OrganisationName::read(&f.ids.uuid().to_string());
    said.say("t2", nowhere);
    assert_eq!(why(f.bearing("t2")), Some(Refusal::Organisation));
    assert_eq!(f.users().len(), 1);

    let mut by_id = claims("ada", "operator");
    by_id.organisation = OrganisationName::read(&f.organisation.id.to_string());
    said.say("t3", by_id);
    assert!(f.bearing("t3").is_ok());
    block_on(f.access.bootstrap.ensure_organisation("Elsewhere")).unwrap();
    let mut moved = claims("ada", "operator");
    moved.organisation = OrganisationName::Handle("Elsewhere".into());
    said.say("t4", moved);
    assert_eq!(why(f.bearing("t4")), Some(Refusal::Organisation));
}

#[test]
fn such_a_user_has_no_password_and_gets_neither_one_nor_roles_here() {
    let (f, said) = trusting();
    said.say("t", claims("ada", "operator"));
    f.bearing("t").unwrap();
    let ada = f.users().remove(1);
    let verified = f.hasher.verified();
    for password in ["", PASSWORD] {
        let outcome = block_on(f.access.auth.sign_in(ada.email.as_str(), password, Origin::default()));
        assert!(matches!(outcome, Err(AuthError::Refused)));
    }
    assert_eq!(f.hasher.verified(), verified + 2, "it costs what a wrong password costs");
    let refused = |outcome| matches!(outcome, Err(AccessError::UserOfIssuer));
    assert!(refused(f.change(&ada, ChangeUser { password: Some(PASSWORD.into()), ..ChangeUser::default() })));
    let roles = Some([f.built_in(BuiltInRole::Viewer).id].into());
    assert!(refused(f.change(&ada, ChangeUser { roles, ..ChangeUser::default() })));
    assert!(refused(block_on(f.access.users.user_invite(&f.scope, ada.id)).map(|invited| invited.user)));
    let name = ChangeUser { display_name: Some("Ada L.".into()), ..ChangeUser::default() };
    assert_eq!(f.change(&ada, name).unwrap().identity, ada.identity);
}

#[test]
fn an_email_of_ours_is_not_taken_over_unless_that_is_wanted_and_it_is_verified() {
    let (f, said) = trusting();
    let eve =
        CreateUser { roles: [f.built_in(BuiltInRole::Viewer).id].into(), ..new_user("eve@depot.example") };
    let (eve, _) = block_on(f.access.users.user_create(&f.scope, eve)).unwrap();
    let tokens = block_on(f.access.auth.sign_in("eve@depot.example", PASSWORD, Origin::default())).unwrap();
    let claim = |may_link, email_verified, email: &str| ForeignClaims {
        email: Some(email.into()),
        may_link,
        email_verified,
        ..claims("eve", "operator")
    };
    said.say("t1", claim(false, true, "Eve@Depot.Example"));
    said.say("t2", claim(true, false, "eve@depot.example"));
    assert_eq!(why(f.bearing("t1")), Some(Refusal::EmailTaken));
    assert_eq!(why(f.bearing("t2")), Some(Refusal::EmailTaken));
    assert!(f.bearing(&tokens.access).is_ok());

    said.say("t3", claim(true, true, "eve@depot.example"));
    let scope = f.bearing("t3").unwrap();
    assert_eq!(scope.actor(), Actor::User(eve.id));
    assert_eq!(*scope.permissions(), BuiltInRole::Operator.permissions());
    // What was hers here has ended.
    assert!(matches!(f.bearing(&tokens.access), Err(AuthError::Refused)));
    let again = block_on(f.access.auth.sign_in("eve@depot.example", PASSWORD, Origin::default()));
    assert!(matches!(again, Err(AuthError::Refused)));
    let linked = f.users().remove(1);
    assert_eq!((linked.roles.len(), linked.identity.unwrap().subject.as_str()), (0, "eve"));

    // The last administrator of our own stays one.
    said.say("t4", ForeignClaims { email: Some(EMAIL.into()), ..claim(true, true, "") });
    let mut admin = claim(true, true, EMAIL);
    admin.identity.subject = "admin".into();
    said.say("t5", admin);
    assert!(f.bearing("t4").is_ok(), "who is known is not asked for an email");
    assert_eq!(why(f.bearing("t5")), Some(Refusal::LastAdministrator));
    assert!(block_on(f.access.auth.sign_in(EMAIL, PASSWORD, Origin::default())).is_ok());
}

#[test]
fn a_token_without_an_email_or_with_nonsense_gives_an_address_that_leads_nowhere() {
    let (f, said) = trusting();
    for (n, email) in [None, Some("no address"), Some("")].into_iter().enumerate() {
        let mut plain = claims(&format!("s{n}"), "viewer");
        (plain.email, plain.display_name) = (email.map(str::to_owned), Some("\u{7}".into()));
        said.say(&format!("t{n}"), plain);
        f.bearing(&format!("t{n}")).unwrap();
    }
    for user in &f.users()[1..] {
        assert!(user.email.as_str().ends_with("@oidc.invalid"), "{}", user.email);
        assert_eq!(user.display_name, user.email.as_str());
    }
}
