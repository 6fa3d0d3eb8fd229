//! What every store must do about users whom another issuer vouches for.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use kernel::{Begin, StoreError, Version, testing::CountingIds};

use super::{organisation, role, user};
use crate::{
    foreign::{ForeignReader, Identity},
    port::AccessTx,
};

/// The part of a store this contract talks to.
pub trait Store: Begin<dyn AccessTx> + ForeignReader {}
impl<T: Begin<dyn AccessTx> + ForeignReader> Store for T {}

fn identity(subject: &str) -> Identity {
    Identity { issuer: "https://issuer.example".into(), subject: subject.into() }
}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store) {
    let ids = CountingIds::default();
    let mut ours = organisation(&ids, "Stadtwerke");
    ours.handle = Some("stadtwerke".into());
    let theirs = organisation(&ids, "Elsewhere");
    let [planner, driver] = ["planner", "driver"].map(|name| role(&ids, ours.id, name, [].into()));
    let stranger = role(&ids, theirs.id, "planner", [].into());
    let mut ada = user(&ids, ours.id, "ada@depot.example");
    ada.identity = Some(identity("1"));
    ada.roles = [planner.id].into();
    let plain = [user(&ids, ours.id, "bo@depot.example"), user(&ids, ours.id, "cy@depot.example")];
    let mut tx = store.begin().await.unwrap();
    for organisation in [&ours, &theirs] {
        tx.organisations().organisation_insert(organisation).await.unwrap();
    }
    for role in [&planner, &driver, &stranger] {
        tx.roles().role_insert(role).await.unwrap();
    }
    // Any number of users have no identity.
    for user in plain.iter().chain([&ada]) {
        tx.users().user_insert(user).await.unwrap();
    }
    tx.commit().await.unwrap();

    assert_eq!(store.user_by_identity(&identity("1")).await.unwrap(), Some(ada.clone()));
    assert_eq!(store.user_by_identity(&identity("2")).await.unwrap(), None);
    let elsewhere = Identity { issuer: "https://other.example".into(), ..identity("1") };
    assert_eq!(store.user_by_identity(&elsewhere).await.unwrap(), None);
    assert_eq!(store.organisation_by_handle("stadtwerke").await.unwrap(), Some(ours.clone()));
    assert_eq!(store.organisation_by_handle("Elsewhere").await.unwrap(), None);
    let named = |names: &'static [&'static str]| async move {
        store.roles_by_name(ours.id, &names.iter().copied().collect()).await.unwrap()
    };
    assert_eq!(named(&["driver", "planner", "nobody"]).await, [planner, driver.clone()]);
    assert_eq!(named(&["driver"]).await, [driver]);
    assert!(named(&[]).await.is_empty());

    // An identity is one user, also in another organisation.
    let mut again = user(&ids, theirs.id, "ada@elsewhere.example");
    again.identity = Some(identity("1"));
    let mut tx = store.begin().await.unwrap();
    assert_duplicate(tx.users().user_insert(&again).await);
    drop(tx);
    let [mut bo, _] = plain;
    (bo.identity, bo.version) = (Some(identity("1")), Version(2));
    let mut tx = store.begin().await.unwrap();
    assert_duplicate(tx.users().user_update(&bo, Version(1)).await);
    drop(tx);
    // The same subject of another issuer is somebody else.
    bo.identity = Some(elsewhere.clone());
    let mut tx = store.begin().await.unwrap();
    tx.users().user_update(&bo, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.user_by_identity(&elsewhere).await.unwrap(), Some(bo));
}

fn assert_duplicate(outcome: Result<(), StoreError>) {
    match outcome {
        Err(StoreError::Duplicate { rule }) => assert_eq!(rule, "subject"),
        other => panic!("a second identity gave {other:?}"),
    }
}
