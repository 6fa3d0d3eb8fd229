//! Fetching keys: rotation, storms, and issuers that are away or odd.

use access::{ForeignError, Refusal};
use chrono::TimeDelta;
use futures::future::join_all;
use jsonwebtoken::{Algorithm, Header};
use testkit::issuer::{LocalIssuer, Mood, SigningKey};

use crate::fixture::fixture;

#[tokio::test]
async fn keys_rotate_and_old_ones_end() {
    let f = fixture().await;
    let next = SigningKey::ec("ec-2").unwrap();
    assert!(f.takes(&f.key).await);
    f.issuer.publish(&[&f.key, &next]);
    f.clock.advance(TimeDelta::seconds(30));
    assert!(f.takes(&next).await && f.takes(&f.key).await);
    assert_eq!(f.issuer.asked(), 2);
    // Taken back by the issuer: good here until keys are asked for again.
    f.issuer.publish(&[&next]);
    assert!(f.takes(&f.key).await);
    f.clock.advance(TimeDelta::minutes(15));
    assert!(f.takes(&next).await && !f.takes(&f.key).await);
}

#[tokio::test]
async fn a_key_without_a_name_is_good_where_it_is_the_only_one() {
    let f = fixture().await;
    let token = f.key.sign_as(&Header::new(Algorithm::RS256), &f.claims()).unwrap();
    assert!(f.read(&token).await.is_ok());
    let second = SigningKey::rsa("rsa-2").unwrap();
    f.issuer.publish(&[&f.key, &second]);
    f.clock.advance(TimeDelta::minutes(15));
    assert_eq!(f.why(&token).await, Some(Refusal::UnknownKey));
}

#[tokio::test]
async fn keys_that_nobody_has_cause_no_storm() {
    let f = fixture().await;
    let forger = SigningKey::ec("x").unwrap();
    let tokens: Vec<_> = (0..100)
        .map(|n| {
            let header = Header { kid: Some(format!("kid-{n}")), ..Header::new(Algorithm::ES256) };
            forger.sign_as(&header, &f.claims()).unwrap()
        })
        .collect();
    let refused = join_all(tokens.iter().map(|token| f.why(token))).await;
    assert!(refused.iter().all(|why| *why == Some(Refusal::UnknownKey)));
    assert_eq!(f.issuer.asked(), 1);
    f.clock.advance(TimeDelta::seconds(29));
    join_all(tokens.iter().map(|token| f.why(token))).await;
    assert_eq!(f.issuer.asked(), 1);
    f.clock.advance(TimeDelta::seconds(1));
    join_all(tokens.iter().map(|token| f.why(token))).await;
    assert_eq!(f.issuer.asked(), 2);
    assert!(f.takes(&f.key).await);
}

#[tokio::test]
async fn an_issuer_that_is_away_stops_nobody_for_a_day() {
    let f = fixture().await;
    f.issuer.is(Mood::Away);
    let token = f.key.sign(&f.claims()).unwrap();
    for _ in 0..5 {
        assert!(matches!(f.read(&token).await, Err(ForeignError::Away { .. })), "nobody can tell");
    }
    assert_eq!(f.issuer.asked(), 1);
    f.issuer.is(Mood::Well);
    f.clock.advance(TimeDelta::seconds(5));
    assert!(f.read(&token).await.is_ok());

    f.issuer.is(Mood::Away);
    f.clock.advance(TimeDelta::hours(23));
    assert!(f.takes(&f.key).await);
    assert!(f.takes(&f.key).await, "though it was asked and did not answer");
    let unknown = SigningKey::ec("ec-2").unwrap();
    assert_eq!(f.why(&unknown.sign(&f.claims()).unwrap()).await, Some(Refusal::UnknownKey));
    f.clock.advance(TimeDelta::hours(1));
    let long = f.key.sign(&f.claims()).unwrap();
    assert!(matches!(f.read(&long).await, Err(ForeignError::Away { .. })), "but not for ever");
    f.issuer.is(Mood::Well);
    f.clock.advance(TimeDelta::seconds(5));
    assert!(f.read(&long).await.is_ok());
}

#[tokio::test]
async fn an_odd_issuer_gives_no_keys() {
    let f = fixture().await;
    // Good keys, from where they must not come.
    let elsewhere = LocalIssuer::start(&[&f.key]).await.unwrap();
    let keys = format!("{}/keys", elsewhere.url);
    let odd = [
        Mood::AnotherName,
        Mood::Redirects(keys),
        Mood::Endless,
        Mood::KeysAt("file:///etc/passwd".into()),
        Mood::KeysAt("http://keys.example/keys".into()),
        Mood::KeysAt("https://keys.example/keys".into()),
        Mood::KeysAt("nonsense".into()),
    ];
    for mood in odd {
        f.issuer.is(mood.clone());
        let read = f.read(&f.key.sign(&f.claims()).unwrap()).await;
        assert!(matches!(read, Err(ForeignError::Away { .. })), "{mood:?} gave {read:?}");
        f.clock.advance(TimeDelta::seconds(5));
    }
    f.issuer.is(Mood::Well);
    f.issuer.publish(&[]);
    assert!(!f.takes(&f.key).await, "an empty set is no set");
}
